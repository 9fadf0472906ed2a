/** Names that synthesis gives: words, number of the topic, number of the task where a topic has several, a fingerprint where it must. */
const SYNTHESISED = /^(?<namespace>.+)\/.*?-(?<topic>\d+)(?:-(?:[2-9]|[1-9]\d))?(?:-[0-9a-f]{8})?$/;

const VERSION = /-v\d+$/;

/**
 * Tasks of one topic are much alike, versions of one task still more: they belong on the same side of a split.
 * @param task env id
 * @returns what names the group of the task. Where the id ends in the number of a topic, it is namespace and number; that also groups
 *   other tasks of one namespace that end in the same number, which does no harm. Otherwise it is the id without its version.
 */
export function topicCluster(task: string): string {
  const name = task.replace(VERSION, '');
  const { namespace, topic } = SYNTHESISED.exec(name)?.groups ?? {};
  return namespace === undefined ? name : `${namespace}#${topic}`;
}
