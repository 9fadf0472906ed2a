"""Turns what the trainer does into events, keeps checkpoints honest, and ends the training when it is asked to."""

import math
import os
import signal
import sys
import threading
import time
from pathlib import Path

import torch
from transformers import TrainerCallback

from faults import Fault
from progress import Progress

COMPLETE = "complete"


class StopRequest:
    """Whether somebody wants the training to end: a file in its directory, a signal, or the end of the process that started it."""

    def __init__(self, out: str, watches_input: bool):
        self._file = Path(out, ".stop")
        self._asked = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask)
        if watches_input:
            threading.Thread(target=self._watch, daemon=True).start()

    def _ask(self, *_) -> None:
        self._asked = True

    def _watch(self) -> None:
        while os.read(sys.stdin.fileno(), 4096):
            pass
        self._asked = True

    def is_asked(self) -> bool:
        """The same answer in all processes."""
        asked = self._asked or self._file.exists()
        if torch.distributed.is_initialized():
            device = "cuda" if torch.distributed.get_backend() == "nccl" else "cpu"
            flag = torch.tensor(int(asked), device=device)
            torch.distributed.all_reduce(flag, torch.distributed.ReduceOp.MAX)
            asked = bool(flag.item())
        return asked


class Reporter(TrainerCallback):
    def __init__(self, progress: Progress, stop: StopRequest, tokens_before: int):
        self._progress, self._stop = progress, stop
        self._tokens_before, self._tokens = tokens_before, 0
        self._began = self._stepped = time.monotonic()
        self._first = 0
        self.was_stopped = False

    def on_train_begin(self, args, state, control, **_):
        self._began = self._stepped = time.monotonic()
        self._first = state.global_step

    def on_log(self, args, state, control, logs=None, **_):
        if logs is None or "loss" not in logs:
            return
        loss, norm = float(logs["loss"]), float(logs.get("grad_norm", 0.0))
        now = time.monotonic()
        tokens = int(logs.get("num_tokens", 0))
        seconds, fresh = now - self._stepped, tokens - self._tokens
        self._stepped, self._tokens = now, tokens
        each = (now - self._began) / max(1, state.global_step - self._first)
        self._progress.say(
            "step",
            step=state.global_step,
            of=state.max_steps,
            epoch=round(float(state.epoch or 0), 4),
            loss=loss,
            learning_rate=float(logs["learning_rate"]),
            grad_norm=norm,
            accuracy=float(logs.get("mean_token_accuracy", 0.0)),
            tokens=self._tokens_before + tokens,
            tokens_per_second=fresh / max(seconds, 1e-9),
            seconds=seconds,
            seconds_left=each * (state.max_steps - state.global_step),
            memory_bytes=torch.cuda.max_memory_allocated() if torch.cuda.is_available() else 0,
        )
        if not (math.isfinite(loss) and math.isfinite(norm)):
            raise Fault("not_finite", f"loss {loss}, gradient norm {norm} at step {state.global_step}")

    def on_step_end(self, args, state, control, **_):
        if state.global_step < state.max_steps and self._stop.is_asked():
            self.was_stopped = control.should_training_stop = control.should_save = True

    def on_evaluate(self, args, state, control, metrics=None, **_):
        if metrics and "eval_loss" in metrics:
            self._progress.say("eval", step=state.global_step, loss=float(metrics["eval_loss"]))
        self._stepped = time.monotonic()

    def on_save(self, args, state, control, **_):
        directory = Path(args.output_dir, f"checkpoint-{state.global_step}")
        if torch.distributed.is_initialized():
            torch.distributed.barrier()
        if state.is_world_process_zero:
            (directory / COMPLETE).touch()
        self._progress.say("checkpoint", step=state.global_step, path=f"checkpoints/{directory.name}")
        self._stepped = time.monotonic()


def newest_checkpoint(directory: Path) -> Path | None:
    """The checkpoint with most steps that was written to its end."""
    whole = [path for path in directory.glob("checkpoint-*") if (path / COMPLETE).exists()]
    return max(whole, key=lambda path: int(path.name.split("-")[1]), default=None)
