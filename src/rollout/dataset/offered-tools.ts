import { z } from 'zod';
import type { CommandDefinition } from '../../agent/config/agent-config.js';
import { toolDefinitions } from '../../agent/dialects/tool-definitions.js';
import { type Dumpable, pythonDump } from '../../python/python-dump.js';
import type { TrajectoryFile } from '../read-trajectory.js';

const Argument = z.object({
  name: z.string(),
  type: z.string(),
  description: z.string(),
  required: z.boolean(),
  values: z.array(z.string()).optional(),
  elementType: z.string().optional(),
  format: z.string().optional(),
});

const Commands = z.object({
  commands: z.array(
    z.object({
      name: z.string(),
      docstring: z.string().nullable(),
      signature: z.string().nullable(),
      endName: z.string().nullable(),
      arguments: z.array(Argument),
    }),
  ),
});

/** Definitions by the commands that they were made of: the episodes of an agent share them. */
const known = new Map<string, readonly string[]>();
const KNOWN = 64;

/**
 * The tools that an agent was offered, as endpoints hand them to a template: each as JSON text in Python's form.
 * @returns none where actions were text, and where the file does not say (it is not of ours)
 */
export function offeredTools({ gymsmith }: TrajectoryFile['trajectory']): readonly string[] {
  if (gymsmith?.agent.parser !== 'function_calling') return [];
  const read = Commands.safeParse(gymsmith.agent.config);
  if (!read.success) return [];
  const key = JSON.stringify(read.data.commands);
  const made = known.get(key) ?? definitions(read.data.commands);
  if (known.size >= KNOWN) known.clear();
  known.set(key, made);
  return made;
}

function definitions(commands: readonly CommandDefinition[]): readonly string[] {
  return toolDefinitions(commands).map((tool) =>
    // A JSON schema is plain data.
    pythonDump({ type: 'function', function: { ...tool, parameters: tool.parameters as Dumpable } }, null, false),
  );
}
