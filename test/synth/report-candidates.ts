import fc from 'fast-check';
import { NOTHING_SPENT, type Spent } from '../../src/run/spent.js';
import { type Attempt, type Candidate, type Grounding, STAGES, type Topic } from '../../src/synth/candidate.js';
import { GATES, type GateVerdict } from '../../src/synth/gates/gate.js';
import { FRONTIER_REASONS, REASONS, type Reason } from '../../src/synth/reasons.js';
import type { RunManifest } from '../../src/synth/run/run-manifest.js';
import { SynthSettings } from '../../src/synth/settings.js';
import type { TopicsFile } from '../../src/synth/topics/topics-file.js';
import { sampleCandidate, sampleProposal } from './sample-candidate.js';

const REJECTIONS = (Object.keys(REASONS) as Reason[]).filter((reason) => !FRONTIER_REASONS.includes(reason));
const WORDS = [
  'river',
  'solar',
  'forecast',
  'pricing',
  'moves',
  'sparse',
  'galaxy',
  'spam',
  'gait',
  'auction',
  'tides',
];

const text = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }),
  fc.constantFrom(
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "'\u202e&amp;\u0007",
    '</title></svg>',
  ),
);
const title = fc.tuple(fc.subarray(WORDS, { minLength: 2 }), text).map(([words, more]) => `${words.join(' ')} ${more}`);

const topic: fc.Arbitrary<Topic> = fc.record({
  title,
  summary: text,
  area: fc.constantFrom('language', 'tabular', 'game theory', 'time series'),
  modality: fc.constantFrom('short texts', 'auctions', 'records'),
  problem: fc.constantFrom('classification', 'regression', 'strategy design'),
  constraint: text,
});

const spent: fc.Arbitrary<Spent> = fc.record({
  usd: fc.integer({ min: 0, max: 400 }).map((cents) => cents / 100),
  input_tokens: fc.nat(100_000),
  output_tokens: fc.nat(20_000),
  calls: fc.integer({ min: 20, max: 40 }),
  unpriced_calls: fc.constantFrom(0, 0, 3),
  sandbox_seconds: fc.nat(4000),
  gpu_hours: fc.constantFrom(0, 0.5),
});

const verdict: fc.Arbitrary<GateVerdict> = fc.record({
  gate: fc.constantFrom(...GATES),
  verdict: fc.constantFrom('pass', 'fail', 'skip'),
  fault: fc.constantFrom(null, 'insensitive', 'cheat_scores'),
  detail: text,
  evidence: fc.constant(null),
  measured: fc.dictionary(
    fc.constantFrom('oracle', 'seconds', 'label'),
    fc.oneof(fc.nat(100), text, fc.constant(null)),
    {
      noNullPrototype: true,
    },
  ),
  duration_ms: fc.nat(20_000),
});

const attempt = (isLast: boolean): fc.Arbitrary<Omit<Attempt, 'number'>> =>
  fc.record({
    how: fc.constantFrom('repair', 'restart'),
    verdict: isLast ? fc.constantFrom('sound', 'failed', null) : fc.constant('failed' as const),
    fault: fc.constantFrom(null, 'baseline_failed', 'evaluation_noise'),
    detail: fc.option(text),
    evidence: fc.option(fc.record({ command: fc.option(text), exit_status: fc.option(text), log_tail: text })),
    gates: fc.array(verdict, { maxLength: 4 }),
  });

const attempts: fc.Arbitrary<Attempt[]> = fc
  .tuple(fc.array(attempt(false), { maxLength: 3 }), attempt(true))
  .map(([before, last]) =>
    [...before, last].map((one, number) => ({ ...one, number, how: number === 0 ? 'first' : one.how })),
  );

