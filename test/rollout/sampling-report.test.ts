import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Output } from '../../src/cli/output.js';
import { reportSample } from '../../src/cli/sample/report-sample.js';
import { showSampleStatus } from '../../src/cli/sample/sample-status.js';
import { type Unit, writeNumber } from '../../src/page/figure.js';
import { readIndex } from '../../src/rollout/sampling/index/read-index.js';
import { buildSampleReport } from '../../src/rollout/sampling/report/build-sample-report.js';
import { renderSampleReport } from '../../src/rollout/sampling/report/page/render-sample-report.js';
import { samplePlots } from '../../src/rollout/sampling/report/sample-plots.js';
import { SampleReport } from '../../src/rollout/sampling/report/sample-report.js';
import { writeSampleReport } from '../../src/rollout/sampling/report/write-sample-report.js';
import type { SampleManifest } from '../../src/rollout/sampling/sample-manifest.js';
import { SamplePlaces } from '../../src/rollout/sampling/sample-places.js';
import { SampleSettings } from '../../src/rollout/sampling/sample-settings.js';
import { withSampleRun } from '../../src/rollout/sampling/with-sample-run.js';
import { Ledger } from '../../src/store/ledger.js';
import { type Event, events, happen, PLANNED } from './sampling-events.js';

const run = promisify(execFile);
const GYMSMITH = path.join(import.meta.dirname, '../../bin/gymsmith.js');
const MADE_AT = new Date('2026-01-02T00:00:00Z');
const EVIL = '<script>alert(1)</script><img src=x onerror=alert(1)>"\u202e\u0007';
const SETTINGS = SampleSettings.parse({ players: [{ model: EVIL }], budget: { usd: 100 } });
const MANIFEST: SampleManifest = {
  ...{ version: 1, kind: 'sample', id: 'r1', software: EVIL, created_at: '2026-01-01T00:00:00.000Z', agents: {} },
  settings: SETTINGS,
};
const SOME: Event[] = fc.sample(events, { seed: 11, numRuns: 30 }).flat();

let root: string;
let files = 0;
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'gymsmith-sample-report-'));
});
afterAll(() => rm(root, { recursive: true }));

function reportOf(all: readonly Event[], change: (ledger: Ledger) => void = () => {}): SampleReport {
  const ledger = Ledger.open(path.join(root, `${++files}.sqlite`));
  try {
    happen(ledger, all);
    change(ledger);
    return buildSampleReport(MANIFEST, readIndex(ledger), MADE_AT);
  } finally {
    ledger.close();
  }
}

function evil(ledger: Ledger): void {
  const id = `${EVIL}/m/00000`;
  ledger.plan([{ ...PLANNED[0]!, id, task: EVIL, model: EVIL }]);
  const number = ledger.beginTry(id, { server: EVIL, episode_id: EVIL, started_at: EVIL });
  ledger.endTry(id, number, { end: 'endpoint', ended_at: EVIL, code: EVIL, message: EVIL, spent: {} }, 3);
}

async function printed(work: (output: Output) => Promise<void>): Promise<string> {
  let text = '';
  const stream = Object.assign(new PassThrough(), {
    write: (some: string) => {
      text += some;
      return true;
    },
  });
  await work(new Output(stream, {}));
  return text;
}

function gymsmith(...words: string[]) {
  return run(process.execPath, [GYMSMITH, 'sample', ...words]);
}

