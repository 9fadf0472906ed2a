import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { Output } from '../../src/cli/output.js';

function collect(isTTY: boolean, environment: NodeJS.ProcessEnv = {}): { output: Output; text: () => string } {
  const stream = Object.assign(new PassThrough(), { isTTY });
  const chunks: string[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk.toString()));
  return { output: new Output(stream, environment), text: () => chunks.join('') };
}

it.each([
  [true, {}, true],
  [false, {}, false],
  [true, { NO_COLOR: '1' }, false],
  [true, { TERM: 'dumb' }, false],
  [false, { FORCE_COLOR: '1' }, true],
  [true, { NO_COLOR: '1', FORCE_COLOR: '1' }, false],
])('terminal %s with %j has colours: %s', (isTTY, environment, hasColours) => {
  const { output } = collect(isTTY, environment);
  expect(output.style('bad', 'x').includes('\u001b')).toBe(hasColours);
});

it('aligns the columns of a table, colours apart', async () => {
  const { output, text } = collect(true);
  output.table(
    ['task', 'score'],
    [
      ['a', '1'],
      [output.style('good', 'longer'), '12.5'],
    ],
    [1],
  );
  await new Promise((resolve) => setImmediate(resolve));
  const lines = text()
    .replace(/\u001b\[\d+m/g, '')
    .split('\n');
  expect(lines).toEqual(['task    score', 'a           1', 'longer   12.5', '']);
});
