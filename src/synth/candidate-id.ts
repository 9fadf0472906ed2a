const TOPIC_DIGITS = 4;
const WORDS_LENGTH = 40;

/** @returns `0007-2-slug-of-topic`, by which candidates are ordered */
export function candidateId(topic: number, task: number, title: string): string {
  return `${String(topic).padStart(TOPIC_DIGITS, '0')}-${task}-${words(title)}`;
}

/** @returns the number of a candidate's topic, and its own within the topic, both from 1; null for an id of another form */
export function numbersOf(id: string): { topic: number; task: number } | null {
  const [, topic, task] = /^(\d+)-(\d+)(?:-|$)/.exec(id) ?? [];
  return topic === undefined ? null : { topic: Number(topic), task: Number(task) };
}

function words(title: string): string {
  const plain = title
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}+/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, WORDS_LENGTH)
    .replace(/^-+|-+$/g, '');
  return plain || 'topic';
}
