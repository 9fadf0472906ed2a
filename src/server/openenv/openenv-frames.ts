import {
  type EpisodeState,
  type ErrorCode,
  type ResetResult,
  RpcError,
  type StepResult,
} from '../../protocol/index.js';
import { parseTolerantJson } from './tolerant-json.js';

/** Codes of OpenEnv's error frames. */
export type OpenEnvErrorCode =
  | 'INVALID_JSON'
  | 'UNKNOWN_TYPE'
  | 'VALIDATION_ERROR'
  | 'EXECUTION_ERROR'
  | 'CAPACITY_REACHED'
  | 'SESSION_ERROR';

/** A fault in the terms of OpenEnv. */
export class OpenEnvError extends Error {
  override readonly name = 'OpenEnvError';

  constructor(
    readonly code: OpenEnvErrorCode,
    message: string,
    readonly details: Record<string, unknown> = {},
  ) {
    super(message);
  }

  /** The field of a message that is wrong, as the reference server tells it. */
  static invalidField(location: string, what: string, input: unknown): OpenEnvError {
    const errors = [{ type: input === undefined ? 'missing' : 'value_error', loc: [location], msg: what }];
    return new OpenEnvError('VALIDATION_ERROR', `Invalid message: ${location}: ${what}`, { errors });
  }

  static from(error: unknown): OpenEnvError {
    if (error instanceof OpenEnvError) return error;
    if (!(error instanceof RpcError))
      return new OpenEnvError('EXECUTION_ERROR', 'The server failed; its log has the trace.');
    const { code, message, retryable, data } = error;
    const faults = (data as { faults?: { path: string; message: string }[] } | undefined)?.faults;
    return new OpenEnvError(OPENENV_CODES[code] ?? 'EXECUTION_ERROR', message, {
      error: code,
      retryable,
      ...(faults && {
        errors: faults.map((fault) => ({ type: 'value_error', loc: fault.path.split('.'), msg: fault.message })),
      }),
      ...(code === 'capacity_reached' && { active_sessions: data?.used, max_sessions: data?.limit }),
    });
  }
}

const OPENENV_CODES: Partial<Record<ErrorCode, OpenEnvErrorCode>> = {
  invalid_frame: 'INVALID_JSON',
  invalid_message: 'VALIDATION_ERROR',
  invalid_params: 'VALIDATION_ERROR',
  invalid_action: 'VALIDATION_ERROR',
  unknown_method: 'UNKNOWN_TYPE',
  capacity_reached: 'CAPACITY_REACHED',
};

/** A message of an OpenEnv client. */
export type OpenEnvMessage =
  | { type: 'reset'; data: Record<string, unknown> }
  | { type: 'step'; data: Record<string, unknown> }
  | { type: 'state' }
  | { type: 'close' }
  | { type: 'mcp'; data: Record<string, unknown> };

/**
 * Reads a frame.
 * @throws OpenEnvError `INVALID_JSON`, `UNKNOWN_TYPE` or `VALIDATION_ERROR`
 */
export function parseOpenEnvFrame(frame: string | Uint8Array): OpenEnvMessage {
  let message: unknown;
  try {
    message = parseTolerantJson(typeof frame === 'string' ? frame : Buffer.from(frame).toString('utf8'));
  } catch (error) {
    throw new OpenEnvError('INVALID_JSON', `Invalid JSON: ${(error as Error).message}`);
  }
  if (!isRecord(message)) throw new OpenEnvError('INVALID_JSON', 'Invalid JSON: a message is an object');
  const { type, data } = message;
  switch (type) {
    case 'state':
    case 'close':
      return { type };
    case 'reset':
      if (data === undefined || data === null) return { type, data: {} };
      if (isRecord(data)) return { type, data };
      throw OpenEnvError.invalidField('data', 'Input should be a valid dictionary', data);
    case 'step':
    case 'mcp':
      if (isRecord(data)) return { type, data };
      throw OpenEnvError.invalidField(
        'data',
        data === undefined ? 'Field required' : 'Input should be a valid dictionary',
        data,
      );
    default:
      throw new OpenEnvError(
        'UNKNOWN_TYPE',
        `Unknown message type: ${typeof type === 'string' ? type.slice(0, 100) : ''}`,
      );
  }
}

/** The `data` of an observation frame. Reward and done stand beside the observation, never in it. */
export interface OpenEnvObservation {
  observation: Record<string, unknown>;
  reward: number | null;
  done: boolean;
}

/** What a reset or a step returned, for OpenEnv. Info stands in the observation: clients drop every other place. */
export function toOpenEnvObservation(result: ResetResult | StepResult): OpenEnvObservation {
  const { observation, info } = result;
  const isStep = 'terminated' in result;
  const terminated = isStep && result.terminated;
  const truncated = isStep && result.truncated;
  return {
    observation: { ...observation, terminated, truncated, info },
    reward: isStep ? result.reward : null,
    done: terminated || truncated,
  };
}

/** The state before the first reset. */
export const UNSET_STATE = { episode_id: null, step_count: 0 } as const;

/** Writes a frame. */
export const openEnvFrame = {
  observation: (data: OpenEnvObservation): string => write({ type: 'observation', data }),
  state: (data: EpisodeState | typeof UNSET_STATE): string => write({ type: 'state', data }),
  mcp: (data: unknown): string => write({ type: 'mcp', data }),
  error: ({ code, message, details }: OpenEnvError): string =>
    write({ type: 'error', data: { ...details, message, code } }),
};

const ESCAPED_SURROGATE = /\\ud[89a-f]/;

/** JSON in which every string is well-formed: strict readers of UTF-8 refuse half of a surrogate pair. */
export function write(message: unknown): string {
  const text = JSON.stringify(message);
  if (!ESCAPED_SURROGATE.test(text)) return text;
  return JSON.stringify(message, (_key, value: unknown) => (typeof value === 'string' ? wellFormed(value) : value));
}

function wellFormed(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8');
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
