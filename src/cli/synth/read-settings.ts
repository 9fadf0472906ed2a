import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { GATES } from '../../synth/gates/gate.js';
import { SynthSettings } from '../../synth/settings.js';
import { closest } from '../../yaml/closest.js';
import { CliError } from '../cli-error.js';
import { type GivenSetting, mergeSettings } from '../settings/merge-settings.js';
import { placedAgent } from '../settings/placed-agent.js';
import { refuseCredentials } from '../settings/refuse-credentials.js';
import { weightedModel } from '../settings/weighted-model.js';
import { type SettingFlags, words } from './synth-flags.js';

/** Of which every part is there. */
const COMPLETE = SynthSettings.parse({
  teachers: [{ model: 'any' }],
  from_repo: { path: '.', commit: 'HEAD' },
  reviewer: { model: 'any' },
});

/**
 * Puts the configuration file and the flags together.
 * @param base settings of a run that is taken up or replayed, for those who name neither file nor teacher
 * @returns settings with paths made absolute, and the commit of a code base made exact
 * @throws CliError naming each fault with its line or flag, and what to write instead
 */
export function readSettings(flags: SettingFlags, base: SynthSettings | null = null): SynthSettings {
  const file = flags.config;
  const settings = mergeSettings({
    schema: SynthSettings,
    file,
    base: flags.teacher === undefined ? base : null,
    given: givenBy(flags),
    complete: COMPLETE,
    names: { gates: GATES },
    refuse: (merged) => refuseNoTeacher(merged, file),
  });
  return placed(settings, file);
}

function refuseNoTeacher(merged: Record<string, unknown>, file: string | undefined): void {
  if (Array.isArray(merged.teachers) && merged.teachers.length > 0) return;
  // A name that is mistyped is told instead.
  if (merged.teachers !== undefined || Object.keys(merged).some((name) => !(name in SynthSettings.shape))) return;
  const where = file === undefined ? '' : ` or write in ${file}:  teachers: [{model: gpt-5}]`;
  throw new CliError('No model is named that writes the tasks.', `Name one: --teacher gpt-5${where}`, 2);
}

function givenBy(flags: SettingFlags): GivenSetting[] {
  const plain: [string, string, unknown][] = [
    ['--topics', 'topics', flags.topics],
    ['--tasks-per-topic', 'tasks_per_topic', flags.tasksPerTopic],
    ['--topic-batch', 'topic_batch', flags.topicBatch],
    ['--topic-list', 'topic_list', flags.topicList && topicsOf(flags.topicList)],
    ['--from-repo', 'from_repo', repositoryOf(flags)],
    ['--seed', 'seed', flags.seed],
    ['--teacher', 'teachers', flags.teacher?.map(weightedModel)],
    ['--reviewer', 'reviewer', flags.reviewer === undefined ? undefined : { model: flags.reviewer }],
    ['--p-debug', 'p_debug', flags.pDebug],
    ['--k', 'debug_iterations', flags.k],
    ['--no-debug', 'debug_iterations', flags.debug ? undefined : 0],
    ['--no-hub-check', 'hub.check', flags.hubCheck ? undefined : false],
    ['--agent', 'verification.agent', flags.agent],
    ['--agent-episodes', 'verification.agent_episodes', flags.agentEpisodes],
    ['--agent-max-steps', 'verification.agent_max_steps', flags.agentMaxSteps],
    ['--image', 'environment.image', flags.image],
    ['--max-usd', 'budget.usd', flags.maxUsd],
    ['--max-tokens', 'budget.tokens', flags.maxTokens],
    ['--max-gpu-hours', 'budget.gpu_hours', flags.maxGpuHours],
    ['--concurrency', 'concurrency.candidates', flags.concurrency],
    ['--teacher-concurrency', 'concurrency.teacher', flags.teacherConcurrency],
    ['--sandboxes', 'concurrency.sandboxes', flags.sandboxes],
    ['--contamination', 'contamination', flags.contamination],
    ['--prompts', 'prompts', flags.prompts],
    ['--pack', 'publish.pack', flags.pack],
    ['--namespace', 'publish.namespace', flags.namespace],
    ['--reload', 'publish.reload', flags.reload],
  ];
  const given = plain
    .filter(([, , value]) => value !== undefined)
    .map(([flag, place, value]): GivenSetting => ({ flag, path: place.split('.'), value }));
  // After the teachers, whose endpoint it is.
  if (flags.baseUrl !== undefined)
    given.push({ flag: '--base-url', path: ['teachers', '*', 'base_url'], value: flags.baseUrl });
  return [...given, ...gatesOf(flags)];
}

