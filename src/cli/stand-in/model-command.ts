import { readFile } from 'node:fs/promises';
import { Command, Option } from 'commander';
import type { ChatPolicy, JournalEntry } from '../../testing/chat-endpoint/chat-endpoint.js';
import type { FaultName } from '../../testing/chat-endpoint/faulty-policy.js';
import { CliError } from '../cli-error.js';
import { count } from '../config-flags.js';
import { Output } from '../output.js';
import { terminalText } from '../play/terminal-text.js';
import { addFault, checkFaults } from './fault-rates.js';
import { untilSignal } from './until-signal.js';

interface Flags {
  script?: string;
  solutions?: string;
  host: string;
  port: number;
  key?: string;
  contextTokens?: number;
  firstTokenMs?: number;
  tokenMs?: number;
  fault?: Partial<Record<FaultName, number>>;
  seed: number;
}

const EXAMPLES = `
Examples:
  gymsmith stand-in model --solutions packs/reference
  gymsmith stand-in model --script answers.json --port 9000
  gymsmith stand-in model --solutions packs/reference --fault rate_limit=0.1 --fault cut_late=0.05 --seed 7
  OPENAI_BASE_URL=http://127.0.0.1:8766/v1 gymsmith run reference/breast-cancer --model stand-in

A script is [turn, ...] or {"turns": [...], "repeat": true}; a turn is a text, {"text", "tool_calls", "reasoning", "refusal", "cut", ...}
or {"status": 429, "headers": {"retry-after": "2"}}.
Faults: rate_limit server_error html garbage no_choice cut_early cut_late empty null_content refusal cut_off`;

/** `gymsmith stand-in model` */
export function modelCommand(): Command {
  return new Command('model')
    .description('an endpoint that speaks chat completions: scripted answers, recorded solutions, faults')
    .option('--script <file>', 'turns in the order of the chats that come')
    .option('--solutions <pack>', 'play the recorded solutions of a pack, in any number of episodes')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <n>', 'port to listen on, 0 for any', count(0, 65_535), 8766)
    .option('--key <key>', 'key that clients must send')
    .option('--context-tokens <n>', 'refuse longer chats', count(1))
    .option('--first-token-ms <n>', 'wait before the first piece of an answer', count(0))
    .option('--token-ms <n>', 'wait between two pieces', count(0))
    .addOption(new Option('--fault <name=rate>', 'share of answers that fail so, may be repeated').argParser(addFault))
    .option('--seed <n>', 'which answers fail', count(0), 0)
    .addHelpText('after', EXAMPLES)
    .action(serveModel);
}

async function serveModel(flags: Flags): Promise<void> {
  const output = new Output();
  const [{ ChatEndpoint }, { faultyPolicy, FAULT_NAMES }] = await Promise.all([
    import('../../testing/chat-endpoint/chat-endpoint.js'),
    import('../../testing/chat-endpoint/faulty-policy.js'),
  ]);
  checkFaults(flags.fault ?? {}, FAULT_NAMES);
  const { fault: rates, seed, firstTokenMs, tokenMs, host, port, key, contextTokens } = flags;
  const policy = faultyPolicy(await policyOf(flags), { rates, seed, firstTokenMs, tokenMs });
  const models = contextTokens === undefined ? undefined : [{ id: 'stand-in', max_model_len: contextTokens }];
  const onRequest = (entry: JournalEntry) => output.line(requestLine(entry));
  const endpoint = await ChatEndpoint.start(policy, { host, port, key, models, onRequest }).catch((error: Error) => {
    throw new CliError(
      `The stand-in cannot listen on ${host}:${port}: ${error.message}`,
      'Choose another: --port, 0 for any.',
    );
  });
  output.line(`${output.style('heading', 'listening')}  ${endpoint.url}`);
  output.line(`${output.style('heading', 'use it')}     --base-url ${endpoint.url} --model stand-in`);
  await untilSignal();
  await endpoint.close();
}

async function policyOf({ script, solutions }: Flags): Promise<ChatPolicy> {
  if ((script === undefined) === (solutions === undefined)) {
    throw new CliError('Say what the model answers: --script or --solutions, one of them.', null, 2);
  }
  if (solutions !== undefined) {
    const [{ readSolutions }, { solutionPolicy }] = await Promise.all([
      import('../../testing/chat-endpoint/read-solutions.js'),
      import('../../testing/chat-endpoint/solution-policy.js'),
    ]);
    return solutionPolicy(
      await readSolutions(solutions).catch((error: Error) => Promise.reject(new CliError(error.message))),
    );
  }
  const { scriptPolicy } = await import('../../testing/chat-endpoint/script-policy.js');
  try {
    return scriptPolicy(JSON.parse(await readFile(script!, 'utf8')));
  } catch (error) {
    throw new CliError(`${script} is no script of a stand-in: ${(error as Error).message}`);
  }
}

function requestLine({ method, path, status, ending, body }: JournalEntry): string {
  const chat = body as { messages?: unknown[]; stream?: boolean } | null;
  const messages = Array.isArray(chat?.messages)
    ? `  ${chat.messages.length} messages${chat.stream ? ', streamed' : ''}`
    : '';
  return terminalText(`${method} ${path}  ${status ?? '-'} ${ending}${messages}`);
}
