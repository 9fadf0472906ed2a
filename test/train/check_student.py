"""Looks at a trained student with the field's own library, and at the labels that it was trained on.

usage: check_student.py <recipe> <dataset> <model> <base>
Prints what it found as JSON."""

import json
import sys
import unicodedata
from pathlib import Path

sys.path.insert(0, sys.argv[1])

from tokenizers import Tokenizer  # noqa: E402
from transformers import AutoModelForCausalLM, AutoTokenizer  # noqa: E402

from rows import IGNORED, Labeller, _json_rows, read_manifest  # noqa: E402

# What the template puts before an answer without thinking; the prompt of a server ends with it too.
NO_THINKING = "<think>\n\n</think>\n\n"

dataset, model, base = (Path(name) for name in sys.argv[2:])
tokenizer = Tokenizer.from_file(str(model / "tokenizer.json"))
labeller = Labeller(tokenizer)
rows = spans = 0
for file in read_manifest(str(dataset))["files"]:
    if file["format"] != "jsonl":
        continue
    for row in _json_rows(str(dataset / file["path"])):
        ids, labels = labeller.label(row["text"], row["loss_spans"])
        learnt = tokenizer.decode([label for label in labels if label != IGNORED], skip_special_tokens=False)
        spoken = "".join(row["text"][begin:end] for begin, end in row["loss_spans"])
        # Tokens of Qwen's tokenizers are those of the normalised text.
        said = unicodedata.normalize("NFC", spoken)
        assert learnt == said, (learnt, said)
        assert said.count("<|im_end|>") == len(row["loss_spans"])
        assert all(row["text"][:begin].removesuffix(NO_THINKING).endswith("<|im_start|>assistant\n") for begin, _ in row["loss_spans"])
        assert len(ids) == row["tokens"] and sum(label != IGNORED for label in labels) == row["loss_tokens"]
        rows, spans = rows + 1, spans + len(row["loss_spans"])

student = AutoModelForCausalLM.from_pretrained(model)
words = AutoTokenizer.from_pretrained(model)
before = AutoModelForCausalLM.from_pretrained(base)
asked = words("<|im_start|>assistant\n", return_tensors="pt", add_special_tokens=False)
answer = student.generate(**asked, max_new_tokens=8, do_sample=False)
moved = max((a.float() - b.float()).abs().max().item() for a, b in zip(student.state_dict().values(), before.state_dict().values()))
print(
    json.dumps(
        {
            "rows": rows,
            "spans": spans,
            "dtype": str(student.dtype),
            "moved": moved,
            "answer": words.decode(answer[0][asked["input_ids"].shape[1] :], skip_special_tokens=False),
            "same_template": words.chat_template == AutoTokenizer.from_pretrained(base).chat_template,
        }
    )
)