const grounding: fc.Arbitrary<Grounding> = fc.record({
  dataset: fc.option(
    fc.record({
      repo: fc.constantFrom('palmer-station/penguins', 'faa-records/bird-strikes'),
      requested: text,
      is_substitute: fc.boolean(),
      revision: fc.constant('0e0c831b9ffb83ef14936466bfdc4b391afc96d6'),
      data_revision: fc.constant('40a0a44d338b61e7b6db6282740e898cfea566ab'),
      url: fc.constantFrom('https://huggingface.co/datasets/palmer-station/penguins', 'javascript:alert(1)'),
      licence: fc.option(text),
      downloads: fc.nat(9000),
      config: fc.constant('default'),
      split: fc.constantFrom('train', 'test'),
      splits: fc.constant([]),
      features: fc.constant([]),
      samples: fc.constant([]),
      bytes: fc.nat(10_000_000),
    }),
  ),
  plan: fc.constant(null),
  files: fc.constant([]),
  train_rows: fc.nat(1000),
  test_rows: fc.nat(1000),
  documentation: text,
  repository: fc.constant(null),
});

const ends = fc.oneof(
  fc.constantFrom(...STAGES).map((state) => ({ state, reason: null, ended_in: null })),
  fc.constant({ state: 'published' as const, reason: null, ended_in: 'publishing' as const }),
  fc
    .record({ reason: fc.constantFrom(...FRONTIER_REASONS), ended_in: fc.constantFrom('verification', 'publishing') })
    .map((end) => ({ ...end, state: 'frontier' as const })),
  fc
    .record({ reason: fc.constantFrom(...REJECTIONS), ended_in: fc.constantFrom(...STAGES) })
    .map((end) => ({ ...end, state: 'rejected' as const })),
) as fc.Arbitrary<Pick<Candidate, 'state' | 'reason' | 'ended_in'>>;

const candidate = fc
  .record({
    end: ends,
    topic,
    spent,
    attempts: fc.oneof(fc.constant<Attempt[]>([]), attempts),
    grounding: fc.option(grounding),
    baseline: fc.option(
      fc.record({ scores: fc.constant<number[]>([0.5, 0.52]), mean: fc.constant(0.51), std: fc.constant(0.01) }),
    ),
    episodes: fc.array(
      fc.record({
        directory: fc.constant('episodes/0'),
        score: fc.option(fc.nat(100).map((n) => n / 100)),
        steps: fc.nat(50),
      }),
      { maxLength: 3 },
    ),
    detail: fc.option(text),
    teacher: fc.nat(1),
  })
  .map(({ end, ...facts }) => ({ ...facts, ...end }));

/** Candidates of a run in any state, with texts of any kind. */
export function candidatesOf(minLength: number): fc.Arbitrary<Candidate[]> {
  return fc.array(candidate, { minLength, maxLength: minLength + 20, size: 'max' }).map((all) =>
    all.map((facts, at) =>
      sampleCandidate({
        id: `${String(at + 1).padStart(4, '0')}-1-topic`,
        seed: at,
        proposal: sampleProposal({ name: facts.topic.title.slice(0, 120) }),
        env_id: facts.state === 'published' ? `synth/task-${at}-v0` : null,
        ...facts,
      }),
    ),
  );
}

/** The topics of candidates, as the file of a run holds them. */
export function topicsFileOf(all: readonly Candidate[]): TopicsFile {
  return {
    version: 1,
    batches: [{ number: 1, wanted: 30, cells: [], answered: 30, accepted: all.length, fault: null }],
    accepted: all.map(({ topic }) => ({ topic, batch: 1 })),
    rejected: [{ title: 'Again', batch: 1, reason: 'similar', detail: '0.81 like River' }],
    spent: { ...NOTHING_SPENT, usd: 0.5, input_tokens: 100, output_tokens: 50, calls: 1 },
    end: { why: 'complete', detail: 'as many as were asked for' },
  };
}

/** What a run was begun with. */
export function manifestOf(settings: Partial<SynthSettings> = {}): RunManifest {
  return {
    version: 1,
    software: 'gymsmith 0.1.0',
    created_at: '2026-01-01T00:00:00.000Z',
    settings: SynthSettings.parse({ teachers: [{ model: 'one' }, { model: '<b>two</b>' }], ...settings }),
    prompts: { proposal: '1', generation: '3' },
    replay_of: null,
    ablations: ['gate headroom off'],
  };
}
