import type { CheckFinding, CheckReport } from '../../env/check/check-report.js';
import type { Output, Style } from '../output.js';

const MARKS: Record<CheckFinding['verdict'], [mark: string, style: Style]> = {
  pass: ['ok', 'good'],
  warn: ['look', 'warn'],
  fail: ['FAIL', 'bad'],
  skip: ['-', 'faint'],
};

const TITLES: Record<CheckFinding['name'], string> = {
  starts: 'starts',
  hidden_files: 'hidden files out of reach',
  nothing_submitted: 'nothing scores nothing',
  baseline: 'baseline',
  determinism: 'equal scores for equal work',
  submission_counts: 'score depends on submission',
  declared_baseline: 'declared baseline',
  time: 'time',
};

const TITLE_COLUMNS = Math.max(...Object.values(TITLES).map((title) => title.length));

/** Prints what the check of one task found. */
export function printCheck(report: CheckReport, output: Output): void {
  for (const { name, verdict, detail, remedy } of report.findings) {
    const [mark, style] = MARKS[verdict];
    const title = TITLES[name].padEnd(TITLE_COLUMNS);
    output.line(
      `  ${output.style(style, mark.padEnd(4))}  ${title}  ${detail.trimEnd().replaceAll('\n', '\n        ')}`,
    );
    if (remedy) output.line(`${' '.repeat(TITLE_COLUMNS + 10)}${output.style('accent', remedy)}`);
  }
  const verdict = report.verdict === 'pass' ? output.style('good', 'works') : output.style('bad', 'does not work');
  output.line(`  ${report.task} ${verdict} (${(report.duration_ms / 1000).toFixed(1)} s)`);
}
