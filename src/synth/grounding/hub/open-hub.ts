import { createHash } from 'node:crypto';
import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { datasetInfo, HubApiError, listDatasets } from '@huggingface/hub';
import type { NetworkSettings } from '../../../config.js';
import { type HubAccess, hubAccess, requirePlain } from '../../../env/supplies/hub/hub-access.js';
import { downloadRepo } from '../../../env/supplies/hub/hub-download.js';
import { boundedFetch, listRepo, retried } from '../../../env/supplies/hub/hub-listing.js';
import type { HubNeed } from '../../../env/supplies/hub/hub-need.js';
import { HubStore } from '../../../env/supplies/hub/hub-store.js';
import { TooLargeFault } from '../../../env/supplies/hub/too-large-fault.js';
import { SupplyFault } from '../../../env/supplies/supply-fault.js';
import { HUB_REPO } from '../../../env/task.js';
import type { HubSplit } from '../../candidate.js';
import type { Journal } from '../../journal/journal.js';
import { DataFault } from '../data-fault.js';
import { inTurn } from '../in-turn.js';
import { sampleRows } from '../rows/sample-rows.js';
import { CardData } from './card-data.js';
import type { Hub, HubDataFile, HubDataset } from './hub.js';
import { asStageFault, HubQuestions, offlineFault } from './hub-questions.js';
import { isWrongToken, textOf, withErrorText } from './hub-refusal.js';
import { patientFetch } from './patient-fetch.js';
import { dataFilesOfTree } from './tree-files.js';
import { Viewer, type ViewerRows } from './viewer.js';

/** What a Hub is reached with. */
export interface HubOptions {
  /** Where answers are kept, and looked up first. */
  journal: Journal;
  network: Pick<NetworkSettings, 'hubUrl' | 'hubToken' | 'viewerUrl' | 'isOffline' | 'proxies'>;
  /** Directory that runs share: files by repository and commit, and the last answers for use without a network. */
  cacheDirectory: string;
  /** Most that is downloaded to see the first rows of a dataset, where no viewer shows them. */
  maxBytes: number;
  /** First pause after a failed request, in milliseconds. */
  retryMs?: number;
}

const CONVERTED = 'refs/convert/parquet';
const RESULTS = 20;
const ROWS = 20;
const FIELDS = ['sha', 'disabled', 'tags', 'cardData'] as const;

/**
 * Connects to the Hub of the settings.
 * @throws SupplyFault when a setting cannot be used
 */
export async function openHub(options: HubOptions): Promise<Hub> {
  const access = await hubAccess(options.network as NetworkSettings);
  const { viewerUrl } = options.network;
  if (viewerUrl !== null && URL.canParse(viewerUrl)) requirePlain('GYMSMITH_HUB_VIEWER', viewerUrl);
  const retryMs = options.retryMs ?? access.retryMs;
  return new RealHub(options, { ...access, retryMs, fetch: patientFetch(access.fetch) });
}

class RealHub implements Hub {
  readonly #questions: HubQuestions;
  readonly #viewer: Viewer | null;
  readonly #store: HubStore;

  constructor(
    private readonly options: HubOptions,
    private readonly access: HubAccess,
  ) {
    const { journal, cacheDirectory: directory, network } = options;
    this.#questions = new HubQuestions({ journal, access, directory, isOffline: network.isOffline });
    this.#viewer = network.viewerUrl === null ? null : new Viewer(network.viewerUrl, access);
    this.#store = new HubStore(directory);
  }

  async dataset(id: string, signal: AbortSignal): Promise<HubDataset | null> {
    if (!isRepo(id)) return null;
    return this.#questions.ask(`hub/info/${id}`, `the dataset ${id}`, signal, async () => {
      try {
        const info = await retried(
          this.access,
          () => datasetInfo({ ...this.#own(signal), name: id, additionalFields: [...FIELDS] }),
          signal,
        );
        return datasetOf(info);
      } catch (error) {
        return refused(id, error);
      }
    });
  }

