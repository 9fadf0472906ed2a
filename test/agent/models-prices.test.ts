import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { CostMeter, type TotalCost } from '../../src/agent/models/cost-meter.js';
import { EstimatedTokens } from '../../src/agent/models/estimated-tokens.js';
import { ModelError } from '../../src/agent/models/model.js';
import { OpenAiModel } from '../../src/agent/models/openai-model.js';
import { PriceTable } from '../../src/agent/models/prices.js';
import { countChat } from '../../src/agent/models/token-counter.js';
import { TokenizerTokens } from '../../src/agent/models/tokenizer-tokens.js';
import { log } from '../../src/log.js';

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'models-prices-'));
});
afterAll(() => rm(directory, { recursive: true }));

async function file(name: string, text: string): Promise<string> {
  const where = path.join(directory, name);
  await writeFile(where, text);
  return where;
}

const usage = (inputTokens: number, outputTokens: number, cachedInputTokens = 0) => ({
  inputTokens,
  outputTokens,
  cachedInputTokens,
  estimated: false,
});

describe('the price table', () => {
  const table = PriceTable.builtIn;

  it('knows models by name, by provider and name, and their dated snapshots [D2]', () => {
    const gpt4o = { input: 2.5, cached_input: 1.25, output: 10, context_tokens: 128_000 };
    for (const name of ['gpt-4o', 'gpt-4o-2024-08-06', 'openai/gpt-4o', 'openrouter/openai/gpt-4o'])
      expect(table.of(name)).toEqual(gpt4o);
    expect(table.of('gpt-4o-2024-05-13')).toMatchObject({ input: 5, output: 15 });
    expect(table.of('claude-sonnet-4-5-20250929')).toMatchObject({ input: 3, cached_input: 0.3, output: 15 });
    expect(table.of('Qwen/Qwen3-8B')).toBeNull();
    expect(table.contextTokens('gpt-4o-mini')).toBe(128_000);
    expect(table.contextTokens('unknown')).toBeNull();
  });

  it('reckons with cached tokens, at the full price where no other is known, and not at all without a price [D2]', () => {
    expect(table.costUsd('gpt-4o', usage(1_000_000, 1_000_000, 1_000_000))).toBeCloseTo(11.25, 10);
    expect(table.costUsd('gpt-4-turbo', usage(1_000_000, 0, 500_000))).toBeCloseTo(10, 10);
    // An endpoint that counts more cached tokens than it read.
    expect(table.costUsd('gpt-4o', usage(1_000_000, 0, 9_000_000))).toBeCloseTo(1.25, 10);
    expect(table.costUsd('unknown', usage(5, 5))).toBeNull();
  });

  it('is extended and overridden by files of JSON or YAML, the last one first [D2]', async () => {
    const yaml = await file(
      'a.yaml',
      'models:\n  gpt-4o: {input: 1, output: 2}\n  Qwen/Qwen3-8B:\n    input: 0\n    output: 0\n    context_tokens: 40960\n',
    );
    const json = await file(
      'b.json',
      JSON.stringify({ as_of: '2026-01', models: { 'gpt-4o': { input: 7, output: 8 } } }),
    );
    const extended = PriceTable.builtIn.with(yaml);
    expect(extended.of('gpt-4o')).toEqual({ input: 1, output: 2 });
    expect(extended.of('gpt-4o-2024-08-06')).toEqual({ input: 1, output: 2 });
    expect(extended.costUsd('Qwen/Qwen3-8B', usage(5, 5))).toBe(0);
    expect(extended.of('gpt-4o-mini')).toEqual(PriceTable.builtIn.of('gpt-4o-mini'));
    expect(extended.with(json).of('gpt-4o')).toEqual({ input: 7, output: 8 });
    expect(PriceTable.builtIn.of('gpt-4o')).toMatchObject({ input: 2.5 });
  });

  it('names the file, the line and the fault of prices that cannot be used [B1]', async () => {
    const wrong = await file('wrong.yaml', 'models:\n  m:\n    input: -1\n    output: 2\n    cost: 3\n');
    expect(() => table.with(wrong)).toThrow(
      /wrong\.yaml:3: models\.m\.input: .*\n.*wrong\.yaml:2: models\.m: .*"cost"/,
    );
    expect(() => table.with(path.join(directory, 'none.yaml'))).toThrow(/none\.yaml cannot be read: ENOENT/);
    const broken = file('broken.yaml', 'models: [\n');
    expect(() => table.with(path.join(directory, 'broken.yaml'))).toThrow();
    const where = await broken;
    expect(() => table.with(where)).toThrow(/broken\.yaml:\d+: /);
  });
});

