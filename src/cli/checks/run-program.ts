import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const DEADLINE_MS = 10_000;

/** @returns what a program prints, trimmed; null when it is not there, fails or takes too long */
export async function runProgram(name: string, args: readonly string[]): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)(name, [...args], { timeout: DEADLINE_MS, maxBuffer: 1 << 20 });
    return stdout.trim();
  } catch {
    return null;
  }
}
