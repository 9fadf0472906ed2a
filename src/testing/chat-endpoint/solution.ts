/** Recorded actions and how the task that they solve is told. */
export interface Solution {
  /** A text of the task's description, as prompts show it. */
  match: string;
  actions: readonly string[];
}
