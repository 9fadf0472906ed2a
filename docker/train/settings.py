"""The settings of a training, as `gymsmith train` writes them (src/train/train-settings.ts); JSON, all of them given."""

import json
from dataclasses import dataclass, fields

from faults import Fault


@dataclass(frozen=True)
class Settings:
    dataset: str  # directory with manifest.json, or id on the Hub
    dataset_revision: str | None
    model: str  # directory, or id on the Hub
    model_name: str  # what it is called where it came from
    revision: str | None
    out: str
    method: str  # full, lora
    lora_rank: int
    lora_alpha: int
    lora_dropout: float
    lora_targets: list[str]
    merge: bool
    max_tokens: int
    epochs: float
    max_steps: int | None
    batch: int
    learning_rate: float
    weight_decay: float
    warmup: float
    schedule: str
    max_grad_norm: float
    seed: int
    checkpoint_steps: int
    keep_checkpoints: int
    eval_steps: int  # 0: at the end of each epoch
    attention: str
    device: str  # gpu, cpu


def read_settings(file: str) -> Settings:
    with open(file, encoding="utf-8") as text:
        given = json.load(text)
    names = {field.name for field in fields(Settings)}
    if missing := names - given.keys():
        raise Fault("settings", f"{file}: there is no {', '.join(sorted(missing))}")
    return Settings(**{name: given[name] for name in names})
