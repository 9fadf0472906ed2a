import path from 'node:path';

/** @returns the name of an agent that ships, or where the file of one lies, whatever the working directory */
export function placedAgent(nameOrFile: string): string {
  return /[/\\.]/.test(nameOrFile) ? path.resolve(nameOrFile) : nameOrFile;
}
