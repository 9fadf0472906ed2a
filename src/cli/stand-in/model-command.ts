import { readFile } from 'node:fs/promises';
import { Command, Option } from 'commander';
import type { ChatPolicy, JournalEntry } from '../../testing/chat-endpoint/chat-endpoint.js';
import type { FaultName } from '../../testing/chat-endpoint/faulty-policy.js';
import type { Temper } from '../../testing/chat-endpoint/temper.js';
import { CliError } from '../cli-error.js';
import { count } from '../config-flags.js';
import { Output } from '../output.js';
import { terminalText } from '../play/terminal-text.js';
import { addFault, checkFaults } from './fault-rates.js';
import { untilSignal } from './until-signal.js';

interface Flags {
  script?: string;
  solutions?: string;
  model?: string[];
  requestsPerMinute?: number;
  tokensPerMinute?: number;
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
  gymsmith stand-in model --solutions packs/reference --requests-per-minute 600 --tokens-per-minute 2000000 \\
    --model strong=solves:8,baseline:2,detours:0-4,thoughts:200-3000,latency:1000-20000 \\
    --model weak=solves:1,baseline:3,wanders:4,leaves:2,format:0.1
  OPENAI_BASE_URL=http://127.0.0.1:8766/v1 gymsmith run reference/breast-cancer --model stand-in

A model of --model is known by its name and has a temper. How its episodes go, by weights: solves (the recorded solution), baseline
(hands in what is there before anything is changed), wanders (reads, and never hands in), leaves (exit_forfeit). What they are like:
detours (steps that only read), output (bytes that those print), thoughts (characters before an action), latency (milliseconds), each a
number or a range; format (share of answers without an action). All of it follows from the seed of a request and its chat: the same
after a restart, whatever else is asked. Limits a minute are of each model and told as OpenAI does: 429, retry-after, x-ratelimit-*.

A script is [turn, ...] or {"turns": [...], "repeat": true}; a turn is a text, {"text", "tool_calls", "reasoning", "refusal", "cut", ...}
or {"status": 429, "headers": {"retry-after": "2"}}.
Faults: rate_limit server_error html garbage no_choice cut_early cut_late empty null_content refusal cut_off slow`;

const addModel = (value: string, before: string[] = []): string[] => [...before, value];

/** `gymsmith stand-in model` */
export function modelCommand(): Command {
  return new Command('model')
    .description('an endpoint that speaks chat completions: scripted answers, recorded solutions, faults')
    .option('--script <file>', 'turns in the order of the chats that come')
    .option('--solutions <pack>', 'play the recorded solutions of a pack, in any number of episodes')
    .addOption(
      new Option('--model <name=temper>', 'a model and how well it plays the solutions, may be repeated').argParser(
        addModel,
      ),
    )
    .option('--requests-per-minute <n>', 'refuse more of one model', count(1))
    .option('--tokens-per-minute <n>', 'refuse more of one model', count(1))
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
  const names = flags.model === undefined ? undefined : Object.keys(await tempersOf(flags));
  const known = names ?? (contextTokens === undefined ? undefined : ['stand-in']);
  const models = known?.map((id) => ({ id, ...(contextTokens !== undefined && { max_model_len: contextTokens }) }));
  const perMinute = { requests: flags.requestsPerMinute, tokens: flags.tokensPerMinute };
  const onRequest = (entry: JournalEntry) => output.line(requestLine(entry));
  const options = { host, port, key, models, perMinute, onRequest };
  const endpoint = await ChatEndpoint.start(policy, options).catch((error: Error) => {
    throw new CliError(
      `The stand-in cannot listen on ${host}:${port}: ${error.message}`,
      'Choose another: --port, 0 for any.',
    );
  });
  output.line(`${output.style('heading', 'listening')}  ${endpoint.url}`);
  output.line(
    `${output.style('heading', 'use it')}     --base-url ${endpoint.url} --model ${known?.[0] ?? 'stand-in'}`,
  );
  await untilSignal();
  await endpoint.close();
}

async function policyOf(flags: Flags): Promise<ChatPolicy> {
  const { script, solutions, model } = flags;
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
      await tempersOf(flags),
    );
  }
  if (model !== undefined) throw new CliError('--model says how recorded solutions are played.', 'Add --solutions.', 2);
  const { scriptPolicy } = await import('../../testing/chat-endpoint/script-policy.js');
  try {
    return scriptPolicy(JSON.parse(await readFile(script!, 'utf8')));
  } catch (error) {
    throw new CliError(`${script} is no script of a stand-in: ${(error as Error).message}`);
  }
}

/** @returns tempers by the names of models */
async function tempersOf({ model = [] }: Flags): Promise<Record<string, Temper>> {
  const { parseTemper } = await import('../../testing/chat-endpoint/temper.js');
  const read = (text: string) => {
    try {
      const { name, temper } = parseTemper(text);
      return [name, temper] as const;
    } catch (error) {
      throw new CliError(
        `--model ${text}: ${(error as Error).message}`,
        'gymsmith stand-in model --help shows some.',
        2,
      );
    }
  };
  return Object.fromEntries(model.map(read));
}

function requestLine({ method, path, status, ending, body }: JournalEntry): string {
  const chat = body as { messages?: unknown[]; stream?: boolean } | null;
  const messages = Array.isArray(chat?.messages)
    ? `  ${chat.messages.length} messages${chat.stream ? ', streamed' : ''}`
    : '';
  return terminalText(`${method} ${path}  ${status ?? '-'} ${ending}${messages}`);
}
