/** A prompt cannot be made: the template, its values or the state are at fault, not the model. */
export class PromptError extends Error {
  override readonly name = 'PromptError';
}
