import type { HubRepo } from './hub-repo.js';

/** An answer of the dataset viewer that is none: status, `X-Error-Code`, and the JSON body. */
export class ViewerError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly cause_exception?: string,
  ) {
    super(message);
  }

  get body(): object {
    return { error: this.message, ...(this.cause_exception && { cause_exception: this.cause_exception }) };
  }
}

export const NOT_FOUND = new ViewerError(404, 'ResponseNotFound', 'Not found.');

const UNKNOWN = 'The dataset does not exist, or is not accessible';
const CHECK = 'Please check the spelling of the dataset name or retry with';

/** What the viewer says of a dataset that is missing, private, gated or disabled: it does not tell them apart. */
export function notAccessible(hasToken: boolean): ViewerError {
  return hasToken
    ? new ViewerError(
        404,
        'ExternalAuthenticatedError',
        `${UNKNOWN} with the current credentials (private or gated). ${CHECK} other authentication credentials.`,
      )
    : new ViewerError(
        401,
        'ExternalUnauthenticatedError',
        `${UNKNOWN} without authentication (private or gated). ${CHECK} authentication.`,
      );
}

/** What the viewer says of a dataset that was renamed. */
export const RENAMED = new ViewerError(
  404,
  'RenamedDatasetError',
  'The dataset has been renamed. Please use the current dataset name.',
);

/** Why the viewer has no rows of a dataset; null when it has. */
export function whyNoRows({ facts, tables }: HubRepo): ViewerError | null {
  const state = facts.viewer ?? (tables.length > 0 ? 'rows' : 'empty');
  if (state === 'rows') return null;
  if (state === 'pending') {
    const words = 'The server is busier than usual and the response is not ready yet. Please retry later.';
    return new ViewerError(500, 'ResponseNotReady', words);
  }
  if (state === 'disabled') {
    const words = `Not supported: dataset viewer is disabled in ${facts.id} configuration.`;
    return new ViewerError(501, 'NotSupportedDisabledViewerError', words);
  }
  if (state === 'empty') return new ViewerError(500, 'EmptyDatasetError', 'The dataset is empty.', 'EmptyDatasetError');
  const words =
    "The dataset viewer doesn't support this dataset because it runs arbitrary Python code. You can convert it to a Parquet " +
    'data-only dataset by using the convert_to_parquet CLI from the datasets library. See: ' +
    'https://huggingface.co/docs/datasets/main/en/cli#convert-to-parquet';
  return new ViewerError(501, 'DatasetWithScriptNotSupportedError', words);
}
