"""Makes the tokenizer that Qwen to Qwen3 share, as files of Hugging Face's library, out of the ranks in the package `dashscope`.

usage: qwen_tokenizer.py <directory with dashscope-*.whl> <directory to write>
"""

import base64
import json
import os
import sys
import zipfile
from pathlib import Path

# Qwen3's, in the order of their ids, which follow the ranks.
SPECIAL = [f"<|{name}|>" for name in (
    "endoftext", "im_start", "im_end", "object_ref_start", "object_ref_end", "box_start", "box_end", "quad_start", "quad_end",
    "vision_start", "vision_end", "vision_pad", "image_pad", "video_pad",
)]
PLAIN = ["<tool_call>", "</tool_call>"] + [f"<|{name}|>" for name in (
    "fim_prefix", "fim_middle", "fim_suffix", "fim_pad", "repo_name", "file_sep",
)] + ["<tool_response>", "</tool_response>", "<think>", "</think>"]
PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def printable_bytes() -> dict[int, str]:
    """The characters by which byte-level vocabularies write bytes."""
    kept = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in kept]
    return {byte: chr(byte) for byte in kept} | {byte: chr(256 + at) for at, byte in enumerate(others)}


def halves(token: bytes, ranks: dict[bytes, int]) -> tuple[bytes, bytes]:
    """The two tokens that a token is merged from: merging by rank, stopped before its own."""
    parts = [bytes([byte]) for byte in token]
    while len(parts) > 2:
        at = min(range(len(parts) - 1), key=lambda i: ranks.get(parts[i] + parts[i + 1], len(ranks)))
        parts[at : at + 2] = [parts[at] + parts[at + 1]]
    return parts[0], parts[1]


def main(wheels: Path, into: Path) -> None:
    [wheel] = wheels.glob("dashscope-*.whl")
    lines = zipfile.ZipFile(wheel).read("dashscope/resources/qwen.tiktoken").splitlines()
    ranks = {base64.b64decode(token): int(rank) for token, rank in (line.split() for line in lines)}
    letters = printable_bytes()
    text = {token: "".join(letters[byte] for byte in token) for token in ranks}
    merges = [[text[half] for half in halves(token, ranks)] for token in ranks if len(token) > 1]
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False, "use_regex": False}
    added = [
        {"id": len(ranks) + at, "content": content, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False,
         "special": content in SPECIAL}
        for at, content in enumerate(SPECIAL + PLAIN)
    ]
    split = {"type": "Split", "pattern": {"Regex": PATTERN}, "behavior": "Isolated", "invert": False}
    model = {
        "type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": "", "end_of_word_suffix": "",
        "fuse_unk": False, "byte_fallback": False, "ignore_merges": False,
        "vocab": {text[token]: rank for token, rank in ranks.items()}, "merges": merges,
    }
    tokenizer = {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": added, "normalizer": {"type": "NFC"},
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [split, byte_level]},
        "post_processor": byte_level, "decoder": byte_level, "model": model,
    }
    config = {
        "tokenizer_class": "Qwen2Tokenizer", "model_max_length": 131072, "add_bos_token": False, "add_prefix_space": False,
        "bos_token": None, "eos_token": "<|im_end|>", "pad_token": "<|endoftext|>", "unk_token": None, "errors": "replace",
        "clean_up_tokenization_spaces": False, "split_special_tokens": False,
        "added_tokens_decoder": {str(token["id"]): {k: v for k, v in token.items() if k != "id"} for token in added},
        "additional_special_tokens": SPECIAL[1:],
    }
    into.mkdir(parents=True, exist_ok=True)
    # Whoever finds the last of them finds both whole.
    for name, contents in (("tokenizer_config.json", config), ("tokenizer.json", tokenizer)):
        part = into / f".{name}.{os.getpid()}"
        part.write_text(json.dumps(contents, ensure_ascii=False))
        part.replace(into / name)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
