"""The 96 symbols of the text: the end of a line and the printable characters of ASCII."""
import numpy as np

ALPHABET = '\n' + ''.join(map(chr, range(32, 127)))
COUNT = len(ALPHABET)
_NUMBERS = np.zeros(128, dtype=np.uint8)
_NUMBERS[np.frombuffer(ALPHABET.encode(), dtype=np.uint8)] = np.arange(COUNT)


def encode(text):
    """The text as an array of symbol numbers, 0 to 95."""
    return _NUMBERS[np.frombuffer(text.encode('ascii'), dtype=np.uint8)]


def read(path):
    """A text file as an array of symbol numbers."""
    with open(path, encoding='ascii') as file:
        return encode(file.read())