  async search(query: string, signal: AbortSignal): Promise<HubDataset[]> {
    const words = query.replace(/\s+/g, ' ').trim().slice(0, 200);
    if (words === '') return [];
    return this.#questions.ask(`hub/search/${keyPart(words)}`, `a search for ${words}`, signal, () =>
      retried(
        this.access,
        async () => {
          const found: HubDataset[] = [];
          const wanted = { search: { query: words }, limit: RESULTS, sort: 'downloads' as const };
          const entries = listDatasets({ ...this.#own(signal), ...wanted, additionalFields: [...FIELDS] });
          for await (const entry of entries) if (isRepo(entry.name)) found.push(datasetOf(entry));
          return found;
        },
        signal,
      ),
    );
  }

  async splits(repo: string, signal: AbortSignal): Promise<HubSplit[]> {
    const viewer = this.#viewer;
    if (!viewer) return splitsOf(await this.dataFiles(repo, signal));
    return this.#questions.ask(
      `hub/splits/${repo}`,
      `the splits of ${repo}`,
      signal,
      async () => (await viewer.splits(repo, signal)) ?? [],
    );
  }

  async firstRows(repo: string, config: string, split: string, signal: AbortSignal): Promise<ViewerRows | null> {
    const viewer = this.#viewer;
    const key = `hub/rows/${repo}/${keyPart(config)}/${keyPart(split)}`;
    const what = `the first rows of ${repo}, ${config}, ${split}`;
    return this.#questions.ask(key, what, signal, async () => {
      if (viewer)
        return viewer.rows({ dataset: repo, config, split }, ROWS, signal).then((rows) => rows && unsigned(rows));
      const files = await this.dataFiles(repo, signal);
      const [file] = files.filter((entry) => entry.config === config && entry.split === split);
      if (!file || file.bytes > this.options.maxBytes) return null;
      const [local] = await this.download(repo, [file], { maxBytes: this.options.maxBytes, signal });
      const seen = local === undefined ? null : await sampleRows(local, ROWS);
      const card = await this.#card(repo, file.revision, signal);
      return seen && { ...seen, features: card.named(config, seen.features) };
    });
  }

  async dataFiles(repo: string, signal: AbortSignal): Promise<HubDataFile[]> {
    const viewer = this.#viewer;
    return this.#questions.ask(`hub/files/${repo}`, `the files of ${repo}`, signal, async () => {
      if (!viewer) {
        const { commit, files } = await listRepo(this.access, need(repo, 'main', []), signal);
        return dataFilesOfTree(commit, files, await this.#card(repo, commit, signal));
      }
      const files = await viewer.files(repo, signal);
      if (!files || files.length === 0) return [];
      const { sha } = await retried(
        this.access,
        () => datasetInfo({ ...this.#own(signal), name: repo, revision: CONVERTED, additionalFields: ['sha'] }),
        signal,
      );
      return files.map(({ config, split, url, size }) => ({
        config,
        split,
        revision: sha,
        path: pathOf(url),
        bytes: size,
      }));
    });
  }

  async download(
    repo: string,
    files: readonly HubDataFile[],
    options: { maxBytes: number; signal: AbortSignal; onBytes?: (done: number, total: number) => void },
  ): Promise<string[]> {
    const [first] = files;
    if (!first) return [];
    const { signal, maxBytes, onBytes } = options;
    const store = this.#store;
    const wanted = need(
      repo,
      first.revision,
      files.map(({ path: file }) => file),
    );
    const listener = { onPart() {}, onNote() {}, onBytes: onBytes ?? (() => {}) };
    const { cacheDirectory: directory, network } = this.options;
    await mkdir(directory, { recursive: true });
    // Of a repository, because a download that is complete removes what others of it have left unfinished.
    const name = `hub-${createHash('sha256').update(store.home(wanted)).digest('hex').slice(0, 16)}`;
    try {
      const bring = async () => {
        const known = await store.find(wanted);
        if (known) return known;
        if (network.isOffline) throw offlineFault(`the files of ${repo}`);
        return downloadRepo({ need: wanted, store, access: this.access, maxBytes, listener, signal });
      };
      const snapshot = (await store.find(wanted)) ?? (await inTurn({ directory, name, signal }, bring));
      const at = path.join(snapshot.hub, snapshot.name, 'snapshots', snapshot.record.revision);
      return await Promise.all(files.map(({ path: file }) => there(at, file)));
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof TooLargeFault) throw new DataFault(error.message);
      throw asStageFault(error, `dataset ${repo}`, this.access, directory);
    }
  }

  async #card(repo: string, revision: string, signal: AbortSignal): Promise<CardData> {
    const facts = { ...this.#own(signal), name: repo, revision, additionalFields: ['cardData' as const] };
    const { cardData } = await retried(this.access, () => datasetInfo(facts), signal);
    return new CardData(cardData);
  }

  #own(signal: AbortSignal): { hubUrl: string; accessToken?: string; fetch: typeof fetch } {
    const { hubUrl, accessToken, fetch: fetchFrom } = this.access;
    const bounded = boundedFetch(fetchFrom);
    return {
      hubUrl,
      ...(accessToken && { accessToken }),
      fetch: async (input, init) => withErrorText(await bounded(input, { ...init, signal })),
    };
  }
}

