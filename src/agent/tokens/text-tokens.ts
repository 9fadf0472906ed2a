/** Counts the tokens of a text: those that a tokenizer adds around texts are not among them. */
export interface TextTokens {
  count(text: string): number;
}
