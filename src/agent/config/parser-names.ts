import { closest } from '../../yaml/closest.js';
import type { ParserName } from './agent-config.js';
import type { ConfigSection } from './config-section.js';

const CLASSES: ReadonlyMap<string, ParserName> = new Map([
  ['MLGymThoughtActionParser', 'mlgym_thought_action'],
  ['ThoughtActionParser', 'thought_action'],
  ['ActionParser', 'action'],
  ['XMLThoughtActionParser', 'xml_thought_action'],
  ['EditFormat', 'edit_format'],
  ['Identity', 'identity'],
  ['JsonParser', 'json'],
]);

/** Types of SWE-agent 1, which are the names that parsers have here. */
const TYPES = [
  'thought_action',
  'action',
  'action_only',
  'xml_thought_action',
  'xml_function_calling',
  'edit_format',
  'identity',
  'function_calling',
  'json',
  'all_bash_code_blocks',
  'single_bash_code_block',
] as const satisfies readonly ParserName[];

function unknown(section: ConfigSection, key: string, name: string, known: readonly string[]): void {
  const near = closest(name, known)[0];
  section.error(key, `is ${name}, which is no parser`, near ? `write ${near}` : `write one of ${known.join(', ')}`);
}

/** The parser by the name of its class in MLGym and SWE-agent 0. @param own names that parsers have here are taken too */
export function parserClass(section: ConfigSection, key: string, own: boolean): ParserName {
  const name = section.text(key) ?? 'ThoughtActionParser';
  const names: readonly ParserName[] = own ? ['mlgym_thought_action', ...TYPES] : [];
  const parser = CLASSES.get(name) ?? names.find((candidate) => candidate === name);
  if (parser === undefined) unknown(section, key, name, [...names, ...CLASSES.keys()]);
  return parser ?? 'thought_action';
}

/** `parse_function` of SWE-agent 1. */
export function parserType(section: ConfigSection | null): ParserName {
  const type = section?.text('type') ?? 'function_calling';
  const parser = TYPES.find((candidate) => candidate === type);
  if (parser === undefined && section) unknown(section, 'type', type, TYPES);
  return parser ?? 'function_calling';
}
