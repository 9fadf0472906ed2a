"""What can end a training and what is said about it: one word for programs, one line for people."""

from pathlib import Path


class Fault(Exception):
    """Ends the training; `kind` is one of FAULTS in src/train/train-event.ts."""

    def __init__(self, kind: str, message: str):
        super().__init__(message)
        self.kind = kind


def fault_of(error: BaseException) -> Fault:
    """The kind of whatever was thrown."""
    if isinstance(error, Fault):
        return error
    if isinstance(error, ModuleNotFoundError):
        here = Path(__file__).parent
        install = f"pip install -r {here / 'requirements.txt'} -c {here / 'constraints.txt'}"
        return Fault("settings", f"this Python has no module {error.name}. {install}")
    import torch

    text = f"{type(error).__name__}: {error}".split("\n")[0][:2000]
    if isinstance(error, torch.OutOfMemoryError) or "out of memory" in text.lower() or "not enough memory" in text:
        return Fault("out_of_memory", text)
    if isinstance(error, OSError) and error.errno in (28, 30, 122):
        return Fault("disk", text)
    return Fault("other", text)
