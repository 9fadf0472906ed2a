import type { Action } from '../../protocol/index.js';
import type { CommandArgument } from '../config/agent-config.js';
import type { ToolDefinition } from '../models/model.js';
import type { ArgumentValues } from '../parsing/command-line.js';

/** What a call of a tool does. */
export interface ToolAction {
  /** As trajectories show it. */
  action: string;
  /** The typed form to send; null: the text of the action. */
  sent: Action | null;
}

/** A function that a model may call. */
export interface Tool {
  name: string;
  description: string;
  arguments: readonly CommandArgument[];
  /** A name that models like to add to the arguments and that says nothing. */
  ignored: string | null;
  /** @param values of the right types, the required ones among them, none null */
  act(values: ArgumentValues): ToolAction;
}

/** Types of JSON schema, and the words that documentation of commands has for them. */
const TYPES: Readonly<Record<string, string>> = {
  string: 'string',
  str: 'string',
  integer: 'integer',
  int: 'integer',
  number: 'number',
  float: 'number',
  boolean: 'boolean',
  bool: 'boolean',
  array: 'array',
  list: 'array',
  object: 'object',
};

/** @returns the type of JSON schema that an argument has; a text when its definition says nothing known */
export function schemaType(type: string): string {
  return (Object.hasOwn(TYPES, type) && TYPES[type]) || 'string';
}

function schemaOf({ type, description, values, elementType }: CommandArgument): Record<string, unknown> {
  const known = schemaType(type);
  return {
    type: known,
    description,
    ...(known === 'array' && { items: { type: schemaType(elementType ?? 'string') } }),
    ...(values && { enum: values }),
  };
}

/** @returns what an endpoint is told of a tool */
export function definitionOf(tool: Tool): ToolDefinition {
  return {
    name: tool.name,
    description: tool.description,
    parameters: {
      type: 'object',
      properties: Object.fromEntries(tool.arguments.map((argument) => [argument.name, schemaOf(argument)])),
      required: tool.arguments.filter(({ required }) => required).map(({ name }) => name),
      additionalProperties: false,
    },
  };
}