/** @returns where a file lies; what a viewer calls a file need not be one, nor lie where it should */
async function there(directory: string, file: string): Promise<string> {
  const place = path.join(directory, file);
  const isFile = place.startsWith(`${directory}${path.sep}`) && (await stat(place).catch(() => null))?.isFile();
  if (!isFile) throw new SupplyFault(`The repository does not have ${JSON.stringify(file)}, which the viewer lists.`);
  return place;
}

function isRepo(id: string): boolean {
  return HUB_REPO.test(id) && !id.split('/').some((part) => /^\.+$/.test(part));
}

function keyPart(text: string): string {
  return /^[\w-][\w.-]{0,80}$/.test(text)
    ? text
    : `${text.replace(/[^\w-]+/g, '-').slice(0, 40)}-${createHash('sha256').update(text).digest('hex').slice(0, 12)}`;
}

function need(repo: string, revision: string, files: string[]): HubNeed {
  return { type: 'dataset', repo, aliases: [], revision, configurations: [], files };
}

interface Info {
  name: string;
  gated: unknown;
  downloads?: number;
  likes?: number;
  sha?: string;
  disabled?: boolean;
  tags?: readonly string[];
  cardData?: { license?: string | readonly string[]; license_name?: string } | null;
}

function datasetOf({ name, gated, downloads, likes, sha, disabled, tags, cardData }: Info): HubDataset {
  const licences = [cardData?.license ?? []]
    .flat()
    .map((text) => (text === 'other' ? (cardData?.license_name ?? text) : text));
  const tagged = (tags ?? []).filter((tag) => tag.startsWith('license:')).map((tag) => tag.slice('license:'.length));
  return {
    repo: name,
    commit: sha ?? '',
    isGated: gated !== undefined && gated !== false && gated !== null,
    isDisabled: disabled === true,
    licence: [...(licences.length > 0 ? licences : tagged)].join(', ') || null,
    downloads: downloads ?? 0,
    likes: likes ?? 0,
    tags: [...(tags ?? [])],
  };
}

/** What a dataset is that the Hub does not show. Without a token, one that is not there looks like one that is private. */
function refused(id: string, error: unknown): HubDataset | null {
  if (!(error instanceof HubApiError) || ![400, 401, 403, 404, 410, 422].includes(error.statusCode)) throw error;
  if (isWrongToken(error)) throw error;
  const text = textOf(error);
  const closed = { repo: id, commit: '', licence: null, downloads: 0, likes: 0, tags: [] };
  if (/resource is disabled/i.test(text)) return { ...closed, isGated: false, isDisabled: true };
  if (/gated|is restricted/i.test(text)) return { ...closed, isGated: true, isDisabled: false };
  return null;
}

function splitsOf(files: readonly HubDataFile[]): HubSplit[] {
  const splits = new Map<string, HubSplit>();
  for (const { config, split, bytes } of files) {
    const key = JSON.stringify([config, split]);
    splits.set(key, { config, split, rows: null, bytes: (splits.get(key)?.bytes ?? 0) + bytes });
  }
  return [...splits.values()];
}

/** Path within the repository, out of `.../resolve/refs%2Fconvert%2Fparquet/<path>`. */
function pathOf(url: string): string {
  const after = /\/resolve\/[^/]+\/(.+)$/.exec(new URL(url).pathname)?.[1];
  if (after === undefined) throw new Error(`the viewer names a file by an address that is none: ${url}`);
  return after.split('/').map(decodeURIComponent).join('/');
}

/** Addresses of images carry a right to read them that ends soon, and are no part of a row. */
function unsigned({ features, rows }: ViewerRows): ViewerRows {
  const clean = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(clean);
    if (typeof value !== 'object' || value === null) return value;
    const { src, ...rest } = value as Record<string, unknown>;
    const isAsset = typeof src === 'string' && /^https?:/.test(src);
    const kept = Object.entries(isAsset ? rest : value).map(([key, inner]) => [key, clean(inner)]);
    return Object.fromEntries(kept);
  };
  return { features, rows: rows.map((row) => clean(row) as Record<string, unknown>) };
}
