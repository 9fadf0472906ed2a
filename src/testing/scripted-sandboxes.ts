import type { SandboxRequest, SandboxSource } from '../env/workspace/sandbox-source.js';
import { type Sandbox, SandboxError } from '../sandbox/sandbox.js';
import { type SandboxScript, ScriptedSandbox } from './scripted-sandbox.js';

/** Makes scripted sandboxes and keeps account of who has one. */
export class ScriptedSandboxes implements SandboxSource {
  /** Every sandbox that was ever acquired, with what was asked for. */
  readonly made: { sandbox: ScriptedSandbox; request: SandboxRequest }[] = [];
  readonly #script: (request: SandboxRequest, index: number) => SandboxScript | Promise<SandboxScript>;

  /** @param script gives the behaviour of each one; what it throws fails the acquisition */
  constructor(script: (request: SandboxRequest, index: number) => SandboxScript | Promise<SandboxScript> = () => ({})) {
    this.#script = script;
  }

  /** Those that were not released. */
  get held(): ScriptedSandbox[] {
    return this.made.map(({ sandbox }) => sandbox).filter(({ destroyed }) => destroyed === 0);
  }

  async acquire(request: SandboxRequest, signal: AbortSignal): Promise<Sandbox> {
    signal.throwIfAborted();
    const script = await this.#script(request, this.made.length);
    const { gpus, resources, ...rest } = request;
    const uuids = typeof gpus === 'number' ? Array.from({ length: gpus }, (_, index) => `GPU-${index}`) : gpus;
    const spec = { ...rest, resources: { ...resources, gpus: uuids } };
    const sandbox = new ScriptedSandbox(`s${this.made.length}`, spec, script);
    this.made.push({ sandbox, request });
    return sandbox;
  }

  async adopt(id: string): Promise<Sandbox> {
    const found = this.held.find((sandbox) => sandbox.id === id);
    if (!found) throw new SandboxError('lost', `there is no sandbox ${id}`);
    return found;
  }

  async release(sandbox: Sandbox): Promise<void> {
    await sandbox.destroy();
  }
}
