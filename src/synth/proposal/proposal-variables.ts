import type { Candidate } from '../candidate.js';
import { numbersOf } from '../candidate-id.js';
import { programLimits } from '../generation/program-limits.js';
import type { SynthSettings } from '../settings.js';
import type { PromptVariables } from '../teacher/teacher.js';

/** What prompts for a proposal are filled in with, whatever the task is to rest on; of several tasks on one topic each has its number. */
export function proposalVariables({ id, topic }: Candidate, settings: SynthSettings): PromptVariables {
  const { environment, hub } = settings;
  const { baselineS, evaluationS } = programLimits(settings);
  return {
    topic: { ...topic, component: topic.component ?? null },
    variant: { number: numbersOf(id)?.task ?? 1, count: settings.tasks_per_topic },
    environment: {
      description: environment.description,
      cpus: environment.cpus,
      memory_gib: Math.round((environment.memory_bytes / 2 ** 30) * 10) / 10,
      gpus: environment.gpus,
    },
    limits: {
      baseline_minutes: Math.round((baselineS / 60) * 10) / 10,
      evaluation_s: evaluationS,
      rows: hub.max_rows,
      dataset_mib: Math.floor(hub.max_bytes / 2 ** 20),
    },
    blocked: hub.blocked,
  };
}
