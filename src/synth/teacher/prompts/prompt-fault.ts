/** A prompt that cannot be used; the message names file and line and says what to change. */
export class PromptFault extends Error {
  override readonly name = 'PromptFault';

  /** @param faults each with its place */
  constructor(readonly faults: readonly string[]) {
    super(faults.length === 1 ? faults[0] : `Prompts that cannot be used:\n  ${faults.join('\n  ')}`);
  }
}
