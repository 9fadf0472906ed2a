import { z } from 'zod';
import type { HubFeature } from '../../candidate.js';

const many = <T extends z.ZodType>(item: T) => z.union([z.array(item), item]).transform((value) => [value].flat());
const DataFiles = z.union([
  many(z.strictObject({ split: z.string(), path: many(z.string()) })),
  many(z.string()).transform((path) => [{ split: 'train', path }]),
]);
const ClassLabel = z.object({
  class_label: z.object({ names: z.union([z.array(z.coerce.string()), z.record(z.string(), z.coerce.string())]) }),
});
const Info = z.object({
  config_name: z.string().default('default'),
  features: z.array(z.object({ name: z.string(), dtype: z.unknown() })).catch([]),
});

/** Files of a split as a dataset card names them. */
export interface CardSplit {
  config: string;
  split: string;
  /** Patterns of paths. */
  paths: string[];
}

/** What the front matter of a dataset card says of files and columns; what cannot be read is left out. */
export class CardData {
  readonly splits: readonly CardSplit[];
  readonly #infos: readonly z.output<typeof Info>[];

  constructor(card: unknown) {
    const { configs, dataset_info: infos } = (card ?? {}) as { configs?: unknown; dataset_info?: unknown };
    const Config = z.object({ config_name: z.coerce.string(), data_files: DataFiles });
    const read = [configs ?? []].flat().flatMap((config) => Config.safeParse(config).data ?? []);
    this.splits = read.flatMap(({ config_name: config, data_files }) =>
      data_files.map(({ split, path: paths }) => ({ config, split, paths })),
    );
    this.#infos = [infos ?? []].flat().flatMap((info) => Info.safeParse(info).data ?? []);
  }

  /** Adds to columns of a subset what only the card knows: the names of classes. */
  named(config: string, features: readonly HubFeature[]): HubFeature[] {
    const own = this.#infos.find(({ config_name: name }) => name === config)?.features ?? [];
    return features.map((feature) => {
      const label = ClassLabel.safeParse(own.find(({ name }) => name === feature.name)?.dtype).data?.class_label;
      if (!label) return feature;
      const class_names = Array.isArray(label.names) ? label.names : byNumber(label.names);
      return { name: feature.name, type: `ClassLabel(${class_names.length})`, class_names };
    });
  }
}

function byNumber(names: Record<string, string>): string[] {
  return Object.entries(names)
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, name]) => name);
}
