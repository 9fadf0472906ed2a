"""Reads a dataset that `gymsmith dataset build` made, and shows what a student learns of its first row.

    pip install datasets
    python examples/read_dataset.py data

A directory, or a name on the Hub.
"""

import sys

from datasets import load_dataset

rows = load_dataset(sys.argv[1])["train"]
row = rows[0]
print(f"{len(rows)} rows; {row['id']}: {row['tokens']} tokens, {row['loss_tokens']} of them learnt")

# Spans count code points, as Python does. Loss belongs on what is between them, and nowhere else.
learnt = [row["text"][begin:end] for begin, end in row["loss_spans"]]
for words in learnt:
    assert words.endswith("<|im_end|>")
    print("-" * 80, words.removesuffix("<|im_end|>"), sep="\n")

# What the template wrote around them is not learnt, and neither is what the environment said.
said = [message["content"] for message in row["messages"] if message["role"] == "assistant"]
assert 0 < len(learnt) <= len(said)
assert all("<|im_start|>" not in words for words in learnt)
assert sum(end - begin for begin, end in row["loss_spans"]) < len(row["text"])
assert 0 < row["loss_tokens"] < row["tokens"]
print("ok")
