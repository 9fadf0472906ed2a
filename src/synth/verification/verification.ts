import type { PackTask } from '../../env/packs/pack-task.js';
import type { TaskDraft } from '../../env/packs/task-draft.js';
import type { Attempt, Candidate } from '../candidate.js';
import { afterFailure } from '../debugging/after-failure.js';
import { GATE_TITLES, GATES_BY_DEFAULT, type GateFinding, type GateName, type GateVerdict } from '../gates/gate.js';
import { baselineOf, isBeating } from '../gates/headroom.js';
import { baselineMeasurement, judgeFiles } from '../gates/structure.js';
import { attemptDirectory } from '../generation/attempt-files.js';
import { draftOfCandidate } from '../generation/draft-of-candidate.js';
import { proposalOf } from '../proposal/proposal-of.js';
import type { StageContext } from '../stage.js';
import { Bench } from './bench.js';
import { DraftedTasks } from './drafted-tasks.js';
import { GATES_AFTER_PLAY, GATES_BEFORE_PLAY } from './gate-order.js';
import { shownScore } from './metric-scale.js';
import { playTeacher } from './play-teacher.js';
import { TaskFault } from './task-fault.js';
import type { TrialGate, TrialSubject } from './trial-subject.js';
import { WorkClock } from './work-clock.js';

/** Namespace of tasks that the teacher plays: the gates' drafts with the baseline that they measured. */
const PLAYED = 'episode';
const OFF: GateFinding = { verdict: 'skip', detail: 'switched off' };

/** The newest attempt of a candidate on its way through the gates. */
export class Verification {
  private readonly context: StageContext;
  readonly #clock = new WorkClock();
  readonly #drafted: DraftedTasks;
  #candidate: Candidate;
  #attempt: Attempt;
  /** Findings of gates of which another part follows. */
  readonly #parts = new Map<GateName, { findings: GateFinding[]; ms: number }>();
  #tried: { draft: TaskDraft; task: PackTask; bench: Bench } | null = null;

  /** @param candidate with an attempt that is under way */
  constructor(candidate: Candidate, context: StageContext) {
    const attempt = candidate.attempts.at(-1);
    if (!attempt) throw new Error(`${candidate.id} has no attempt to verify`);
    this.#candidate = candidate;
    this.#attempt = attempt;
    this.context = { ...context, inSandbox: this.#clock.over((work) => context.inSandbox(work)) };
    this.#drafted = new DraftedTasks(context);
  }

  /**
   * Judges, has the teacher play, and removes the drafts whatever happens.
   * @throws StageFault, BudgetReached, the signal's reason
   */
  async toEnd(): Promise<Candidate> {
    try {
      const { id, attempts } = this.#candidate;
      await this.#drafted.clear([id, ...attempts.map(({ number }) => `${id}-v${number + 1}`)]);
      for (const [index, gate] of GATES_BEFORE_PLAY.entries()) {
        const after = [...GATES_BEFORE_PLAY.slice(index + 1), ...GATES_AFTER_PLAY];
        await this.#ask(gate, !after.some(({ name }) => name === gate.name));
      }
      await this.#play();
      for (const gate of GATES_AFTER_PLAY) await this.#ask(gate, true);
      return await this.#sound();
    } catch (error) {
      if (!(error instanceof TaskFault)) throw error;
      return this.#failed(error);
    } finally {
      await this.#drafted.clear();
    }
  }

  /** @param isLast no other part of the gate follows */
  async #ask(gate: TrialGate, isLast: boolean): Promise<void> {
    const { name } = gate;
    const known = this.#attempt.gates.find((verdict) => verdict.gate === name);
    if (known?.verdict === 'fail') {
      throw new TaskFault(known.fault as TaskFault['fault'], known.detail, known.evidence, known.measured);
    }
    if (known) return;
    const isOn = this.context.settings.gates[name] ?? GATES_BY_DEFAULT[name];
    // Without a score of the baseline there is nothing to publish, whoever judges it.
    const asked = isOn ? gate : name === 'structure' && isLast ? baselineMeasurement : null;
    const startedAtMs = this.#clock.ms;
    let finding = OFF;
    let fault: TaskFault | null = null;
    try {
      if (asked !== null) finding = await this.#judge(asked);
    } catch (error) {
      if (!(error instanceof TaskFault)) throw error;
      fault = error;
      const { detail, measured } = error;
      finding = {
        verdict: 'fail',
        fault: error.fault,
        detail,
        measured,
        ...(error.evidence && { evidence: error.evidence }),
      };
    }
    const part = this.#parts.get(name) ?? { findings: [], ms: 0 };
    part.findings.push(finding);
    part.ms += this.#clock.ms - startedAtMs;
    this.#parts.set(name, part);
    if (!isLast && finding.verdict !== 'fail') return;
    await this.#keep(verdictOf(name, part.findings, part.ms));
    if (finding.verdict === 'fail') {
      throw fault ?? new TaskFault(finding.fault, finding.detail, finding.evidence ?? null, finding.measured);
    }
  }

