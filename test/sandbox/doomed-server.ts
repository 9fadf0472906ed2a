import { readConfig } from '../../src/config.js';
import { Owners } from '../../src/files/owners.js';
import { LocalBackend } from '../../src/sandbox/local/local-sandbox.js';
import { SandboxPool } from '../../src/sandbox/sandbox-pool.js';
import { conformanceSpec } from './conformance-spec.js';

// A server's way of life up to the moment at which its test kills it: an owner, a pool, a sandbox whose command runs.
const runDir = process.argv[2]!;
const owner = await new Owners(runDir).claim('server');
const backend = new LocalBackend({ rootfs: readConfig().rootfs, runDir });
const pool = new SandboxPool(backend, { warm: 1, labels: { owner: owner.id } });
const sandbox = await pool.take(conformanceSpec(owner.id));
const keepBytes = { head: 1000, tail: 1000 };
const onOutput = async (): Promise<void> => {
  while (pool.stats().warm === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  process.stdout.write(JSON.stringify({ id: sandbox.id, owner: owner.id }));
};
const command = 'echo begun; sleep 1; echo done; left=behind';
await sandbox.run(command, { commandId: 'running', timeoutMs: 30_000, keepBytes, onOutput: () => void onOutput() });
setInterval(() => {}, 1000);
