import type { Fault } from './fault.js';

function dataset(text: string, id: string, query: string): Fault {
  return {
    text,
    value: (proposal) => ({ ...proposal, dataset: { ...(proposal.dataset as object), id, query } }),
  };
}

/** Proposals that cannot be built on. The datasets are those of `stand-ins/hub`. */
export const PROPOSAL_FAULTS = {
  'dataset-invented': dataset(
    'names a dataset that nobody ever made, and words that find nothing',
    'deep-sea-lab/hydrophone-whistles-50k',
    'hydrophone cetacean whistle spectrograms',
  ),
  'dataset-misnamed': {
    text: 'names the owner of a dataset wrongly; its words find it',
    value: (proposal) => {
      const named = proposal.dataset as { id: string };
      return { ...proposal, dataset: { ...named, id: `open-data-hub/${named.id.split('/').at(-1)}-full` } };
    },
  },
  'dataset-gated': dataset(
    'names a dataset that asks for access',
    'clinic-archive/fundus-photographs',
    'fundus photographs of the retina',
  ),
  'dataset-disabled': dataset(
    'names a dataset that was taken down',
    'lost-and-found/handwritten-letters',
    'handwritten letters',
  ),
  'dataset-too-large': dataset('names a dataset of many gigabytes', 'library-mirror/all-the-books', 'all the books'),
  'dataset-empty': dataset('names a dataset without rows', 'new-here/empty-shelf', 'empty shelf'),
  'dataset-of-benchmark': dataset('names a dataset of a benchmark', 'uoft-cs/cifar10', 'cifar10 images'),
  unsuitable: {
    text: 'finds that the dataset cannot carry the task',
    value: () => ({
      suitable: false,
      reason: 'No column of the dataset says what the task asks for.',
      config: null,
      split: null,
      plan: null,
    }),
  },
} satisfies Record<string, Fault>;
