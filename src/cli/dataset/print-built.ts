import { writeNumber } from '../../page/figure.js';
import { DROP_WORDS } from '../../rollout/dataset/drop-words.js';
import { type DatasetManifest, DROPS } from '../../rollout/dataset/manifest.js';
import type { Output } from '../output.js';

const count = (value: number) => writeNumber(value, 'count');

/** Prints what became of the trajectories, what the dataset holds, and what to do with it. */
export function printBuilt(manifest: DatasetManifest, out: string, output: Output): void {
  const { trajectories, kept, dropped, tasks, tokenizer } = manifest;
  const share = (some: number) => `${((100 * some) / trajectories).toFixed(1)} %`;
  const row = (name: string, some: number, why: string) => [name, count(some), share(some), why];
  output.table(
    ['trajectories', 'number', 'share', ''],
    [
      row('kept', kept, `of ${tasks.filter((task) => task.kept > 0).length} tasks`),
      ...DROPS.filter((drop) => dropped[drop]).map((drop) => row(drop, dropped[drop]!, DROP_WORDS[drop])),
      row('all', trajectories, ''),
    ],
    [1, 2],
  );
  output.line();
  printFiles(manifest, output);
  printRows(manifest, output);
  if (!tokenizer.exact) {
    output.line(output.style('warn', 'Tokens are estimated; --tokenizer counts them as the student does.'));
  }
  output.line();
  output.line(`${output.style('good', out)} has the dataset. Look at it:`);
  output.line(`  gymsmith dataset stats ${out}`);
  output.line(`  gymsmith dataset push ${out} --repo <you>/<name> --dry-run`);
  output.line(`  gymsmith train ${out} --model Qwen/Qwen3-4B --dry-run`);
}

function printFiles({ files }: DatasetManifest, output: Output): void {
  const groups = (['train', 'test'] as const).flatMap((split) =>
    (['parquet', 'jsonl'] as const).map((format) => ({
      split,
      format,
      files: files.filter((file) => file.split === split && file.format === format),
    })),
  );
  const sum = (some: DatasetManifest['files'], key: 'rows' | 'bytes') => some.reduce((all, file) => all + file[key], 0);
  output.table(
    ['split', 'format', 'files', 'rows', 'size'],
    groups
      .filter((group) => group.files.length > 0)
      .map(({ split, format, files: some }) => [
        split,
        format,
        count(some.length),
        count(sum(some, 'rows')),
        writeNumber(sum(some, 'bytes'), 'bytes'),
      ]),
    [2, 3, 4],
  );
}

function printRows(
  { rows, tokens, loss_tokens, truncated, omitted, unknown_views }: DatasetManifest,
  output: Output,
): void {
  const cut = truncated > 0 ? `, ${count(truncated)} rows cut` : '';
  output.line(`${count(rows)} rows, ${count(tokens)} tokens, ${count(loss_tokens)} with loss${cut}`);
  if (omitted > 0) output.line(`${count(omitted)} answers are no row: the chat before them is too long`);
  if (unknown_views > 0) {
    output.line(
      output.style(
        'warn',
        `${count(unknown_views)} trajectories do not say what the model saw: their rows are full ones`,
      ),
    );
  }
}
