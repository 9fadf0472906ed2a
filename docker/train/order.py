"""In which order rows are trained on: decided by seed and epoch alone, so that neither a kill nor the number of GPUs changes a step."""

import random

from torch.utils.data import Sampler


class BatchOrder(Sampler):
    """Rows are shuffled, cut into global batches, and within a batch the long ones come first: processes take turns, so those that work
    beside each other have rows of about one length, and none waits. The batch with the longest row is the first of all, so that a GPU
    that is too small says so at once."""

    def __init__(self, lengths: list[int], batch: int, seed: int):
        self._lengths, self._batch, self._seed, self._epoch = lengths, batch, seed, 0

    def set_epoch(self, epoch: int) -> None:
        self._epoch = epoch

    def __len__(self) -> int:
        return len(self._lengths)

    def __iter__(self):
        rows = list(range(len(self._lengths)))
        random.Random(f"{self._seed}/{self._epoch}").shuffle(rows)
        batches = [rows[at : at + self._batch] for at in range(0, len(rows), self._batch)]
        # The last one may be smaller and stays last.
        whole = [batch for batch in batches if len(batch) == self._batch]
        if whole and self._epoch == 0:
            first = max(range(len(whole)), key=lambda at: max(self._lengths[row] for row in whole[at]))
            batches[0], batches[first] = batches[first], batches[0]
        for batch in batches:
            yield from sorted(batch, key=lambda row: -self._lengths[row])
