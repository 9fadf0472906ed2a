import path from 'node:path';
import { PROJECT_ROOT } from '../../config.js';
import { runProgram } from './run-program.js';

// The build script itself says what decides the contents of an image, so that there is one list of it.
const ASK = `here=$1; eval "$(sed -n '/^content_files()/,/^}/p; /^content_of()/,/^}/p' "$here/build.sh")"; content_of "$2"`;

/** @returns the content hash that an image would get when it were built now; null when that cannot be told */
export async function imageContent(target: string): Promise<string | null> {
  const answer = await runProgram('bash', ['-euc', ASK, 'ask', path.join(PROJECT_ROOT, 'docker'), target]);
  return answer !== null && /^[0-9a-f]{16}$/.test(answer) ? answer : null;
}
