import { tmpdir } from 'node:os';
import path from 'node:path';

/** A directory for the sandboxes of one test file; short, because a socket path has at most 107 bytes. */
export function testRunDir(name: string): string {
  return path.join(process.getuid?.() === 0 ? '/run' : tmpdir(), `gymsmith-test-${name}-${process.pid}`);
}
