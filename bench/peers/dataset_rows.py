"""What one writes first to make rows of trajectories: one file after the other, with the tokenizer of transformers.

usage: dataset_rows.py <directory> <student> <how many> <into.jsonl>; prints seconds, files and bytes.
"""

import json
import sys
import time
from pathlib import Path

from transformers import PreTrainedTokenizerFast


def main(directory: Path, student: str, count: int, into: Path) -> None:
    tokenizer = PreTrainedTokenizerFast(tokenizer_file=f"{student}/tokenizer.json")
    files = sorted(directory.rglob("*.traj"))
    files = files[:: max(1, len(files) // count)][:count]
    started = time.perf_counter()
    read = 0
    with into.open("w") as rows:
        for file in files:
            contents = file.read_text()
            read += len(contents)
            try:
                trajectory = json.loads(contents)
            except ValueError:
                continue
            messages = [{"role": item["role"], "content": item["content"]} for item in trajectory["history"]]
            text = "".join(f"<|im_start|>{item['role']}\n{item['content']}<|im_end|>\n" for item in messages)
            tokens = len(tokenizer(text, add_special_tokens=False)["input_ids"])
            if tokens <= 49152 and any("Score" in score for score in trajectory["info"]["score"]):
                rows.write(json.dumps({"messages": messages, "text": text, "tokens": tokens}) + "\n")
    print(json.dumps({"seconds": time.perf_counter() - started, "files": len(files), "bytes": read}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]))
