"""What a training says while it runs: a JSON object a line, on standard output and in metrics.jsonl (src/train/train-event.ts)."""

import json
import math
import os
import sys
from pathlib import Path

KEPT = ("begin", "step", "eval", "checkpoint", "end")


class Progress:
    def __init__(self, out: str, is_main: bool):
        self._file = Path(out, "metrics.jsonl")
        self._is_main = is_main
        # Libraries print to standard output as well; this one is for events alone.
        self._stream = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
        os.dup2(2, 1)
        sys.stdout = sys.stderr

    def say(self, event: str, **values) -> None:
        if not self._is_main and event != "fault":
            return
        line = json.dumps({"event": event, **{name: _finite(value) for name, value in values.items()}})
        self._stream.write(line + "\n")
        if event in KEPT and self._is_main:
            with open(self._file, "a", encoding="utf-8") as file:
                file.write(line + "\n")

    def take_up(self, step: int) -> int:
        """Forgets what was kept of steps after a checkpoint, for they come again. Returns the tokens of the steps before."""
        if not self._is_main:
            return 0
        lines = self._file.read_text(encoding="utf-8").splitlines() if self._file.exists() else []
        kept, tokens = [], 0
        for line in lines:
            try:
                event = json.loads(line)
            except json.JSONDecodeError:
                continue  # a kill cut it
            if event["event"] in ("step", "eval", "checkpoint") and event["step"] <= step:
                kept.append(line)
                tokens = event.get("tokens", tokens) if event["event"] == "step" else tokens
        write_whole(self._file, "".join(line + "\n" for line in kept))
        return tokens


def write_whole(file: Path, text: str) -> None:
    """Puts a file into the place of another; nobody sees a part of it."""
    temporary = file.with_name(file.name + ".tmp")
    temporary.write_text(text, encoding="utf-8")
    os.replace(temporary, file)


def _finite(value):
    return None if isinstance(value, float) and not math.isfinite(value) else value
