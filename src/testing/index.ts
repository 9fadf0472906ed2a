export { channelPair } from '../protocol/channel.js';
export {
  ChatEndpoint,
  type ChatEndpointOptions,
  type ChatPolicy,
  type JournalEntry,
} from './chat-endpoint/chat-endpoint.js';
export type { ChatRequest } from './chat-endpoint/chat-request.js';
export type { ChatTurn } from './chat-endpoint/chat-turn.js';
export { FAULT_NAMES, type FaultName, faultyPolicy, type Misbehaviour } from './chat-endpoint/faulty-policy.js';
export { readSolutions } from './chat-endpoint/read-solutions.js';
export type { Solution } from './chat-endpoint/solution.js';
export { solutionPolicy } from './chat-endpoint/solution-policy.js';
export { PLAIN, parseTemper, Temper } from './chat-endpoint/temper.js';
export { EchoCatalogue } from './echo-catalogue.js';
export { EchoEnv, type EchoJournal } from './echo-env.js';
export { FlakyProxy } from './flaky-proxy.js';
export type { HubAccount } from './hub-stand-in/hub-account.js';
export { HUB_FAULTS, type HubFault, type HubFaultName } from './hub-stand-in/hub-fault.js';
export { HubStandIn, type HubStandInOptions } from './hub-stand-in/hub-stand-in.js';
export { loadHubRepos } from './hub-stand-in/load-hub-repos.js';
export {
  type SandboxScript,
  type ScriptedCommand,
  type ScriptedResult,
  ScriptedSandbox,
} from './scripted-sandbox.js';
export { ScriptedSandboxes } from './scripted-sandboxes.js';
export { TestServer } from './test-server.js';
