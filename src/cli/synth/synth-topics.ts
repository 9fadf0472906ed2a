import path from 'node:path';
import { log } from '../../log.js';
import { RunBudget } from '../../run/run-budget.js';
import { NOTHING_SPENT } from '../../run/spent.js';
import { Turnstile } from '../../run/turnstile.js';
import { Account } from '../../synth/pipeline/account.js';
import { withRun } from '../../synth/run/run-store.js';
import { measureDiversity, type TopicDiversity } from '../../synth/topics/diversity.js';
import type { TopicsFile } from '../../synth/topics/topics-file.js';
import { CliError } from '../cli-error.js';
import { unpricedWarning } from '../models/model-prices.js';
import { Output } from '../output.js';
import { shownLine } from '../play/terminal-text.js';
import { ProgressLine } from '../progress-line.js';
import { abortOnSignal } from '../tasks/abort-on-signal.js';
import { modelsOf, openModels } from './open-models.js';
import { journalOf, topicsOf } from './run-pipeline.js';
import type { SynthRunFlags } from './synth-flags.js';
import { prepare } from './synth-run.js';
import { spentLine } from './synth-words.js';

const SHOWN_VALUES = 6;

/** Samples the topics of a run and stops there; `gymsmith synth run` on the same directory goes on with them. */
export async function sampleTopics(flags: SynthRunFlags): Promise<void> {
  const said = flags.json ? new Output(process.stderr) : new Output();
  const { settings, config, prompts, versions, prices } = await prepare(flags);
  const replay = flags.replay === undefined ? null : path.resolve(flags.replay);
  const models = await openModels(settings, config, prices, replay !== null);
  const unpriced = replay === null ? unpricedWarning(modelsOf(settings), settings.budget.usd, prices) : null;
  if (unpriced !== null) said.line(said.style('warn', unpriced));
  if (config.logLevel !== 'debug') log.level = 'error';
  const { signal, done } = abortOnSignal('Stopped. The topics so far are kept.');
  const progress = new ProgressLine(said);
  try {
    const known = await withRun(flags.out, { settings, prompts: versions, replayOf: replay }, async (run) => {
      await prompts.copyTo(run.places.prompts);
      const budget = new RunBudget(settings.budget);
      const refuse = () => {
        if (budget.reached) throw budget.reached;
      };
      const till = {
        budget,
        questions: new Turnstile(settings.concurrency.teacher),
        sandboxes: new Turnstile(1),
        gpusOfSandbox: 0,
        refuse,
        onAnswered: () => {},
      };
      const meter = new Account(till, () => [], NOTHING_SPENT);
      const parts = { run, models, prompts, config, replay };
      const source = await topicsOf(parts, journalOf(parts), { meter, signal });
      budget.add(source.known.spent);
      if (!flags.quiet) progress.show('the teacher is asked for topics');
      for await (const { number } of source) progress.note(`${number} of ${settings.topics}`);
      return source.known;
    });
    progress.clear();
    const topics = known.accepted.map(({ topic }) => topic);
    const diversity = measureDiversity(topics);
    if (flags.json) {
      new Output().line(JSON.stringify({ topics, rejected: known.rejected, diversity, spent: known.spent }));
      return;
    }
    printTopics(known, diversity, said);
    said.line(`spent ${spentLine(known.spent, settings)}`);
    said.line(`next: ${said.style('accent', `gymsmith synth run --out ${flags.out}`)}`);
  } catch (error) {
    progress.clear();
    if (signal.aborted)
      throw new CliError(
        'Stopped. The topics so far are kept.',
        `Go on: gymsmith synth topics --out ${flags.out}`,
        130,
      );
    throw error;
  } finally {
    done();
  }
}

function printTopics({ accepted, rejected, end }: TopicsFile, diversity: TopicDiversity, output: Output): void {
  for (const [at, { topic }] of accepted.entries()) {
    output.line(
      `${String(at + 1).padStart(4)}  ${shownLine(topic.title)}  ${output.style('faint', shownLine(`${topic.area}, ${topic.problem}`))}`,
    );
  }
  output.line();
  output.heading(`${accepted.length} topics, ${rejected.length} rejected`);
  for (const [axis, { counts, distinct, entropy }] of Object.entries(diversity.axes)) {
    const most = Object.entries(counts)
      .slice(0, SHOWN_VALUES)
      .map(([value, count]) => `${shownLine(value)} ${count}`);
    output.line(`  ${axis.padEnd(11)} ${distinct} values, evenness ${entropy.toFixed(2)}: ${most.join(', ')}`);
  }
  output.line(
    `  combinations ${diversity.cells}, clusters ${diversity.clusters}, the largest of ${diversity.largest_cluster}`,
  );
  if (diversity.nearest) {
    output.line(
      `  distance to the nearest other topic ${diversity.nearest.mean.toFixed(2)}, at least ${diversity.nearest.min.toFixed(2)}`,
    );
  }
  if (end?.why === 'no_progress' || end?.why === 'exhausted') output.line(output.style('warn', end.detail));
}
