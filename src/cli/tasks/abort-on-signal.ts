import { CliError } from '../cli-error.js';

/** @returns a signal that fires with SIGINT and SIGTERM; `done` lets these do again what they did before */
export function abortOnSignal(message: string): { signal: AbortSignal; done: () => void } {
  const controller = new AbortController();
  const abort = () => controller.abort(new CliError(message, null, 130));
  process.once('SIGINT', abort);
  process.once('SIGTERM', abort);
  const done = () => {
    process.off('SIGINT', abort);
    process.off('SIGTERM', abort);
  };
  return { signal: controller.signal, done };
}
