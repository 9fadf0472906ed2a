import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { codeBlock, markdownText } from '../../src/rollout/dataset/card/markdown.js';
import { datasetCard } from '../../src/rollout/dataset/dataset-card.js';
import { datasetPlots } from '../../src/rollout/dataset/dataset-plots.js';
import { DatasetManifest } from '../../src/rollout/dataset/manifest.js';
import { manifestOf } from './manifest-of.js';

const HOSTILE =
  'a/</title><script>alert(1)</script>|`x`\n---\n[y](javascript:z) ![](http://u) @me \u202egnp **b** <!--';

const MIXED = [
  {},
  { task: 'a/one-v1', tokens: 60_000 },
  { task: 'a/two-v1', valid: 0, improves: false, improvement: -0.2, exit_status: 'max_steps' },
  { task: 'a/three-v1', cheating: true },
  { task: 'a/four-v1', model: 'other' },
  { task: 'a/five-v1' },
];

function headOf(card: string): Record<string, unknown> {
  const [, head = ''] = /^---\n(.*?)\n---\n/s.exec(card) ?? [];
  return parse(head);
}

describe('the card of a dataset', () => {
  it('begins with what the Hub reads: the splits in Parquet, size and task [T5]', () => {
    const card = datasetCard(manifestOf(MIXED, { held_out: 0.4, seed: 3, card: { license: 'apache-2.0' } }));
    expect(headOf(card)).toEqual({
      pretty_name: 'Agent trajectories of 3 machine-learning research tasks',
      license: 'apache-2.0',
      language: ['en'],
      task_categories: ['text-generation'],
      tags: expect.arrayContaining(['agent', 'trajectories']),
      size_categories: ['n<1K'],
      configs: [
        {
          config_name: 'default',
          default: true,
          data_files: [
            { split: 'train', path: 'data/train-*-of-00001.parquet' },
            { split: 'test', path: 'data/test-*-of-00001.parquet' },
          ],
        },
      ],
    });
  });

  it('says how to read the second format, which the head does not name [T5]', () => {
    const line = 'load_dataset("json", data_files={"train": "jsonl/train-*-of-00001.jsonl"})';
    expect(datasetCard(manifestOf(MIXED, { held_out: 0 }))).toContain(line);
    expect(datasetCard(manifestOf(MIXED, { held_out: 0, formats: ['jsonl'] }))).not.toContain(line);
  });

  it('names no licence that nobody gave, and no split or format that is not there [T5]', () => {
    const head = headOf(datasetCard(manifestOf(MIXED, { held_out: 0, formats: ['jsonl'] })));
    expect(head).not.toHaveProperty('license');
    expect(head.configs).toEqual([
      {
        config_name: 'default',
        default: true,
        data_files: [{ split: 'train', path: 'jsonl/train-*-of-00001.jsonl' }],
      },
    ]);
  });

  it('tells the filter, and every trajectory that was kept or dropped and why [T4] [T5]', () => {
    const manifest = manifestOf(MIXED, { per_task: 2, filter: { where: 'steps < 40' } });
    const card = datasetCard(manifest);
    expect(card).toContain(`\n${manifest.expression}\n`);
    expect(card).toContain('| kept |  | 3 |');
    expect(card).toContain('| `too_long` | longer than the limit of tokens | 1 |');
    expect(card).toContain('| `cheating` | there is evidence of cheating | 1 |');
    expect(card).toContain('| `preset` | not what the preset asks for | 1 |');
    expect(card).toContain('at most 2 of a task (random)');
    expect(card).toMatch(/\| a\/two-v1 \| (train|test) \| 1 \| 0 \| 0 \| 0 \| 0 \|/);
    expect(card).toContain('| max_steps | 1 | 0 |');
    expect(card).toContain('| other | 1 | 1 | 1 | 1 |');
    for (const { path } of datasetPlots(manifest)) expect(card).toContain(`](${path})`);
  });

  it('says nothing of the machine that it was made on', () => {
    expect(datasetCard(manifestOf(MIXED))).toContain('looked at: sample-run (6).');
    expect(datasetCard(manifestOf(MIXED))).not.toContain('somebody');
  });

  it('says so where tokens are estimated and where rejects are switched off [T3]', () => {
    const manifest = manifestOf(MIXED, { filter: { preset: 'none', rejects: ['infrastructure'] } });
    const card = datasetCard({ ...manifest, tokenizer: { sha256: null, exact: false } });
    expect(card).toContain('numbers of tokens are estimates');
    expect(card).toContain('Not rejected here: there is evidence of cheating; marks of the chat template');
    expect(card).toContain('\n!infrastructure\n');
  });

  it('stays what it is under hostile names of tasks, models, statuses and titles [B1]', () => {
    const hostile = { task: HOSTILE, model: HOSTILE, exit_status: HOSTILE };
    const manifest = manifestOf([hostile, { task: 'b/c-v1', valid: 0 }], {
      sources: [`/x/${HOSTILE}`],
      card: { title: HOSTILE, license: 'a\nb: c' },
      filter: { where: `task in [${JSON.stringify(HOSTILE)}, "\`\`\`"] || steps > 0` },
    });
    const card = datasetCard(manifest);
    expect(headOf(card)).toMatchObject({ pretty_name: HOSTILE, license: 'a\nb: c', language: ['en'] });
    const body = card.slice(card.indexOf('\n---\n') + 5);
    const outside = body.replace(/^(`{3,})[^`\n]*\n.*?\n\1$/gms, '');
    expect(outside).not.toMatch(/<script|<!--|http:\/\/|@me|\u202e/);
    expect(outside.split('\n').filter((line) => /^(---|#)/.test(line))).toEqual(
      expect.not.arrayContaining([expect.stringMatching(/^---/)]),
    );
    const rows = outside.split('\n').filter((line) => line.startsWith('| a/'));
    expect(rows.map((row) => row.match(/(?<!\\)\|/g)!.length)).toEqual([6, 4, 8]);
  });

  it('writes any text on one line, without a mark of its own', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (text) => {
        const written = markdownText(text);
        expect(written).not.toMatch(/[\n\r<>@]|(?<!\\)(?:\\\\)*[|`*[\]]/);
        const read = written
          .replace(/\\([!-/:-@[-`{-~])/g, '$1')
          .replace(/&#(\d+);/g, (_, code) => String.fromCharCode(code))
          .replaceAll('&lt;', '<')
          .replaceAll('&gt;', '>')
          .replaceAll('&amp;', '&');
        expect(read).toBe(text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, '\ufffd'));
      }),
    );
    expect(codeBlock('', 'a ```` b')).toBe('`````\na ```` b\n`````');
  });
});

