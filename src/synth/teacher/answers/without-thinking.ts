/** @returns an answer without the thinking that models of open weights write before it */
export function withoutThinking(answer: string): string {
  const text = answer.replace(/^\ufeff/, '').trimStart();
  if (!text.startsWith('<think>')) return text;
  const end = text.indexOf('</think>');
  return end < 0 ? text : text.slice(end + '</think>'.length);
}
