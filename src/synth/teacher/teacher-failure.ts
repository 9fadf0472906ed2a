import type { ModelError } from '../../agent/models/model.js';
import { StageFault } from '../stage.js';
import type { TeacherFault } from './teacher.js';

/** What no waiting mends: keys, money, names and addresses are for a person to set right. */
const SETTINGS =
  /HTTP 404|HTTP 405|HTTP 30\d|model_not_found|model .{0,200}(?:does not exist|not found)|bad port|ERR_INVALID_URL/is;
/** How endpoints say that they do not answer such a question. */
const POLICY =
  /content[ _](?:management|filter|policy)|usage polic|invalid_prompt|safety (?:system|reasons)|moderation/i;

/**
 * Decides what a question without an answer means.
 * @returns a fault of this question alone, which asking it again would not mend; else a fault of the endpoint
 */
export function teacherFailure(error: ModelError, model: string): TeacherFault | StageFault {
  const { code, message } = error;
  if (code === 'context_window') return { kind: 'malformed', detail: `the question is too long: ${message}` };
  if (code === 'bad_request' && POLICY.test(message)) return { kind: 'refused', detail: message };
  const isFatal =
    code === 'unauthorized' ||
    code === 'quota' ||
    code === 'exhausted' ||
    (code === 'bad_request' && SETTINGS.test(message));
  return new StageFault('teacher_unavailable', `${model}: ${message}`, isFatal, { cause: error });
}