describe('the report of a run of sampling [T2]', () => {
  it('counts every attempt once in each of its tables, reads back, and has no markup of others', () => {
    fc.assert(
      fc.property(events, (all) => {
        const report = reportOf(all, evil);
        expect(SampleReport.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
        expect(report.total.attempts).toBe(PLANNED.length + 1);
        const { tasks } = report;
        expect(tasks.map(({ valid }) => valid)).toEqual(tasks.map(({ valid }) => valid).sort((a, b) => b - a));
        for (const { best, improvement } of tasks) {
          expect(improvement).toBe(best === null ? null : 1 - best);
        }
        for (const text of [renderSampleReport(report), ...Object.values(samplePlots(report))]) {
          expect(text).not.toMatch(/<script|<img|onerror=alert\(1\)>|href="javascript:|\u202e|\u0007/);
          expect(text).not.toMatch(/(?:src|href)="(?!#)/);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('refuses numbers that do not add up', () => {
    const ledger = Ledger.open(path.join(root, `${++files}.sqlite`));
    happen(ledger, SOME);
    const index = readIndex(ledger);
    ledger.close();
    const lost = { ...index, tries: index.tries.slice(1) };
    expect(() => buildSampleReport(MANIFEST, lost, MADE_AT)).toThrow('does not add up: tries');
    const more = { ...index, exits: [...index.exits, ...index.exits.slice(0, 1)] };
    expect(() => buildSampleReport(MANIFEST, more, MADE_AT)).toThrow('does not add up: ways to end');
  });

  it('shows a run without an attempt, and no dollars where no price is known', () => {
    const ledger = Ledger.open(path.join(root, `${++files}.sqlite`));
    const empty = buildSampleReport(MANIFEST, readIndex(ledger), MADE_AT);
    ledger.close();
    expect(empty).toMatchObject({ per_valid: null, tasks: [], distribution: { tasks: 0 } });
    expect(renderSampleReport(empty)).toContain('There is no valid trajectory yet.');
    const report = reportOf(SOME);
    const page = (usd: number, unpriced_calls: number) => {
      const spent = { ...report.total.spent, usd, unpriced_calls };
      return renderSampleReport({ ...report, total: { ...report.total, spent } });
    };
    expect(page(0, 9)).toContain('<dt>cost</dt><dd>unknown</dd>');
    expect(page(2, 3)).toMatch(/<dt>cost<\/dt><dd>at least <span [^>]*>\$2\.00<\/span><\/dd>/);
  });

  it('is written beside its run while a process works on it, with plots, and tells how it stands [T1]', async () => {
    const places = new SamplePlaces(path.join(root, 'run'));
    const status = (json: boolean) => printed((output) => showSampleStatus({ out: places.root, json }, output));
    await expect(writeSampleReport(places)).rejects.toThrow(/There is no run of sampling in/);
    await expect(status(false)).rejects.toThrow(/There is no run of sampling in/);
    await withSampleRun(places.root, { settings: SETTINGS, agents: {} }, async ({ ledger }) => {
      happen(ledger, SOME);
      ledger.processSeen(ledger.beginProcess('2026-01-01T00:00:00.000Z'), 61);
      const { stdout } = await gymsmith('status', '--json', '--out', places.root);
      const told = JSON.parse(stdout);
      expect(told).toMatchObject({ state: 'running', pid: process.pid, wall_seconds: 61 });
    });
    const said = await printed((output) => reportSample({ out: places.root, json: true }, output));
    const report = SampleReport.parse(JSON.parse(said));
    expect(JSON.parse(await readFile(places.reportJson, 'utf8'))).toEqual(report);
    expect(await readFile(places.reportHtml, 'utf8')).toBe(renderSampleReport(report));
    expect((await readdir(places.plots)).sort()).toEqual(Object.keys(samplePlots(report)).sort());
    const { total, tasks } = JSON.parse(await status(true));
    expect(total).toEqual(report.total);
    expect(tasks).toHaveLength(report.tasks.length);
    const frozen = ['--dev-bind', '/', '/', '--ro-bind', places.root, places.root, process.execPath, GYMSMITH];
    const looked = await run('bwrap', [...frozen, 'sample', 'status', '--json', '--out', places.root]);
    expect(JSON.parse(looked.stdout).total).toEqual(report.total);
    const words = await status(false);
    const { attempts, done, valid, improves, running, open, failed, infrastructure, endpoint } = report.total;
    const numbers = [attempts, done, valid, improves, running, open, failed, infrastructure + endpoint];
    expect(words).toMatch(new RegExp(`^all 4 +${numbers.join(' +')}$`, 'm'));
    expect(words).toMatch(/^spent .*of \$100/m);
    expect(words).toContain(`gymsmith sample run --out ${places.root}`);
    const { stdout } = await gymsmith('report', '--out', places.root);
    expect(stdout).toBe(`${places.reportJson}\n${places.reportHtml}\n${places.plots}\n`);
  });
});

describe('the page of a report of sampling in a browser [T2]', () => {
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
      const report = reportOf(SOME, evil);
      const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
      const troubles: string[] = [];
      page.on('console', (message) => troubles.push(message.text()));
      page.on('pageerror', (error) => troubles.push(error.message));
      page.on('request', ({ url }) => troubles.push(url()));
      page.on('dialog', (dialog) => troubles.push(dialog.message()));
      await page.setContent(renderSampleReport(report));
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
      }
      const heights = await page.$$eval('#valid svg g', (columns) =>
        columns.map((column) => ({
          words: column.querySelector('title')?.textContent ?? '',
          valid: Number(column.querySelector('rect.good')?.getAttribute('height') ?? 0),
        })),
      );
      expect(heights).toHaveLength(report.tasks.length);
      for (const [at, { words, valid }] of heights.entries()) {
        const task = report.tasks[at]!;
        expect(words).toContain(`: valid ${task.valid}, `);
        expect(valid).toBeCloseTo((task.valid / 6) * 200, 1);
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

  it.each(['light', 'dark'] as const)('shows each plot as a file of its own, in %s', async (colorScheme) => {
    const page = await browser.newPage({ colorScheme });
    for (const [name, text] of Object.entries(samplePlots(reportOf(SOME, evil)))) {
      await page.goto(`data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`);
      const drawn = await page.evaluate(() => ({
        faults: document.querySelectorAll('parsererror').length,
        card: getComputedStyle(document.querySelector('.card')!).fill,
        ink: getComputedStyle(document.querySelector('.title')!).fill,
        outside: [...document.querySelectorAll('rect, text')].filter((one) => {
          const box = (one as SVGGraphicsElement).getBBox();
          const { width, height } = document.documentElement.getBoundingClientRect();
          return box.x < 0 || box.y < 0 || box.x + box.width > width + 1 || box.y + box.height > height + 1;
        }).length,
      }));
      const [card, ink] =
        colorScheme === 'dark' ? ['rgb(28, 32, 36)', 'rgb(230, 233, 236)'] : ['rgb(255, 255, 255)', 'rgb(28, 33, 38)'];
      expect({ name, ...drawn }).toEqual({ name, faults: 0, card, ink, outside: 0 });
    }
    await page.close();
  });
});
