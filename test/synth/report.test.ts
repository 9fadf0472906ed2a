import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Unit, writeNumber } from '../../src/page/figure.js';
import { html } from '../../src/page/html.js';
import { NOTHING_SPENT } from '../../src/run/spent.js';
import type { Candidate } from '../../src/synth/candidate.js';
import { buildReport } from '../../src/synth/report/build-report.js';
import { renderReport } from '../../src/synth/report/page/render-report.js';
import { SynthReport } from '../../src/synth/report/synth-report.js';
import { writeReport } from '../../src/synth/report/write-report.js';
import { RunPlaces } from '../../src/synth/run/run-places.js';
import { candidatesOf, manifestOf, topicsFileOf } from './report-candidates.js';

const MADE_AT = new Date('2026-01-02T00:00:00Z');

function reportOf(all: readonly Candidate[]): SynthReport {
  const stages = new Map([['proposal' as const, { runs: 2, spent: { ...NOTHING_SPENT, usd: 0.2 }, wall_seconds: 61 }]]);
  return buildReport({ manifest: manifestOf(), topics: topicsFileOf(all), candidates: all, stages, madeAt: MADE_AT });
}

/** One sample, the same each time. */
function sample(seed: number): Candidate[] {
  return fc.sample(candidatesOf(20), { seed, numRuns: 1 })[0]!;
}

