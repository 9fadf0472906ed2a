import { writeNumber } from '../../page/figure.js';
import { LOADING, MASKING } from './card/card-code.js';
import { cardTitle } from './card/card-title.js';
import { dataFiles } from './card/data-files.js';
import { frontMatter } from './card/front-matter.js';
import { codeBlock, markdownTable, markdownText } from './card/markdown.js';
import { datasetPlots } from './dataset-plots.js';
import type { View } from './dataset-settings.js';
import { DROP_WORDS } from './drop-words.js';
import { type DatasetManifest, DROPS } from './manifest.js';

/** Most tasks of the table; the manifest has all of them. */
const MAX_TASKS = 300;

const VIEW_WORDS: Readonly<Record<View, string>> = {
  full: 'A row is a whole episode with every observation in full.',
  final:
    'A row is a whole episode as the last question of the agent showed it to the model: old observations may be elided.',
  turns:
    'A row is one answer of the model with the chat exactly as the model saw it; the loss is on that answer alone.',
};

/**
 * @returns `README.md` of a dataset: what the Hub reads at its head, and for people what it is, how it was made, what was left out and why,
 *   and how to train with it. A function of the manifest alone; names of tasks and models are written so that they mean nothing but
 *   themselves.
 */
export function datasetCard(manifest: DatasetManifest): string {
  const parts = [
    `# ${markdownText(cardTitle(manifest))}`,
    introduction(manifest),
    ...figures(manifest),
    '## Use',
    codeBlock('python', LOADING),
    ...secondFormat(manifest),
    'Loss belongs on what the model wrote. `text` is the chat as the template of the student writes it, and `loss_spans` are the places of ' +
      'the assistant in it, in characters as Python counts:',
    codeBlock('python', MASKING),
    'Or, with Gymsmith, `gymsmith train path/to/this/directory --model Qwen/Qwen3-4B` (the directory, or its name on the Hub).',
    ...columns(),
    ...making(manifest),
    ...tables(manifest),
    ...limits(manifest),
  ];
  return `${frontMatter(manifest)}\n${parts.join('\n\n')}\n`;
}

const count = (value: number) => writeNumber(value, 'count');

function introduction({ rows, tasks, tokens, loss_tokens, files, tokenizer, settings }: DatasetManifest): string {
  const kept = tasks.filter((task) => task.kept > 0);
  const heldOut = kept.filter(({ split }) => split === 'test').length;
  const about = tokenizer.exact ? '' : 'about ';
  const formats = [...new Set(files.map(({ format }) => (format === 'parquet' ? 'Parquet' : 'JSONL')))].join(' and ');
  return (
    `Episodes in which language models worked on machine-learning research tasks in a sandbox: they read the task, wrote and ran code, and ` +
    `handed in a solution that the evaluator of the task scored. ${count(rows)} rows of ${kept.length} tasks, ${about}${count(tokens)} ` +
    `tokens, of which ${count(loss_tokens)} are the model's; in ${formats}. ${VIEW_WORDS[settings.view]} ` +
    `The split is by task: ${heldOut} of ${kept.length} tasks are held out in \`test\`, and no task is in both.`
  );
}

/** Only one format can be in the head. */
function secondFormat({ files }: DatasetManifest): string[] {
  const lines = files.filter(({ format }) => format === 'jsonl');
  if (lines.length === 0 || lines.length === files.length) return [];
  const splits = dataFiles(lines).map(({ split, path }) => `${JSON.stringify(split)}: ${JSON.stringify(path)}`);
  const words =
    'The same rows as JSONL, from within this directory; from the Hub with `hf://datasets/<owner>/<name>/` before each path:';
  return [words, codeBlock('python', `load_dataset("json", data_files={${splits.join(', ')}})`)];
}

function figures(manifest: DatasetManifest): string[] {
  return datasetPlots(manifest).map(({ path: file, title }) => `![${title}](${file})`);
}

function columns(): string[] {
  return [
    '## Columns',
    markdownTable(
      ['column', 'what it holds'],
      [
        ['`id`', 'of the trajectory; `#<turn>` behind it where a row is one answer'],
        ['`task`, `model`', 'what was worked on, and who did'],
        ['`messages`, `tools`', 'the chat by roles; JSON text of the tools that were offered, or null'],
        ['`text`, `loss_spans`', "the chat in the student's template; where the assistant's turns begin and end in it"],
        ['`tokens`, `loss_tokens`', 'of `text`, and of the spans'],
        ['`truncated`', 'whether the end of the episode is cut off'],
        ['`exit_status`, `steps`', "how the episode ended, in MLGym's words; how many steps it took"],
        [
          '`valid`, `best`, `baseline`, `improves`',
          'submissions with a score, the best of them, and what it is compared with',
        ],
      ],
    ),
  ];
}