describe('the cost meter', () => {
  const reply = (costUsd: number | null, sent = 10, received = 5) => ({ costUsd, usage: usage(sent, received) });

  it("counts in MLGym's words, before it looks at the limits [E5]", () => {
    const meter = new CostMeter({ taskUsd: 1 });
    meter.add(reply(0.6), 'm');
    expect(meter.reached).toBeNull();
    meter.add(reply(0.4), 'm');
    expect(meter.reached).toBe('cost');
    expect(meter.stats).toEqual({ total_cost: 1, task_cost: 1, tokens_sent: 20, tokens_received: 10, api_calls: 2 });
  });

  it('shares a total among episodes, and has none of zero [E3]', () => {
    const total: TotalCost = { usd: 0, isUnpricedReported: false };
    const [one, two, free] = [
      new CostMeter({ totalUsd: 1 }, total),
      new CostMeter({ totalUsd: 1 }, total),
      new CostMeter({}, total),
    ];
    one.add(reply(0.7), 'm');
    two.add(reply(0.4), 'm');
    expect([one.reached, two.reached, free.reached]).toEqual(['cost', 'cost', null]);
    expect([one.stats.task_cost, one.stats.total_cost]).toEqual([0.7, 1.1]);
    const tokens = new CostMeter({ taskTokens: 15 });
    tokens.add(reply(0), 'm');
    expect(tokens.reached).toBe('tokens');
  });

  it('warns once that a price is not known, and only where dollars are limited [E3]', () => {
    const warn = vi.spyOn(log, 'warn').mockImplementation(() => {});
    const total: TotalCost = { usd: 0, isUnpricedReported: false };
    new CostMeter({ taskTokens: 5 }, total).add(reply(null), 'm');
    expect(warn).not.toHaveBeenCalled();
    for (let i = 0; i < 3; i++) new CostMeter({ taskUsd: 5 }, total).add(reply(null), 'm');
    expect(warn).toHaveBeenCalledTimes(1);
    expect(warn.mock.calls[0]?.[0]).toEqual({ model: 'm' });
    warn.mockRestore();
  });
});

describe('token counts', () => {
  const messages = [
    { role: 'system' as const, content: 'abcdefg' },
    { role: 'assistant' as const, content: '', toolCalls: [{ id: 'x', name: 'bash', arguments: '{"a":1}' }] },
  ];

  it('are guessed from bytes where there is no tokenizer, and marked so [D2]', () => {
    const counter = new EstimatedTokens();
    expect([counter.isExact, counter.count(''), counter.count('abcdefg'), counter.count('日本')]).toEqual([
      false,
      0,
      2,
      2,
    ]);
    expect(countChat(messages, counter)).toBeGreaterThan(4);
  });

  it("are the tokenizer's where its file is given, special tokens included [D2]", async () => {
    const counter = await TokenizerTokens.fromFile(path.join(import.meta.dirname, 'tokenizer'));
    expect(counter.isExact).toBe(true);
    expect(counter.count('abab')).toBe(2);
    expect(counter.count('ab c')).toBe(3);
    expect(counter.count('<|im_end|>')).toBe(1);
    expect(counter.count('ü')).toBe(2);
    expect(counter.count('')).toBe(0);
    const whole = await TokenizerTokens.fromFile(path.join(import.meta.dirname, 'tokenizer', 'tokenizer.json'));
    expect(whole.count('abab')).toBe(2);
  });

  it('say what file is no tokenizer [B1]', async () => {
    await expect(TokenizerTokens.fromFile(directory)).rejects.toThrow(
      /tokenizer\.json is no tokenizer that can be used: ENOENT/,
    );
    const where = await file('other.json', '{}');
    await expect(TokenizerTokens.fromFile(where)).rejects.toThrow(/other\.json is no tokenizer/);
  });

  it('end a question before it is sent only where they are exact [E3]', async () => {
    const settings = { model: 'm', baseUrl: 'http://127.0.0.1:61999/v1', contextTokens: 10, retry: { maxAttempts: 1 } };
    const counter = await TokenizerTokens.fromFile(path.join(import.meta.dirname, 'tokenizer'));
    const request = { messages: [{ role: 'user' as const, content: 'ab'.repeat(20) }] };
    const refused = await new OpenAiModel({ ...settings, counter }).query(request).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ModelError);
    expect(refused).toMatchObject({
      code: 'context_window',
      attempts: 0,
      message: 'The chat has 28 tokens; m takes 10.',
    });
    await expect(new OpenAiModel(settings).query(request)).rejects.toMatchObject({ code: 'connection', attempts: 1 });
  });
});
