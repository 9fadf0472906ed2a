import { RpcError } from '../../protocol/index.js';

/** A fault in the options of a reset. @param path of the option, below `options` */
export function resetFault(path: string, message: string): RpcError {
  const at = `options.${path}`;
  return new RpcError('invalid_params', `${at}: ${message}`, { faults: [{ path: at, message }] });
}