function gatesOf({ gates, gate }: SettingFlags): GivenSetting[] {
  const only = gates?.join() === 'none' ? [] : gates;
  const judged = (only ?? []).map((name) => knownGate(name, '--gates'));
  const off = (gate === true ? [] : gate.flatMap(words)).map((name) => knownGate(name, '--no-gate'));
  return GATES.flatMap((name): GivenSetting[] => {
    const isOn = only && judged.includes(name) && !off.includes(name);
    if (only) return [{ flag: '--gates', path: ['gates', name], value: isOn === true }];
    return off.includes(name) ? [{ flag: '--no-gate', path: ['gates', name], value: false }] : [];
  });
}

function knownGate(name: string, flag: string): string {
  if ((GATES as readonly string[]).includes(name)) return name;
  const near = closest(name, GATES)[0];
  throw new CliError(
    `${flag}: there is no gate ${name}`,
    near ? `Did you mean ${near}?` : `There are: ${GATES.join(', ')}`,
    2,
  );
}

function topicsOf(file: string): string[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new CliError(`--topic-list: ${file} cannot be read: ${(error as Error).message}`, null, 2);
  }
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const topics = lines.filter((line) => line !== '' && !line.startsWith('#'));
  if (topics.length > 0) return topics;
  throw new CliError(
    `--topic-list: ${file} holds no topic`,
    'Write one a line; lines that begin with # are left out.',
    2,
  );
}

function repositoryOf({ fromRepo, component }: SettingFlags): unknown {
  if (fromRepo === undefined) {
    if (component === undefined) return undefined;
    throw new CliError('--component: there is no code base', 'Name one: --from-repo path@commit', 2);
  }
  const at = fromRepo.lastIndexOf('@');
  const [place, commit] = at < 0 ? [fromRepo, 'HEAD'] : [fromRepo.slice(0, at), fromRepo.slice(at + 1)];
  return { path: place, commit, component: component ?? null };
}

/** The same settings are the same files, wherever the process runs. */
function placed(settings: SynthSettings, file: string | undefined): SynthSettings {
  const { from_repo, prompts, publish, contamination, verification } = settings;
  const where = `The address of an endpoint${file === undefined ? '' : ` (${file})`}`;
  for (const { base_url } of [...settings.teachers, ...(settings.reviewer ? [settings.reviewer] : [])]) {
    refuseCredentials(base_url, where, 'Put the key into OPENAI_API_KEY.');
  }
  refuseCredentials(publish.reload, '--reload: the address of the server', 'Put the token into GYMSMITH_TOKEN.');
  return {
    ...settings,
    from_repo: from_repo && { ...from_repo, path: path.resolve(from_repo.path), commit: exactCommit(from_repo) },
    verification: { ...verification, agent: placedAgent(verification.agent) },
    prompts: prompts && path.resolve(prompts),
    publish: { ...publish, pack: publish.pack && path.resolve(publish.pack) },
    contamination: contamination.map((place) => path.resolve(place)),
  };
}

function exactCommit({ path: place, commit }: { path: string; commit: string }): string {
  try {
    const words = ['-C', place, 'rev-parse', '--verify', '--quiet', '--end-of-options', `${commit}^{commit}`];
    return execFileSync('git', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
  } catch {
    throw new CliError(
      `--from-repo: ${place} has no commit ${commit}`,
      'Name a Git repository on this machine and a branch, tag or commit of it: path@commit',
      2,
    );
  }
}
