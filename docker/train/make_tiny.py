"""A Qwen3 of a few layers with random weights and a given tokenizer: for trying out the recipe without a GPU.
python make_tiny.py TOKENIZER_DIRECTORY OUT [SEED]"""

import sys
from pathlib import Path

import torch
from tokenizers import Tokenizer
from transformers import Qwen3Config, Qwen3ForCausalLM

from student import keep_files


def make_tiny(tokenizer: Path, out: Path, seed: int = 0) -> None:
    torch.manual_seed(seed)
    vocabulary = Tokenizer.from_file(str(tokenizer / "tokenizer.json"))
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
    keep_files(tokenizer, out)


if __name__ == "__main__":
    make_tiny(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 0)
