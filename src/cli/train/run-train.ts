import path from 'node:path';
import { SOFTWARE } from '../../protocol/index.js';
import { DockerPlace } from '../../train/docker-place.js';
import { PythonPlace } from '../../train/python-place.js';
import { TrainRun } from '../../train/run-training.js';
import type { TrainEvent } from '../../train/train-event.js';
import type { TrainPlace } from '../../train/train-place.js';
import { TrainPlaces } from '../../train/train-places.js';
import { readTrainRecord } from '../../train/train-record.js';
import { CliError } from '../cli-error.js';
import { configOf } from '../config-flags.js';
import { Halts } from '../halts.js';
import { Output } from '../output.js';
import { planTraining } from './plan-training.js';
import { printTrainPlan } from './print-train-plan.js';
import { readTrainSettings } from './read-train-settings.js';
import type { TrainFlags } from './train-flags.js';
import { TrainView } from './train-view.js';

const STOPPED = 130;
const HALTS = {
  stop: 'Stopping: the step that is under way is finished and a checkpoint saved. Once more ends it at once.',
  drop: 'Ended at once; the newest checkpoint stays.',
};

/** Trains a student, or goes on with a training. @returns the exit code */
export async function runTrain(dataset: string | undefined, flags: TrainFlags): Promise<number> {
  const output = flags.json ? new Output(process.stderr) : new Output();
  const places = new TrainPlaces(flags.out);
  const earlier = await readTrainRecord(places);
  if (earlier && flags.resume === 'never') {
    throw new CliError(`${flags.out} holds a training already.`, 'Name another directory with --out.', 2);
  }
  const settings = readTrainSettings(dataset, flags, flags.config === undefined ? (earlier?.settings ?? null) : null);
  const config = configOf({});
  const how = { only: config.gpus, force: flags.force === true, isDry: flags.dryRun === true };
  const plan = await planTraining(settings, places.root, how);
  const place = placeOf(
    flags,
    path.resolve(flags.models ?? path.join(config.stateDir, 'models')),
    config.network.hubToken,
  );
  if (!flags.quiet || flags.dryRun) printTrainPlan(plan, settings, place.name, output);
  if (flags.dryRun) return 0;
  const view = new TrainView(output, flags.quiet === true);
  const onEvent = (event: TrainEvent, state: TrainRun['state']) => {
    if (flags.json) process.stdout.write(`${JSON.stringify(event)}\n`);
    view.show(event, state);
  };
  const onStart = (isTakenUp: boolean) => {
    if (isTakenUp) view.notice('A training that runs here already is taken up.');
  };
  const { local, devices, processes } = plan;
  const job = { settings, places, local, gpus: devices.map(({ uuid }) => uuid), processes };
  const run = new TrainRun({
    job,
    place,
    software: `${SOFTWARE.name} ${SOFTWARE.version}`,
    manifestSha256: plan.dataset?.sha256 ?? null,
    onEvent,
    onStart,
  });
  const aside = new Output(process.stderr);
  const stops = new Halts(run, HALTS, (text) => (output.isTerminal ? view.notice(text) : aside.line(text)));
  let end: 'done' | 'stopped';
  try {
    end = await run.run();
  } finally {
    view.close();
    stops.release();
  }
  if (end === 'stopped') {
    const step = run.state.checkpoint;
    output.line(step > 0 ? `Stopped; the same command goes on after step ${step}.` : 'Stopped before a checkpoint.');
    return STOPPED;
  }
  const result = path.join(flags.out, run.state.end?.path ?? '');
  output.line(`${output.style('good', 'done')}: ${result}, ${path.join(flags.out, 'report.html')}`);
  output.line(`Serve it: ${output.style('accent', `vllm serve ${result}`)}`);
  return 0;
}

function placeOf(flags: TrainFlags, models: string, hubToken: string | undefined): TrainPlace {
  if (flags.place === 'python') return new PythonPlace(flags.python, models);
  const environment = flags.environment === undefined ? null : path.resolve(flags.environment);
  return new DockerPlace({ image: flags.image, environment, models, hubToken });
}