describe('the report of a synthesis [S7]', () => {
  it('counts every candidate once in each of its tables, whatever became of them', () => {
    fc.assert(
      fc.property(candidatesOf(0), (all) => {
        const { funnel, reasons, debugging, tasks, spending } = reportOf(all);
        const states = (state: Candidate['state']) => all.filter((candidate) => candidate.state === state).length;
        expect(funnel.candidates).toBe(all.length);
        expect([funnel.published, funnel.frontier, funnel.rejected]).toEqual(
          (['published', 'frontier', 'rejected'] as const).map(states),
        );
        expect(funnel.published + funnel.frontier + funnel.rejected + funnel.open).toBe(all.length);
        expect(reasons.reduce((sum, { count }) => sum + count, 0)).toBe(funnel.frontier + funnel.rejected);
        expect(debugging.attempts).toBe(all.reduce((sum, { attempts }) => sum + attempts.length, 0));
        expect(tasks.map(({ candidate }) => candidate).sort()).toEqual(
          all.filter(({ state }) => state === 'published' || state === 'frontier').map(({ id }) => id),
        );
        const tokens = all.reduce((sum, { spent }) => sum + spent.input_tokens, 100);
        expect(spending.total.input_tokens).toBe(tokens);
      }),
      { numRuns: 60 },
    );
  });

  it('is a record that reads back, and a page without markup of others [S8]', () => {
    fc.assert(
      fc.property(candidatesOf(0), (all) => {
        const report = reportOf(all);
        expect(SynthReport.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
        const page = renderReport(report);
        expect(page).not.toMatch(/<script|<img|onerror=alert\(1\)>|href="javascript:|\u202e|\u0007/);
        expect(page).not.toMatch(/(?:src|href)="(?!#|https:\/\/huggingface\.co)/);
      }),
      { numRuns: 30 },
    );
  });

  it('tells repairs from restarts, and which faults were mended [S6]', () => {
    const [some] = sample(3);
    const attempt = { detail: null, evidence: null, gates: [] };
    const mended: Candidate = {
      ...some!,
      attempts: [
        { ...attempt, number: 0, how: 'first', verdict: 'failed', fault: 'baseline_failed' },
        { ...attempt, number: 1, how: 'restart', verdict: 'failed', fault: 'evaluation_noise' },
        { ...attempt, number: 2, how: 'repair', verdict: 'sound', fault: null },
      ],
    };
    const lost: Candidate = { ...mended, id: '0099-1-lost', attempts: mended.attempts.slice(0, 1) };
    const { debugging } = reportOf([mended, lost]);
    expect(debugging.by_how).toEqual({
      first: { tried: 2, sound: 0, failed: 2, open: 0 },
      repair: { tried: 1, sound: 1, failed: 0, open: 0 },
      restart: { tried: 1, sound: 0, failed: 1, open: 0 },
    });
    expect(debugging.histogram).toEqual([
      { attempts: 1, sound: 0, failed: 1, open: 0 },
      { attempts: 2, sound: 0, failed: 0, open: 0 },
      { attempts: 3, sound: 1, failed: 0, open: 0 },
    ]);
    expect(debugging.faults).toEqual([
      { fault: 'baseline_failed', count: 2, mended: 1 },
      { fault: 'evaluation_noise', count: 1, mended: 1 },
    ]);
  });

  it('measures gates, difficulty, datasets and the price of a published task', () => {
    const [some] = sample(4);
    const gates = [2, 8, 4].map((oracle) => ({
      ...{ gate: 'triple' as const, verdict: 'pass' as const, fault: null, detail: '', evidence: null },
      measured: { oracle, label: 'x' },
      duration_ms: 500,
    }));
    const solved: Candidate = {
      ...some!,
      state: 'published',
      reason: null,
      ended_in: 'publishing',
      attempts: [{ number: 0, how: 'first', verdict: 'sound', fault: null, detail: null, evidence: null, gates }],
      baseline: { scores: [0.5], mean: 0.5, std: 0 },
      episodes: [0.4, 0.8, null].map((score) => ({ directory: 'e', score, steps: 3 })),
      spent: { ...NOTHING_SPENT, usd: 2 },
    };
    const report = reportOf([solved, { ...solved, id: '0002-1-x', episodes: [] }]);
    expect(report.gates.find(({ gate }) => gate === 'triple')).toMatchObject({
      ...{ pass: 6, fail: 0, skip: 0, seconds: 3 },
      measured: [{ name: 'oracle', count: 6, min: 2, median: 4, max: 8 }],
    });
    expect(report.difficulty).toEqual({ unplayed: 1, unsolved: 0, some: 1, all: 0 });
    expect(report.tasks[0]).toMatchObject({ baseline: 0.5, best: 0.8, episodes: 3, valid: 2, beating: 1 });
    expect(report.spending.per_published_task).toMatchObject({ usd: 2.25 });
  });

  it('shows no dollars where no price is known, and the least where some are not', () => {
    const report = reportOf(sample(4));
    const page = (usd: number, unpriced_calls: number) => {
      const total = { ...report.spending.total, usd, unpriced_calls };
      return renderReport({ ...report, spending: { ...report.spending, total } });
    };
    expect(page(0, 9)).toContain('<dt>cost</dt><dd>unknown</dd>');
    expect(page(0, 9)).toMatch(/No price is known of <span [^>]*>9<\/span> of/);
    expect(page(2, 3)).toMatch(/<dt>cost<\/dt><dd>at least <span [^>]*>\$2\.00<\/span><\/dd>/);
    expect(page(2, 0)).toMatch(/<dt>cost<\/dt><dd><span [^>]*>\$2\.00<\/span><\/dd>/);
    expect(page(2, 0)).not.toContain('No price is known');
  });

  it('refuses candidates that ended nowhere', () => {
    const [some] = sample(5);
    const nowhere: Candidate = { ...some!, state: 'rejected', reason: 'dataset_missing', ended_in: null };
    expect(() => reportOf([nowhere])).toThrow(/does not say where/);
    expect(() => reportOf([{ ...nowhere, ended_in: 'grounding', reason: null }])).toThrow(/without a reason/);
  });

  it('is written beside its run, and says so when there is none', async () => {
    const root = await mkdtemp(path.join(tmpdir(), 'gymsmith-report-'));
    onTestFinished(() => rm(root, { recursive: true }));
    const places = new RunPlaces(root);
    await expect(writeReport(places)).rejects.toThrow(/There is no run in/);
    const all = sample(6);
    await writeFile(places.manifest, JSON.stringify(manifestOf()));
    const early = await writeReport(places, MADE_AT);
    expect(early.funnel.candidates).toBe(0);
    await writeFile(places.topics, JSON.stringify(topicsFileOf(all)));
    for (const candidate of all) {
      await mkdir(places.candidate(candidate.id), { recursive: true });
      await writeFile(path.join(places.candidate(candidate.id), 'candidate.json'), JSON.stringify(candidate));
    }
    const report = await writeReport(places, MADE_AT);
    expect(JSON.parse(await readFile(places.reportJson, 'utf8'))).toEqual(report);
    expect(await readFile(places.reportHtml, 'utf8')).toBe(renderReport(report));
    await writeFile(places.topics, '{"version": 2}');
    await expect(writeReport(places)).rejects.toThrow(/topics\.json is damaged/);
  });

  it.each([
    [1234567, 'count', '1,234,567'],
    [0.123456, 'number', '0.1235'],
    [0.0012, 'usd', '$0.0012'],
    [12.5, 'usd', '$12.50'],
    [90, 'seconds', '90 s'],
    [600, 'seconds', '10 min'],
    [7200, 'seconds', '2 h'],
    [1536, 'bytes', '1.54 kB'],
    [0.25, 'share', '25 %'],
  ] as const)('writes %d as a %s: %s', (value, unit, words) => {
    expect(writeNumber(value, unit)).toBe(words);
  });

  it('escapes what is no markup', () => {
    expect(html`<p title="${'"<&>\''}">${'\ud800a\u0000'}${[html`<b>${1}</b>`]}</p>`.text).toBe(
      '<p title="&quot;&lt;&amp;&gt;&#39;">\ufffda\ufffd<b>1</b></p>',
    );
  });
});

describe('the page of a report in a browser [S7]', () => {
  let browser: Browser;
  beforeAll(async () => {
    const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  });
  afterAll(() => browser?.close());

  it.each([
    [400, 'light'],
    [1400, 'dark'],
  ] as const)(
    'shows the numbers of the record at %d pixels, %s, and asks nobody for anything',
    async (width, colorScheme) => {
      const report = reportOf(sample(7));
      const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
      const troubles: string[] = [];
      page.on('console', (message) => troubles.push(message.text()));
      page.on('pageerror', (error) => troubles.push(error.message));
      page.on('request', ({ url }) => troubles.push(url()));
      page.on('dialog', (dialog) => troubles.push(dialog.message()));
      await page.setContent(renderReport(report));
      const shown = await page.$$eval('[data-at]', (found) =>
        found.map((one) => ({
          at: one.getAttribute('data-at') ?? '',
          unit: one.getAttribute('data-unit') ?? '',
          text: one.textContent,
        })),
      );
      expect(shown.length).toBeGreaterThan(150);
      for (const { at, unit, text } of shown) {
        const value = at.split('.').reduce<unknown>((found, key) => (found as Record<string, unknown>)[key], report);
        expect(text, at).toBe(value === null ? '–' : writeNumber(value as number, unit as Unit));
        if (unit === 'count' && Number.isInteger(value)) expect(Number(text?.replaceAll(',', '')), at).toBe(value);
      }
      const layout = await page.evaluate(() => ({
        overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
        background: getComputedStyle(document.body).backgroundColor,
        unnamed: [...document.querySelectorAll('svg[role=img]')].filter(
          (svg) => !svg.getAttribute('aria-label') || !svg.querySelector('title'),
        ).length,
        scripts: document.querySelectorAll('script, img, iframe, link').length,
      }));
      await page.close();
      expect(troubles).toEqual([]);
      expect(layout).toMatchObject({ overflow: 0, unnamed: 0, scripts: 0 });
      expect(layout.background).toBe(colorScheme === 'dark' ? 'rgb(20, 23, 26)' : 'rgb(251, 251, 249)');
    },
  );
});
