import { expect, it } from 'vitest';
import { createModel } from '../../src/agent/models/create-model.js';
import { RequestGates } from '../../src/agent/models/request-gates.js';
import { ChatEndpoint } from '../../src/testing/chat-endpoint/chat-endpoint.js';
import { ChatTurn } from '../../src/testing/chat-endpoint/chat-turn.js';

it('sees every request of a model, and what a refusal of one asks for all wait [B2]', async () => {
  const sentAtMs: number[] = [];
  await using endpoint = await ChatEndpoint.start((_request, call) => {
    sentAtMs.push(performance.now());
    if (call > 0) return 'yes';
    return ChatTurn.parse({ status: 429, headers: { 'retry-after-ms': '700' } });
  });
  const gates = new RequestGates();
  const asked = { baseUrl: endpoint.url, model: 'stand-in', apiKey: 'any' };
  const gate = gates.of(asked);
  const retry = { baseDelayMs: 1 };
  const model = await createModel(asked.model, { ...asked, gate, retry, contextTokens: 1000 });
  const ask = () => model.query({ messages: [{ role: 'user', content: 'Well?' }] });
  const first = ask();
  while (gate.snapshot().refused === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  const refusedAtMs = performance.now();
  const answers = await Promise.all([first, ask(), ask()]);
  expect(answers.map(({ text }) => text)).toEqual(['yes', 'yes', 'yes']);
  expect(Math.min(...sentAtMs.slice(1)) - refusedAtMs).toBeGreaterThan(500);
  expect(gate.snapshot()).toMatchObject({ answered: 3, refused: 1, failed: 0, inside: 0, waiting: 0, silentMs: null });
});

it('counts an endpoint that refuses the key, or answers what is none, for what it is [B2]', async () => {
  const turns = [{ status: 401 }, { status: 500, body: 'no JSON' }, { status: 503 }, { status: 400 }];
  await using endpoint = await ChatEndpoint.start((_request, call) => ChatTurn.parse(turns[call] ?? { text: 'yes' }));
  const asked = { baseUrl: endpoint.url, model: 'stand-in', apiKey: 'any' };
  const gate = new RequestGates().of(asked);
  const model = await createModel(asked.model, { ...asked, gate, retry: { maxAttempts: 1 }, contextTokens: 1000 });
  for (let call = 0; call < 5; call++)
    await model.query({ messages: [{ role: 'user', content: 'Well?' }] }).catch(() => {});
  expect(gate.snapshot()).toMatchObject({ answered: 3, refused: 1, failed: 1, silentMs: null });
});