  async #judge(gate: TrialGate): Promise<GateFinding> {
    this.context.tell(GATE_TITLES[gate.name]);
    return gate.judge(await this.#subject());
  }

  async #subject(): Promise<TrialSubject> {
    const [candidate, attempt, context] = [this.#candidate, this.#attempt, this.context];
    this.#tried ??= await this.#draft();
    const measured = (name: GateName) => attempt.gates.find(({ gate }) => gate === name)?.measured ?? {};
    const directory = attemptDirectory(context.directory, attempt.number);
    return { candidate, attempt, directory, context, measured, ...this.#tried };
  }

  /** A task without a baseline would have it measured at its first reset, by somebody who does not say what went wrong. */
  async #draft(): Promise<{ draft: TaskDraft; task: PackTask; bench: Bench }> {
    await judgeFiles(this.#candidate, this.#attempt.number, this.context.directory);
    const { lower } = proposalOf(this.#candidate).metric;
    const baseline = { score: lower, std: 0, runs: 0 };
    const draft = await draftOfCandidate(this.#candidate, this.#attempt.number, this.context, { baseline });
    const task = await this.#drafted.add(draft);
    return { draft, task, bench: new Bench(task, this.context) };
  }

  async #play(): Promise<void> {
    const { agent_episodes } = this.context.settings.verification;
    const { mean, std, scores } = baselineOf(await this.#subject());
    this.#candidate = { ...this.#candidate, baseline: { scores, mean, std } };
    if (agent_episodes === 0 || this.#candidate.episodes.length === agent_episodes) return;
    const { id } = this.#candidate;
    const { number } = this.#attempt;
    const baseline = { score: mean, std, runs: scores.length };
    const options = { id, namespace: PLAYED, baseline };
    const task = await this.#drafted.add(await draftOfCandidate(this.#candidate, number, this.context, options));
    this.context.tell('the teacher plays');
    const play = { candidate: this.#candidate, attempt: number, task: task.envId, context: this.context };
    const numbers = Array.from({ length: agent_episodes }, (_, index) => index);
    const results = await Promise.allSettled(numbers.map((index) => playTeacher(play, index)));
    const episodes = results.map((result) => {
      if (result.status === 'rejected') throw result.reason;
      return result.value;
    });
    this.#candidate = { ...this.#candidate, episodes };
    await this.context.save(this.#candidate);
  }

  async #sound(): Promise<Candidate> {
    const subject = await this.#subject();
    const { episodes } = this.#candidate;
    const candidate: Candidate = {
      ...this.#candidate,
      attempts: [...this.#candidate.attempts.slice(0, -1), { ...this.#attempt, verdict: 'sound' }],
      state: 'publishing',
      reason: null,
      detail: null,
    };
    const scores = episodes.flatMap(({ score }) => (score === null ? [] : [score]));
    if (episodes.length > 0 && scores.length === 0) {
      return { ...candidate, reason: 'no_valid_submission', detail: `none in ${episodes.length} episodes` };
    }
    const isAsked = this.context.settings.gates.headroom ?? GATES_BY_DEFAULT.headroom;
    if (episodes.length === 0 || !isAsked || scores.some((score) => isBeating(subject, score))) return candidate;
    const { mean, std } = baselineOf(subject);
    const detail = `scores ${scores.map(shownScore).join(', ')}, the baseline ${shownScore(mean)} ± ${shownScore(std)}`;
    return { ...candidate, reason: 'baseline_not_beaten', detail };
  }

  #failed({ fault, detail, evidence }: TaskFault): Candidate {
    const attempt: Attempt = { ...this.#attempt, verdict: 'failed', fault, detail, evidence };
    const attempts = [...this.#candidate.attempts.slice(0, -1), attempt];
    return afterFailure({ ...this.#candidate, attempts }, this.context.settings);
  }

  async #keep(verdict: GateVerdict): Promise<void> {
    this.#attempt = { ...this.#attempt, gates: [...this.#attempt.gates, verdict] };
    this.#candidate = {
      ...this.#candidate,
      attempts: [...this.#candidate.attempts.slice(0, -1), this.#attempt],
    };
    await this.context.save(this.#candidate);
  }
}

/** What the parts of a gate come to: a failure when one failed, else a pass when one passed. */
function verdictOf(gate: GateName, findings: readonly GateFinding[], ms: number): GateVerdict {
  const failed = findings.find((finding) => finding.verdict === 'fail');
  const told = findings.filter(({ verdict }) => verdict === 'pass');
  const shown = failed ? [failed] : told.length > 0 ? told : findings;
  return {
    gate,
    verdict: failed ? 'fail' : told.length > 0 ? 'pass' : 'skip',
    fault: failed?.verdict === 'fail' ? failed.fault : null,
    detail: [...new Set(shown.map(({ detail }) => detail))].join('; '),
    evidence: failed?.verdict === 'fail' ? (failed.evidence ?? null) : null,
    measured: Object.assign({}, ...findings.map(({ measured }) => measured ?? {})),
    duration_ms: Math.round(ms),
  };
}
