import type { Dialect, DialectConfig, FaultTexts } from './dialect.js';
import { TextDialect } from './text-dialect.js';
import { ToolsDialect } from './tools-dialect.js';

/**
 * @param texts the agent's own words for outputs that cannot be used
 * @throws Error for a command whose signature or argument form is no template
 */
export function createDialect(config: DialectConfig, texts: FaultTexts): Dialect {
  const { parser } = config;
  return parser === 'function_calling' ? new ToolsDialect(config, texts) : new TextDialect(config, parser, texts);
}
