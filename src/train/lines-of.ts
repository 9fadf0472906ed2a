import { StringDecoder } from 'node:string_decoder';

/** @returns a sink of bytes that gives each whole line; what ends without a line break was cut and is dropped */
export function linesOf(onLine: (line: string) => void): (chunk: Buffer) => void {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  return (chunk) => {
    const lines = (rest + decoder.write(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  };
}
