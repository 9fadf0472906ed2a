import { reloadTasks } from '../../client/index.js';
import { readConfig } from '../../config.js';
import { CliError } from '../cli-error.js';
import type { Output } from '../output.js';

/** What to reload, and how to tell it. */
export interface ReloadRequest {
  url: string;
  /** Undefined: that of the settings. */
  token: string | undefined;
  json: boolean;
}

/**
 * Makes a server read its packs again and prints what changed.
 * @returns whether every task of the packs is served
 * @throws CliError for no address, RpcError or ClientError when the server refuses or does not answer
 */
export async function reloadServer({ url, token, json }: ReloadRequest, output: Output): Promise<boolean> {
  if (!/^(ws|http)s?:\/\//.test(url) || !URL.canParse(url)) {
    throw new CliError(`--url: ${url} is no server address: it must look like http://host:port`, null, 2);
  }
  const report = await reloadTasks(url, { token: token ?? readConfig().token });
  const errors = report.faults.filter(({ severity }) => severity === 'error');
  if (json) output.line(JSON.stringify({ version: 1, ...report }, null, 2));
  else {
    for (const task of report.added) output.line(`${output.style('good', 'new')}      ${task}`);
    for (const task of report.removed) output.line(`${output.style('warn', 'removed')}  ${task}`);
    for (const task of report.changed) output.line(`${output.style('bad', 'changed')}  ${task}`);
    for (const { text } of errors) output.line(`${output.style('bad', 'fault')}    ${text}`);
    const { added, removed, changed } = report;
    if (added.length + removed.length + changed.length === 0) output.line('No task came or went.');
  }
  return errors.length === 0 && report.changed.length === 0;
}
