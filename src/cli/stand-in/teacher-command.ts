import { Command, Option } from 'commander';
import type { JournalEntry } from '../../testing/chat-endpoint/chat-endpoint.js';
import type { FaultName } from '../../testing/chat-endpoint/faulty-policy.js';
import { CliError } from '../cli-error.js';
import { count } from '../config-flags.js';
import { Output } from '../output.js';
import { terminalText } from '../play/terminal-text.js';
import { addFault, checkFaults } from './fault-rates.js';
import { untilSignal } from './until-signal.js';

interface Flags {
  recordings?: string;
  prompts?: string;
  topic?: string[];
  host: string;
  port: number;
  key?: string;
  jsonSchema: boolean;
  firstTokenMs: number;
  tokenMs: number;
  spread: number;
  fault?: Partial<Record<FaultName, number>>;
  seed: number;
}

const EXAMPLES = `
Examples:
  gymsmith stand-in teacher
  gymsmith stand-in teacher --topic penguin-mass --topic auction-bidding
  gymsmith stand-in teacher --first-token-ms 800 --token-ms 12 --seed 7
  OPENAI_BASE_URL=http://127.0.0.1:8768/v1 gymsmith synth run ...

It knows some forty topics, sound ones and ones with the faults of real teachers: stand-ins/teacher/README.md. Their datasets are
those of \`gymsmith stand-in hub\`. Begin each run with a new stand-in: it counts the attempts of a topic.
Faults of the endpoint: rate_limit server_error html garbage no_choice cut_early cut_late empty null_content refusal cut_off slow`;

function addTopic(name: string, before: string[] = []): string[] {
  return [...before, name];
}

/** `gymsmith stand-in teacher` */
export function teacherCommand(): Command {
  return new Command('teacher')
    .description('the model that writes tasks: recorded topics, proposals, programs, repairs and episodes')
    .option('--recordings <directory>', 'recorded replies; default: those that ship')
    .option('--prompts <directory>', 'prompts that it recognises; default: those that ship')
    .addOption(new Option('--topic <name>', 'know only this topic, may be repeated').argParser(addTopic))
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <n>', 'port to listen on, 0 for any', count(0, 65_535), 8768)
    .option('--key <key>', 'key that clients must send')
    .option('--no-json-schema', 'refuse to be held to a JSON schema, as many endpoints do')
    .option('--first-token-ms <n>', 'median wait before an answer', count(0), 0)
    .option('--token-ms <n>', 'wait for each token of it', count(0), 0)
    .option('--spread <n>', 'standard deviation of the logarithm of the first wait', Number, 0.5)
    .addOption(new Option('--fault <name=rate>', 'share of answers that fail so, may be repeated').argParser(addFault))
    .option('--seed <n>', 'which answers fail, and how long each takes', count(0), 0)
    .addHelpText('after', EXAMPLES)
    .action(serveTeacher);
}

async function serveTeacher(flags: Flags): Promise<void> {
  const output = new Output();
  const [{ startTeacherStandIn }, { FAULT_NAMES }] = await Promise.all([
    import('../../testing/teacher-stand-in/start-teacher-stand-in.js'),
    import('../../testing/chat-endpoint/faulty-policy.js'),
  ]);
  checkFaults(flags.fault ?? {}, FAULT_NAMES);
  const { recordings, prompts, topic, host, port, key, jsonSchema, firstTokenMs, tokenMs, spread, fault, seed } = flags;
  const { endpoint, tasks } = await startTeacherStandIn({
    recordings,
    prompts,
    topics: topic,
    host,
    port,
    key,
    refuses: jsonSchema ? [] : ['response_format'],
    latency: { firstTokenMs, tokenMs, spread, seed },
    misbehaviour: { rates: fault, seed },
    onRequest: (entry) => output.line(requestLine(entry)),
  }).catch((error: Error) => {
    throw new CliError(`The stand-in cannot begin: ${error.message}`, 'Choose another port (--port) or other topics.');
  });
  output.line(`${output.style('heading', 'listening')}  ${endpoint.url}`);
  output.line(`${output.style('heading', 'topics')}     ${tasks.length}`);
  output.line(
    `${output.style('heading', 'use it')}     OPENAI_BASE_URL=${endpoint.url} OPENAI_API_KEY=${key ?? 'any'}`,
  );
  await untilSignal();
  await endpoint.close();
}

function requestLine({ method, path, status, ending, body }: JournalEntry): string {
  const messages = (body as { messages?: { content?: unknown }[] } | null)?.messages;
  const about = messages?.map(({ content }) => /^Topic: (.+)$/m.exec(String(content))?.[1]).find((title) => title);
  const what = messages === undefined ? '' : `  ${messages.length} messages${about === undefined ? '' : `: ${about}`}`;
  return terminalText(`${method} ${path}  ${status ?? '-'} ${ending}${what}`);
}
