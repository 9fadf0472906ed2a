"""Writes packer.py: fills one bin after the other and never looks back."""
from pathlib import Path

SOURCE = '''"""Packs items into bins."""


def pack(sizes, capacity):
    """Number of the bin of each item, in the order of `sizes`."""
    bins, number, free = [], 0, capacity
    for size in sizes:
        if size > free:
            number, free = number + 1, capacity
        free -= size
        bins.append(number)
    return bins
'''

Path('packer.py').write_text(SOURCE)
print('packer.py written: next fit')