function making(manifest: DatasetManifest): string[] {
  const { settings, sources, template, tokenizer, trajectories, kept, truncated, rows, software, created_at } =
    manifest;
  const caps = [
    settings.duplicates === 'drop' ? 'of episodes of a task in which the agent did the same, one is kept' : null,
    settings.filter.preset === 'top-k' ? `of each task the ${settings.filter.k} best are kept` : null,
    settings.per_task === null ? null : `at most ${settings.per_task} of a task (${settings.per_task_order})`,
  ].filter((cap) => cap !== null);
  const from = sources.map((source) => `${markdownText(source.name)} (${count(source.trajectories)})`);
  const cut =
    settings.truncate_tokens === null
      ? 'Rows are not cut.'
      : `Rows are cut at the end of an assistant's turn, at ${count(settings.truncate_tokens)} tokens at most: ${count(truncated)} of ${count(rows)} were.`;
  const counted = tokenizer.exact
    ? `Tokens were counted with the student's tokenizer (SHA-256 \`${(tokenizer.sha256 ?? '').slice(0, 16)}\`).`
    : 'No tokenizer was given: numbers of tokens are estimates.';
  return [
    '## How it was made',
    `${count(trajectories)} trajectories were looked at: ${from.join(', ')}. They were filtered (preset \`${settings.filter.preset}\`):`,
    codeBlock('', manifest.expression.replace(/[\p{Cf}\p{Cs}]/gu, '\ufffd')),
    `${caps.length === 0 ? '' : `Then: ${caps.join('; ')}. `}${count(kept)} were kept.`,
    `Template: \`${template.name}\`, version ${markdownText(template.version)}. ${counted} ${cut}`,
    `Seed ${settings.seed}; ${markdownText(software)}, ${markdownText(created_at)}. \`manifest.json\` has every setting, hash and count.`,
  ];
}

function tables({ kept, dropped, clauses, tasks, models, exit_statuses }: DatasetManifest): string[] {
  const drops = DROPS.filter((drop) => dropped[drop]).map((drop) => [
    `\`${drop}\``,
    DROP_WORDS[drop],
    count(dropped[drop]!),
  ]);
  const failed = clauses.filter((clause) => clause.dropped > 0);
  const shown = tasks.slice(0, MAX_TASKS);
  return [
    '### Kept and dropped',
    markdownTable(['fate', 'why', '#trajectories'], [['kept', '', count(kept)], ...drops]),
    ...(failed.length < 2
      ? []
      : [
          'Of those that the filter dropped, the first condition that did not hold:',
          markdownTable(
            ['condition', '#trajectories'],
            failed.map(({ clause, dropped }) => [markdownText(clause), count(dropped)]),
          ),
        ]),
    '### Models',
    markdownTable(
      ['model', '#trajectories', '#valid', '#better than the baseline', '#kept'],
      models.map((row) => [
        markdownText(row.model),
        ...[row.trajectories, row.valid, row.improved, row.kept].map(count),
      ]),
    ),
    '### How episodes ended',
    markdownTable(
      ['exit status', '#trajectories', '#kept'],
      exit_statuses.map((row) => [markdownText(row.exit_status), count(row.trajectories), count(row.kept)]),
    ),
    '### Tasks',
    markdownTable(
      ['task', 'split', '#trajectories', '#valid', '#better than the baseline', '#kept', '#rows'],
      shown.map((row) => [
        markdownText(row.task),
        row.split,
        ...[row.trajectories, row.valid, row.improved, row.kept, row.rows].map(count),
      ]),
    ),
    ...(tasks.length > shown.length ? [`And ${count(tasks.length - shown.length)} more, in \`manifest.json\`.`] : []),
  ];
}

function limits({ settings, tokenizer }: DatasetManifest): string[] {
  const off = (['infrastructure', 'cheating', 'control_tokens', 'identity'] as const).filter(
    (reject) => !settings.filter.rejects.includes(reject),
  );
  const said = [
    'Evidence of cheating, marks of the template and names of models are found by rules. Rules miss some and flag some that are innocent.',
    'A limit of length drops first the tasks that take long programs and long outputs: compare kept and played by task above.',
    'A score says how well a submission did, not that every step towards it was sensible. Cut rows do not show how an episode ended.',
    'Observations quote data and programs of the tasks; their licences, and the terms of whoever served the models, go on to hold.',
    ...(off.length > 0 ? [`Not rejected here: ${off.map((reject) => DROP_WORDS[reject]).join('; ')}.`] : []),
    ...(tokenizer.exact ? [] : ['Limits in tokens were applied to estimates.']),
  ];
  return ['## Limits', said.map((line) => `- ${line}`).join('\n')];
}
