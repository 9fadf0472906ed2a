/** What is known of an episode when a prompt is made. */
export interface PromptFacts {
  /** What the state command printed: the text of a JSON object, whose keys are variables of the templates. */
  state: string;
  /** Steps taken so far. */
  currentStep: number;
  remainingSteps: number;
}
