export { channelPair } from '../protocol/channel.js';
export { EchoCatalogue } from './echo-catalogue.js';
export { EchoEnv, type EchoJournal } from './echo-env.js';
export { FlakyProxy } from './flaky-proxy.js';
export {
  type SandboxScript,
  type ScriptedCommand,
  type ScriptedResult,
  ScriptedSandbox,
} from './scripted-sandbox.js';
export { ScriptedSandboxes } from './scripted-sandboxes.js';
export { TestServer } from './test-server.js';
