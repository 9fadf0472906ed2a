import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { PROJECT_ROOT } from '../../src/config.js';
import { GATES } from '../../src/synth/gates/gate.js';
import { REASONS } from '../../src/synth/reasons.js';
import { SynthSettings } from '../../src/synth/settings.js';
import { readYaml } from '../../src/yaml/yaml.js';
import { runCli } from '../cli/run-cli.js';

const page = readFileSync(path.join(PROJECT_ROOT, 'docs', 'synthesize.md'), 'utf8');

function fences(language: string): string[] {
  return [...page.matchAll(/^```(\w*)\n(.*?)^```$/gms)].flatMap(([, found, text = '']) =>
    found === language ? [text] : [],
  );
}

/** Paths of all settings, `hub.max_rows`, and of parts of lists, `teachers.0.model`. */
function namesOf(value: unknown, place: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [place];
  const entries = Object.entries(value);
  return entries.length === 0 ? [place] : entries.flatMap(([name, inner]) => namesOf(inner, [...place, name]));
}

describe('the page about making tasks', () => {
  it('has every reason, with its meaning and whether programs or time can mend it [F4]', () => {
    for (const [name, { by, text }] of Object.entries(REASONS)) {
      const mended = { code: ' (programs can mend it)', time: ' (to be retried)', nobody: '' }[by];
      expect(page).toContain(`| \`${name}\` | ${text}${mended} |\n`);
    }
    const listed = [...page.matchAll(/^\| `(\w+)` \| .*\|$/gm)].map(([, name]) => name);
    expect(listed).toEqual(expect.arrayContaining(Object.keys(REASONS)));
  });

  it('has every gate', () => {
    for (const gate of GATES) expect(page).toMatch(new RegExp(`^\\| \`${gate}\` \\| `, 'm'));
  });

  it('shows settings that a run takes', () => {
    const examples = fences('yaml');
    expect(examples).toHaveLength(1);
    const { value, errors } = readYaml(examples[0]!);
    expect(errors).toEqual([]);
    expect(SynthSettings.parse(value).teachers).toHaveLength(2);
  });

  it('names every setting', () => {
    const all = SynthSettings.parse({ teachers: [{ model: 'm' }], from_repo: { path: '.', commit: 'main' } });
    const table = page.slice(page.indexOf('| setting |'), page.indexOf('Between two processes'));
    for (const place of namesOf(all)) {
      const [first = '', last = first] = [place.find((name) => !/^\d+$/.test(name)), place.at(-1)];
      expect(table).toContain(first);
      expect(table).toMatch(new RegExp(`\\b${last}\\b`));
    }
  });

  describe('flags', () => {
    let help = '';

    beforeAll(async () => {
      const commands = ['run', 'topics', 'status', 'retry', 'report'];
      const runs = await Promise.all(commands.map((command) => runCli(['synth', command, '--help'])));
      help = runs.map(({ stdout }) => stdout).join('\n');
    });

    it('are those of the command line', () => {
      const lines = fences('sh')
        .flatMap((text) => text.split('\n'))
        .filter((line) => line.startsWith('gymsmith synth'));
      const inline = [...page.matchAll(/`([^`\n]*)`/g)].map(([, code = '']) => code);
      const shown = [...lines, ...inline.filter((code) => /^(?:gymsmith synth|--)/.test(code))];
      const flags = new Set(shown.flatMap((code) => code.match(/(?<![\w-])--[a-z][a-z-]+/g) ?? []));
      expect(flags.size).toBeGreaterThan(15);
      for (const flag of flags) expect(help).toMatch(new RegExp(`^ +(?:-\\w, )?${flag}\\b`, 'm'));
    });
  });
});
