"""A bin for each item."""
from pathlib import Path

Path('packer.py').write_text('def pack(sizes, capacity):\n    return list(range(len(sizes)))\n')
