"""A Qwen3 of a few layers with random weights: for trying out the recipe without a GPU, and without a download.

python make_tiny.py OUT                                         with a tokenizer of single bytes and Qwen3's marks
python make_tiny.py OUT --tokenizer Qwen3-8B [--seed 1]         with a tokenizer that is there"""

import argparse
from pathlib import Path

import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers
from transformers import Qwen3Config, Qwen3ForCausalLM, PreTrainedTokenizerFast

from student import keep_files

MARKS = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
PLAIN_MARKS = ("<think>", "</think>", "<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>")


def write_bytes_tokenizer(at: Path) -> None:
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE(vocab={letter: number for number, letter in enumerate(letters)}, merges=[]))
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, trim_offsets=False, use_regex=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(mark, special=True, normalized=False) for mark in MARKS])
    tokenizer.add_tokens([AddedToken(mark, special=False, normalized=False) for mark in PLAIN_MARKS])
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<|im_end|>", pad_token="<|endoftext|>").save_pretrained(at)


def make_tiny(out: Path, tokenizer: Path | None, seed: int) -> None:
    torch.manual_seed(seed)
    out.mkdir(parents=True, exist_ok=True)
    if tokenizer is None:
        write_bytes_tokenizer(out)
    else:
        keep_files(tokenizer, out)
    vocabulary = Tokenizer.from_file(str(out / "tokenizer.json"))
    config = Qwen3Config(
        vocab_size=max(vocabulary.get_vocab().values()) + 1,
        hidden_size=64,
        intermediate_size=192,
        num_hidden_layers=3,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=16,
        max_position_embeddings=32_768,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=vocabulary.token_to_id("<|im_end|>"),
    )
    Qwen3ForCausalLM(config).save_pretrained(out)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, metavar="OUT")
    parser.add_argument("--tokenizer", type=Path, help="directory with tokenizer.json")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    make_tiny(given.out, given.tokenizer, given.seed)
