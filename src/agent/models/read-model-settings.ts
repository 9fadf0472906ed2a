import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { readYaml } from '../../yaml/yaml.js';
import { ModelFileError } from './model-file-error.js';
import type { OpenAiSettings } from './openai-settings.js';

const seconds = z.number().positive();

const SettingsFile = z.strictObject({
  stop: z.array(z.string()).optional(),
  seed: z.int().optional(),
  max_tokens_field: z.enum(['max_tokens', 'max_completion_tokens']).optional(),
  extra_body: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('into the body of each request: top_k, chat_template_kwargs...'),
  extra_headers: z.record(z.string(), z.string()).optional(),
  send_reasoning: z.boolean().optional().describe('thinking is sent back with the answer that it led to'),
  timeout_s: seconds.optional().describe('of one request'),
  idle_timeout_s: seconds.optional().describe('of silence within a streamed answer'),
  retry: z
    .strictObject({
      max_attempts: z.int().positive().optional(),
      max_total_s: seconds.optional(),
      base_delay_s: seconds.optional(),
      max_delay_s: seconds.optional(),
    })
    .optional(),
});
type SettingsFile = z.infer<typeof SettingsFile>;

/** What such a file can set. */
type FileSettings = Pick<
  OpenAiSettings,
  | 'stop'
  | 'seed'
  | 'maxTokensField'
  | 'extraBody'
  | 'extraHeaders'
  | 'sendsReasoning'
  | 'timeoutMs'
  | 'idleTimeoutMs'
  | 'retry'
>;

/**
 * Reads what an endpoint is asked with beyond what flags say.
 * @param file YAML or JSON
 * @returns the settings, and what may be written down of them: of headers only the names
 * @throws ModelFileError naming every fault with its line
 */
export async function readModelSettings(
  file: string,
): Promise<{ settings: FileSettings; record: Readonly<Record<string, unknown>> }> {
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw new ModelFileError(`${file} cannot be read: ${error.message}`);
  });
  const yaml = readYaml(text);
  const [fault] = yaml.errors;
  if (fault) throw new ModelFileError(`${file}:${fault.line}: ${fault.problem}`);
  const parsed = SettingsFile.safeParse(yaml.value ?? {});
  if (!parsed.success) {
    const faults = parsed.error.issues.map(
      (issue) => `  ${file}:${yaml.lineOf(issue.path)}: ${issue.path.join('.') || 'the file'}: ${issue.message}`,
    );
    throw new ModelFileError(`Settings of a model that cannot be used:\n${faults.join('\n')}`);
  }
  const { extra_headers, ...open } = parsed.data;
  const record = { ...open, ...(extra_headers && { extra_headers: Object.keys(extra_headers) }) };
  return { settings: settingsOf(parsed.data), record };
}

function settingsOf(given: SettingsFile): FileSettings {
  const { retry = {} } = given;
  return defined({
    stop: given.stop,
    seed: given.seed,
    maxTokensField: given.max_tokens_field,
    extraBody: given.extra_body,
    extraHeaders: given.extra_headers,
    sendsReasoning: given.send_reasoning,
    timeoutMs: milliseconds(given.timeout_s),
    idleTimeoutMs: milliseconds(given.idle_timeout_s),
    retry: defined({
      maxAttempts: retry.max_attempts,
      maxTotalMs: milliseconds(retry.max_total_s),
      baseDelayMs: milliseconds(retry.base_delay_s),
      maxDelayMs: milliseconds(retry.max_delay_s),
    }),
  });
}

function milliseconds(given: number | undefined): number | undefined {
  return given === undefined ? undefined : given * 1000;
}

function defined<T extends object>(fields: T): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}
