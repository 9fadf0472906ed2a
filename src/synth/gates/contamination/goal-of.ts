/** Words that every synthesized task ends with; see `generation/task-description.ts`. */
const TEMPLATE = /(?:\n\n|\{dataset_docs\})baseline\.py is a first solution to beat[\s\S]*$/;

/** @returns what the description of a task in a pack says of its own goal, without the words that all synthesized tasks share */
export function goalOf(description: string): string {
  return description
    .replace(TEMPLATE, '')
    .replaceAll('{dataset_docs}', '\n')
    .replaceAll('{{', '{')
    .replaceAll('}}', '}')
    .trim();
}
