/** @returns an answer in the text dialect: a discussion and one action between fences */
export function fencedReply(discussion: string, action: string): string {
  return `DISCUSSION\n${discussion}\n\n\`\`\`\n${action}\n\`\`\`\n`;
}
