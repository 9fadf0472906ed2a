import { gib } from '../../env/supplies/hub/hub-download.js';
import type { PushReport } from '../../rollout/dataset/push/push-dataset.js';
import type { Output } from '../output.js';

/** Prints what a push came to, or what one would do. */
export function printPush(
  report: PushReport,
  { dryRun = false, public: isPublic = false }: { dryRun?: boolean; public?: boolean },
  output: Output,
): void {
  const { repo, url, branch, commit, visibility, files, bytes, sent_bytes, commits, deleted } = report;
  const row = (name: string, text: string) => output.line(`${output.style('heading', name.padEnd(8))}  ${text}`);
  row('dataset', `${repo}, ${visibility}, branch ${branch}`);
  row('files', `${files}, ${gib(bytes)}`);
  const [sent, gone] = dryRun ? ['would be sent', 'would be taken away'] : ['sent', 'taken away'];
  row('shards', sent_bytes === 0 ? 'all there' : `${gib(sent_bytes)} ${sent}`);
  if (deleted.length > 0) row('earlier', `${deleted.length} files ${gone}`);
  if (commit === null) {
    output.line('Nothing was changed.');
    return;
  }
  row('commit', `${commit}${commits === 0 && !dryRun ? ' (it was there)' : ''}`);
  if (isPublic && visibility === 'private') {
    output.line(
      `${output.style('warn', 'private')}   It stays private; its page lets everybody read it: ${url}/settings`,
    );
  }
  row('load it', `datasets.load_dataset("${repo}"${branch === 'main' ? '' : `, revision="${branch}"`})`);
  row('page', url);
}
