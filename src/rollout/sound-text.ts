/**
 * Half of a surrogate pair has no bytes in UTF-8: neither Parquet nor Python nor a tokenizer takes it.
 * @returns the text, such halves as U+FFFD
 */
export function soundText(text: string): string {
  return /[\ud800-\udfff]/.test(text) ? text.replace(/\p{Surrogate}/gu, '\ufffd') : text;
}
