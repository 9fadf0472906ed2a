import type { Context } from 'hono';

/** Prefix under which every task has the OpenEnv routes to itself. */
export const TASK_PREFIX = '/env/:namespace/:name';

/** @returns the task that the address of a request names; null when it names none */
export function taskOfPath(c: Context): string | null {
  const { namespace, name } = c.req.param() as { namespace?: string; name?: string };
  return namespace && name ? `${namespace}/${name}` : null;
}
