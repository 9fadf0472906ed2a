import type { ConfigSection } from './config-section.js';

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const VALUE_MAX_CHARACTERS = 4096;

/** The shell variables of `env_variables`, as the file spells them. @param key field of the section */
export function readVariables(section: ConfigSection, key = 'env_variables'): Record<string, string> {
  const list = section.section(key);
  const variables: Record<string, string> = {};
  for (const [name, value] of list?.entries() ?? []) {
    if (!NAME.test(name)) list?.error(name, 'is no name of a shell variable', 'use letters, digits and "_"');
    else if (value.length > VALUE_MAX_CHARACTERS) {
      list?.error(name, `is longer than ${VALUE_MAX_CHARACTERS} characters`, 'put long texts into a file of the task');
    } else variables[name] = value;
  }
  return variables;
}
