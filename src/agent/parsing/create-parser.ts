import type { CommandDefinition, ParserName } from '../config/agent-config.js';
import { allBashBlocksParser, singleBashBlockParser } from './bash-block-parsers.js';
import { createJsonParser } from './json-parser.js';
import type { ResponseParser } from './response-parser.js';
import {
  actionOnlyParser,
  createActionParser,
  editFormatParser,
  identityParser,
  mlgymThoughtActionParser,
  thoughtActionParser,
  xmlThoughtActionParser,
} from './text-parsers.js';
import { createXmlFunctionParser } from './xml-function-parser.js';

/** Parsers read text; calls of tools are read by their dialect. */
export type TextParserName = Exclude<ParserName, 'function_calling'>;

/**
 * @param commands those that an agent may use; some parsers read no other, or write them as their signatures say
 * @throws Error for a command whose signature or argument form is no template
 */
export function createParser(name: TextParserName, commands: readonly CommandDefinition[]): ResponseParser {
  switch (name) {
    case 'mlgym_thought_action':
      return mlgymThoughtActionParser;
    case 'thought_action':
      return thoughtActionParser;
    case 'action':
      return createActionParser(commands.map((command) => command.name));
    case 'action_only':
      return actionOnlyParser;
    case 'xml_thought_action':
      return xmlThoughtActionParser;
    case 'edit_format':
      return editFormatParser;
    case 'identity':
      return identityParser;
    case 'json':
      return createJsonParser(commands);
    case 'single_bash_code_block':
      return singleBashBlockParser;
    case 'all_bash_code_blocks':
      return allBashBlocksParser;
    case 'xml_function_calling':
      return createXmlFunctionParser(commands);
  }
}
