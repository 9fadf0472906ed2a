import { parse } from 'yaml';

/** What the front matter of a dataset card says. */
export interface HubCard {
  /** The front matter as it stands, the way the Hub tells it. */
  data: Record<string, unknown>;
  /** Words by which the Hub finds it: `license:mit`, `task_categories:text-classification`, and the card's own. */
  tags: string[];
  /** First paragraph below the title. */
  description: string;
  /** Files of the splits, as far as it names one for each, with what it says of the columns of their subset. */
  splits: { config: string; split: string; path: string; features: unknown }[];
}

interface Info {
  config_name?: string;
  features?: unknown;
}

interface Config {
  config_name: string;
  data_files?: unknown;
}

const PREFIXED = {
  task_categories: 'task_categories',
  language: 'language',
  license: 'license',
  size_categories: 'size_categories',
};

/** Reads the dataset card of a repository. @throws Error when its front matter is no YAML */
export function readCard(markdown: string): HubCard {
  const [, front = '', text = ''] = /^---\n(.*?)\n---\n(.*)$/s.exec(markdown) ?? ['', '', markdown];
  const data = (parse(front) ?? {}) as Record<string, unknown>;
  const own = Object.entries(PREFIXED).flatMap(([key, prefix]) =>
    [data[key] ?? []].flat().map((value) => `${prefix}:${value}`),
  );
  const description = text.split('\n\n').find((part) => part.trim() !== '' && !part.trim().startsWith('#')) ?? '';
  const infos = [data.dataset_info ?? []].flat() as Info[];
  const configs = (data.configs ?? []) as Config[];
  const splits = configs.flatMap(({ config_name: config, data_files }) => {
    const { features } = infos.find(({ config_name: name = 'default' }) => name === config) ?? {};
    const files = (Array.isArray(data_files) ? data_files : []) as { split?: unknown; path?: unknown }[];
    return files.flatMap(({ split, path }) =>
      typeof split === 'string' && typeof path === 'string' ? [{ config, split, path, features }] : [],
    );
  });
  return {
    data,
    tags: [...own, ...((data.tags ?? []) as string[]), 'region:us'],
    description: description.trim(),
    splits,
  };
}
