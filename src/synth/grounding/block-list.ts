/**
 * Datasets of the benchmarks that trained models are measured on (MLGym's thirteen tasks and what they are made from), with their mirrors.
 * Patterns are matched against the name without its owner, in lower case and without anything but letters and digits.
 */
const BENCHMARK_NAMES: readonly RegExp[] = [
  /cifar10(?!0)/,
  /fashionmnist|^fmnist/,
  /cococaptions?|mscoco|^coco(?:20\d\d)?$|coco20(?:14|17)/,
  /multinli|^mnli|mnli(?:mis)?matched|^(?:glue|setfit|nli)?mnli/,
  /^fineweb/,
  /^houseprices?$|houseprices?(?:advanced|kaggle|regression|competition)|kagglehouse|ameshousing|^homedataformlcourse$/,
  /titanic/,
];

/** Benchmarks that are one subset of a repository which holds many. */
const BENCHMARK_CONFIGS: readonly { name: RegExp; config: RegExp }[] = [{ name: /^glue$/, config: /^mnli/ }];

function plain(text: string): string {
  return text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '');
}

function nameOf(id: string): string {
  return id.trim().replace(/\/+$/, '').split('/').at(-1) ?? '';
}

/** Id of a dataset as it is compared: without address, prefix, case and revision. */
function canonicalId(id: string): string {
  return id
    .trim()
    .replace(/^(?:https?:\/\/[^/]+\/|hf:\/\/)?(?:datasets\/)?/i, '')
    .replace(/(?:@|\/tree\/|\/viewer\/|\/blob\/).*$/, '')
    .replace(/\/+$/, '')
    .toLowerCase();
}

/**
 * Whether a dataset belongs to a benchmark that tasks may not repeat.
 * @param id as the Hub or a teacher names it
 * @param own ids beside those of the benchmarks: `owner/name`, `owner/*`, or a name of any owner
 */
export function isBlocked(id: string, own: readonly string[]): boolean {
  const whole = canonicalId(id);
  const name = plain(nameOf(whole));
  if (BENCHMARK_NAMES.some((pattern) => pattern.test(name))) return true;
  return own.map(canonicalId).some((entry) => {
    if (entry.endsWith('/*')) return whole.startsWith(entry.slice(0, -1));
    return entry.includes('/') ? entry === whole : plain(entry) === name;
  });
}

/** Whether one subset of a dataset belongs to a benchmark. */
export function isBlockedConfig(id: string, config: string): boolean {
  const name = plain(nameOf(canonicalId(id)));
  return (
    BENCHMARK_CONFIGS.some((entry) => entry.name.test(name) && entry.config.test(config.toLowerCase())) ||
    BENCHMARK_NAMES.some((pattern) => pattern.test(plain(config)))
  );
}
