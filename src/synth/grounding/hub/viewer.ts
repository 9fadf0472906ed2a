import { z } from 'zod';
import type { HubAccess } from '../../../env/supplies/hub/hub-access.js';
import { boundedFetch, retried } from '../../../env/supplies/hub/hub-listing.js';
import type { HubFeature, HubSplit } from '../../candidate.js';
import { featureOf } from '../feature-words.js';

/** Codes of the viewer for what passes; every other code says that it has no answer and will have none. */
const PASSING_CODES = new Set([
  'ResponseNotReady',
  'UnexpectedApiError',
  'UnexpectedError',
  'AuthCheckHubRequestError',
  'JWTKeysError',
  'CachedResponseNotReadyError',
]);

const Splits = z.object({ splits: z.array(z.object({ config: z.string(), split: z.string() })) });
const SizeOfSplit = z.object({
  config: z.string(),
  split: z.string(),
  num_rows: z.number().nullish(),
  num_bytes_parquet_files: z.number().nullish(),
});
const Size = z.object({ size: z.object({ splits: z.array(SizeOfSplit) }) });
const Rows = z.object({
  features: z.array(z.object({ name: z.string(), type: z.unknown() })),
  rows: z.array(z.object({ row: z.record(z.string(), z.unknown()) })),
});
const ParquetFile = z.object({
  config: z.string(),
  split: z.string(),
  url: z.string(),
  filename: z.string(),
  size: z.number(),
});
const ParquetFiles = z.object({ parquet_files: z.array(ParquetFile), pending: z.array(z.unknown()).optional() });

/** A file of the branch that the viewer converts to. */
export type ViewerFile = z.output<typeof ParquetFile>;

/** Rows with the types of their columns. */
export interface ViewerRows {
  features: HubFeature[];
  rows: Record<string, unknown>[];
}

/** The API of the Hub's dataset viewer. Every method gives null where the viewer has no answer, and throws what may pass. */
export class Viewer {
  constructor(
    private readonly url: string,
    private readonly access: HubAccess,
  ) {}

  /** Splits with their numbers of rows and bytes, where the viewer counted them. */
  async splits(dataset: string, signal: AbortSignal): Promise<HubSplit[] | null> {
    const answer = await this.#ask('splits', { dataset }, Splits, signal);
    if (!answer) return null;
    const size = await this.#ask('size', { dataset }, Size, signal);
    return answer.splits.map(({ config, split }) => {
      const known = size?.size.splits.find((entry) => entry.config === config && entry.split === split);
      return { config, split, rows: known?.num_rows ?? null, bytes: known?.num_bytes_parquet_files ?? null };
    });
  }

  async rows(
    place: { dataset: string; config: string; split: string },
    length: number,
    signal: AbortSignal,
  ): Promise<ViewerRows | null> {
    const answer =
      (await this.#ask('first-rows', place, Rows, signal)) ??
      (await this.#ask('rows', { ...place, offset: '0', length: String(length) }, Rows, signal));
    if (!answer) return null;
    const features = answer.features.map(({ name, type }) => featureOf(name, type));
    return { features, rows: answer.rows.slice(0, length).map(({ row }) => row) };
  }

  /** The files that hold all rows as Parquet. */
  async files(dataset: string, signal: AbortSignal): Promise<ViewerFile[] | null> {
    const answer = await this.#ask('parquet', { dataset }, ParquetFiles, signal);
    if (answer?.parquet_files.length === 0 && (answer.pending?.length ?? 0) > 0) {
      throw new Error(`the viewer is still converting ${dataset}`);
    }
    return answer?.parquet_files ?? null;
  }

  #ask<S extends z.ZodType>(
    path: string,
    parameters: Record<string, string>,
    schema: S,
    signal: AbortSignal,
  ): Promise<z.output<S> | null> {
    const { access } = this;
    const address = `${this.url}/${path}?${new URLSearchParams(parameters)}`;
    const headers = {
      accept: 'application/json',
      ...(access.accessToken && { authorization: `Bearer ${access.accessToken}` }),
    };
    const ask = async (): Promise<z.output<S> | null> => {
      const response = await boundedFetch(access.fetch)(address, { headers, signal });
      if (!response.ok) {
        const text = await response.text();
        if (isFinal(response)) return null;
        throw new Error(`${address}: status ${response.status}: ${text.slice(0, 300)}`);
      }
      const parsed = schema.safeParse(await response.json());
      if (!parsed.success) throw new Error(`${address}: not an answer of a dataset viewer: ${parsed.error.message}`);
      return parsed.data;
    };
    return retried(access, ask, signal);
  }
}

function isFinal({ status, headers }: Response): boolean {
  if ([401, 403, 404, 410, 422, 501].includes(status)) return true;
  const code = headers.get('x-error-code');
  return status === 500 && code !== null && !PASSING_CODES.has(code);
}
