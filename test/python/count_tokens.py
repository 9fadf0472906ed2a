"""Counts tokens of texts with Hugging Face's tokenizers, and with tiktoken on the same ranks.

usage: count_tokens.py <directory of the tokenizer> <file.json with a list of texts> <witness>...
Prints an object: for each witness (transformers, tokenizers, tiktoken) a list of counts.
"""

import json
import sys
import unicodedata
from pathlib import Path

from qwen_tokenizer import PATTERN, printable_bytes


def transformers(directory: Path, texts: list[str]) -> list[int]:
    from transformers import AutoTokenizer

    fast = AutoTokenizer.from_pretrained(directory)
    return [len(ids) for ids in fast(texts, add_special_tokens=False)["input_ids"]]


def tokenizers(directory: Path, texts: list[str]) -> list[int]:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(directory / "tokenizer.json"))
    return [len(found.ids) for found in tokenizer.encode_batch(texts, add_special_tokens=False)]


def tiktoken(directory: Path, texts: list[str]) -> list[int]:
    from tiktoken import Encoding

    written = json.loads((directory / "tokenizer.json").read_text())
    bytes_of = {letter: byte for byte, letter in printable_bytes().items()}
    ranks = {bytes(bytes_of[letter] for letter in token): rank for token, rank in written["model"]["vocab"].items()}
    marks = {token["content"]: token["id"] for token in written["added_tokens"]}
    encoding = Encoding("student", pat_str=PATTERN, mergeable_ranks=ranks, special_tokens=marks)
    return [len(encoding.encode(unicodedata.normalize("NFC", text), allowed_special="all")) for text in texts]


WITNESSES = {"transformers": transformers, "tokenizers": tokenizers, "tiktoken": tiktoken}


def main(directory: Path, file: Path, names: list[str]) -> None:
    texts = json.loads(file.read_text())
    print(json.dumps({name: WITNESSES[name](directory, texts) for name in names}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
