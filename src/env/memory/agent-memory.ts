import { log } from '../../log.js';
import { type Sandbox, SandboxError } from '../../sandbox/sandbox.js';
import { MEMORY_FILE_BYTES } from '../limits.js';
import { type Memories, MemoryFault, memoryDigest, type RememberedTask } from './memory-store.js';

/** Where agents find what they noted: MLGym's place. */
const MEMORY_FILE = '/home/agent/memory.json';

/** Puts the memory file of a task into a sandbox. @returns its digest. @throws SandboxError */
export async function giveMemory(sandbox: Sandbox, task: RememberedTask, memories: Memories): Promise<string> {
  const contents = await memories.read(task);
  await sandbox.putFiles([{ path: MEMORY_FILE, contents, mode: 0o644, user: 'agent' }]);
  return memoryDigest(contents);
}

/**
 * Keeps the memory file of a sandbox for the next episode of its task. One that is too large, a link, or no memory file is left, and what
 * was kept before stays. Never rejects.
 * @param given digest of the file that the agent was given
 */
export async function keepMemory(
  sandbox: Sandbox,
  task: RememberedTask,
  memories: Memories,
  given: string,
): Promise<void> {
  try {
    await memories.keep(task, given, await sandbox.getFile(MEMORY_FILE, MEMORY_FILE_BYTES));
  } catch (error) {
    const isAgents = error instanceof MemoryFault || (error instanceof SandboxError && error.code !== 'lost');
    const facts = isAgents ? { reason: error.message } : { err: error };
    log.warn({ ...facts, task: task.envId }, 'the memory of an episode is not kept');
  }
}
