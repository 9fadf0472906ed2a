import { EnvClient } from '../../client/index.js';
import type { TaskSummary } from '../../protocol/index.js';
import { chooseTasks } from '../../rollout/sampling/choose-tasks.js';
import type { SampleSettings } from '../../rollout/sampling/sample-settings.js';
import type { GymServer } from '../../rollout/sampling/sampler-options.js';
import { CliError } from '../cli-error.js';
import { configOf, type GymFlags } from '../config-flags.js';

/** Where a run is played, looked at once. */
export interface SampleServers {
  servers: readonly GymServer[];
  /** What the patterns of the settings choose. */
  tasks: readonly TaskSummary[];
  /** In words. */
  where: string;
  /** Episodes that all of them hold at once. */
  capacity: number;
  /** Ends a gym inside this process. Idempotent, never rejects. */
  close(): Promise<void>;
}

/** How others are reached. */
type PlaceFlags = Pick<GymFlags, 'backend'> & { token?: string };

/**
 * Opens what the settings name: servers, or a gym inside this process, and asks each what it has.
 * @throws CliError for patterns that choose no task, and servers that differ in a task; RpcError, ClientError
 */
export async function openSampleServers(settings: SampleSettings, flags: PlaceFlags): Promise<SampleServers> {
  const opened = settings.servers.length > 0 ? remote(settings.servers, flags) : await local(settings, flags);
  try {
    const looks = await Promise.all(opened.servers.map(look));
    const known = new Map<string, TaskSummary>();
    for (const { tasks, url } of looks) for (const task of tasks) add(known, task, url);
    const { tasks, unmatched } = chooseTasks([...known.values()], settings.tasks, settings.exclude);
    if (unmatched.length > 0) throw noTask(unmatched, known.size);
    if (tasks.length === 0) throw new CliError('Every task is left out by --exclude.', null, 2);
    return { ...opened, tasks, capacity: looks.reduce((sum, { capacity }) => sum + capacity, 0) };
  } catch (error) {
    await opened.close();
    throw error;
  }
}

type Opened = Pick<SampleServers, 'servers' | 'where' | 'close'>;

function remote(addresses: readonly string[], flags: PlaceFlags): Opened {
  const token = flags.token ?? configOf({}).token;
  const servers = addresses.map((url): GymServer => {
    return {
      url,
      connect: ({ sessionToken, signal, onState }) => EnvClient.connect(url, { token, sessionToken, signal, onState }),
    };
  });
  return { servers, where: addresses.join(', '), close: async () => {} };
}

async function local({ packs }: SampleSettings, { backend }: PlaceFlags): Promise<Opened> {
  const { openLocalGym } = await import('../gym/local-gym.js');
  const gym = await openLocalGym({ backend, ...(packs.length > 0 && { pack: [...packs] }) });
  const server: GymServer = { url: null, connect: ({ signal, onState }) => gym.connect({ signal, onState }) };
  return { servers: [server], where: gym.where, close: () => gym.close() };
}

async function look(server: GymServer) {
  const client = await server.connect({ signal: new AbortController().signal, onState: () => {} });
  try {
    const [tasks, capacity] = await Promise.all([client.listTasks(), client.capacity()]);
    return { url: server.url, tasks, capacity: capacity.episodes.limit };
  } finally {
    await client.close();
  }
}

function add(known: Map<string, TaskSummary>, task: TaskSummary, url: string | null): void {
  const before = known.get(task.task);
  if (before !== undefined && before.content_hash !== task.content_hash) {
    throw new CliError(
      `${url ?? 'The gym'} serves another ${task.task} than the server before it: their contents differ.`,
      'Give all servers the same packs.',
    );
  }
  known.set(task.task, task);
}

function noTask(unmatched: readonly { pattern: string; nearest: string[] }[], count: number): CliError {
  const lines = unmatched.map(({ pattern, nearest }) => {
    const hint = nearest.length > 0 ? ` - did you mean ${nearest.join(' or ')}?` : '';
    return `  --task ${pattern}: no task has such a name${hint}`;
  });
  return new CliError(
    `There are ${count} tasks, and these are not among them:\n${lines.join('\n')}`,
    'All of them: gymsmith tasks list',
    2,
  );
}
