import type { CommandDefinition } from '../config/agent-config.js';
import type { ToolDefinition } from '../models/model.js';
import { createCommandLine } from '../parsing/command-line.js';
import { BASH_TOOL, OWN_TOOLS, SUBMIT_TOOL } from './own-tools.js';
import { definitionOf, type Tool } from './tool.js';

/** What MLGym's and SWE-agent's documentation calls the arguments of the commands that every sandbox has. */
const DOCUMENTED: Readonly<Record<string, string>> = {
  bash: 'command',
  open: 'path line_number',
  goto: 'line_number',
  create: 'filename',
  edit: 'start_line end_line replacement_text',
  insert: 'line_number text_to_add',
  search_dir: 'search_term dir',
  search_file: 'search_term file',
  find_file: 'file_name dir',
};

/** The tool of ours that a command is, unless an agent brings another command of that name. */
function ownTool(command: CommandDefinition): Tool | undefined {
  const tool = OWN_TOOLS.find(({ name }) => name === command.name);
  const names = command.arguments.map(({ name }) => name).join(' ');
  const known = [tool?.arguments.map(({ name }) => name).join(' '), DOCUMENTED[command.name] ?? ''];
  return known.includes(names) ? tool : undefined;
}

/** A command of an agent's own: its call becomes a command line. */
function customTool(command: CommandDefinition): Tool {
  const write = createCommandLine(command);
  return {
    name: command.name,
    description: command.docstring ?? command.signature ?? command.name,
    arguments: command.arguments,
    ignored: command.endName,
    act: (values) => ({ action: write(values), sent: null }),
  };
}

/**
 * The tools of an agent: a shell, its commands, and a way to hand in.
 * @param commands none: all commands that every sandbox has
 * @throws Error for a command whose signature or argument form is no template
 */
export function createTools(commands: readonly CommandDefinition[]): ReadonlyMap<string, Tool> {
  if (commands.length === 0) return new Map(OWN_TOOLS.map((tool) => [tool.name, tool]));
  const tools = new Map([[BASH_TOOL.name, BASH_TOOL]]);
  for (const command of commands) tools.set(command.name, ownTool(command) ?? customTool(command));
  if (!tools.has(SUBMIT_TOOL.name)) tools.set(SUBMIT_TOOL.name, SUBMIT_TOOL);
  return tools;
}

/** @returns what an endpoint is told of the tools of an agent with these commands. @throws as `createTools` does */
export function toolDefinitions(commands: readonly CommandDefinition[]): ToolDefinition[] {
  return [...createTools(commands).values()].map(definitionOf);
}