describe('plots of a dataset', () => {
  it('are made of the manifest alone and stand alone, each with a title [T5]', () => {
    const manifest = DatasetManifest.parse(manifestOf(MIXED));
    const plots = datasetPlots(manifest);
    expect(plots.map(({ path }) => path)).toEqual([
      'plots/tokens.svg',
      'plots/tasks.svg',
      'plots/reasons.svg',
      'plots/improvement.svg',
    ]);
    for (const { svg, title } of plots) {
      expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 \d+ \d+"/);
      expect(svg).toContain(`<title id="title">${title}</title>`);
      expect(svg).toContain('prefers-color-scheme: dark');
      expect(svg).not.toMatch(/NaN|Infinity|undefined|href|url\(|-\d+(\.\d+)?" height/);
    }
  });

  it('draw the limits of 32K and 48K, and each reason [T3] [T4]', () => {
    const [tokens, , reasons] = datasetPlots(manifestOf(MIXED)).map(({ svg }) => svg);
    expect(tokens).toMatch(/class="mark".*>32K<.*class="mark".*>48K</s);
    for (const reason of ['kept', 'cheating', 'too_long', 'preset']) expect(reasons).toContain(`>${reason}<`);
  });

  it('leave out what nothing is known of, draw nothing as nothing, and a thousand tasks as a distribution', () => {
    expect(datasetPlots(manifestOf([{ improvement: null }])).map(({ path }) => path)).not.toContain(
      'plots/improvement.svg',
    );
    expect(datasetPlots(manifestOf([]))).toHaveLength(3);
    const many = manifestOf(Array.from({ length: 1000 }, (_, at) => ({ task: `a/b-${at}-v1`, valid: at % 2 })));
    const [, tasks = ''] = datasetPlots(many).map(({ svg }) => svg);
    expect(tasks).toContain('kept trajectories of a task');
    expect(tasks).toMatch(/>500<.*>500</s);
  });

  it('escape names of tasks [B1]', () => {
    for (const { svg } of datasetPlots(manifestOf([{ task: HOSTILE }]))) {
      expect(svg).not.toMatch(/<script|<!--|\u202e/);
      expect(svg.match(/<\/title>/g)?.length).toBe(svg.match(/<title/g)?.length);
    }
  });
});
