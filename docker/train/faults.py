"""What can end a training and what is said about it: one word for programs, one line for people."""


class Fault(Exception):
    """Ends the training; `kind` is one of FAULTS in src/train/train-event.ts."""

    def __init__(self, kind: str, message: str):
        super().__init__(message)
        self.kind = kind


def fault_of(error: BaseException) -> Fault:
    """The kind of whatever was thrown."""
    import torch

    if isinstance(error, Fault):
        return error
    text = f"{type(error).__name__}: {error}".split("\n")[0][:2000]
    if isinstance(error, torch.OutOfMemoryError) or "out of memory" in text.lower() or "not enough memory" in text:
        return Fault("out_of_memory", text)
    if isinstance(error, OSError) and error.errno in (28, 30, 122):
        return Fault("disk", text)
    return Fault("other", text)
