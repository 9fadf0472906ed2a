"""The model that is trained, its tokenizer, and how both are written down at the end."""

import json
import os
import shutil
from pathlib import Path

import torch
from tokenizers import Tokenizer
from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast

from faults import Fault
from rows import sha256_of
from settings import Settings

# Of a model's directory, everything that is not its weights or their configuration: kept as it is, with the original chat template.
KEPT = ("tokenizer*", "vocab*", "merges.txt", "special_tokens_map.json", "added_tokens.json", "chat_template*", "generation_config.json")


def find_model(settings: Settings) -> tuple[Path, str | None]:
    """The directory of the model, downloaded when it is named by its id. Returns it and the commit, where there is one."""
    if Path(settings.model).is_dir():
        return Path(settings.model), None
    from huggingface_hub import snapshot_download

    try:
        wanted = ["*.json", "*.safetensors", "*.txt", "*.jinja"]
        directory = Path(snapshot_download(settings.model, revision=settings.revision, allow_patterns=wanted))
    except Exception as error:
        raise Fault("model", f"{settings.model} cannot be had: {error}".split("\n")[0]) from error
    return directory, directory.name


def read_tokenizer(directory: Path) -> tuple[Tokenizer, PreTrainedTokenizerFast]:
    """The tokenizer as its file says, without what a class of transformers would make of it."""
    file = directory / "tokenizer.json"
    if not file.exists():
        raise Fault("model", f"{directory} has no tokenizer.json")
    tokenizer = Tokenizer.from_file(str(file))
    config_file = directory / "tokenizer_config.json"
    config = json.loads(config_file.read_text(encoding="utf-8")) if config_file.exists() else {}
    name = lambda key: value["content"] if isinstance(value := config.get(key), dict) else value  # noqa: E731
    eos = name("eos_token") or "<|im_end|>"
    return tokenizer, PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token=eos, pad_token=name("pad_token") or eos)


def read_model(directory: Path, settings: Settings, attention: str):
    """Full training keeps its weights in 32 bits, or small updates would be lost; a base that adapters stand on stays in 16."""
    dtype = torch.bfloat16 if settings.method == "lora" and settings.device == "gpu" else torch.float32
    try:
        return AutoModelForCausalLM.from_pretrained(directory, dtype=dtype, attn_implementation=attention)
    except (OSError, ValueError, KeyError) as error:
        raise Fault("model", f"{directory} cannot be loaded: {error}".split("\n")[0]) from error


def choose_attention(wanted: str) -> str:
    """Rows come one at a time and unpadded, for which PyTorch's own attention is causal flash attention without any mask."""
    if wanted != "auto":
        return wanted
    from transformers.utils import is_flash_attn_2_available, is_flash_attn_3_available

    if is_flash_attn_3_available():
        return "flash_attention_3"
    return "flash_attention_2" if is_flash_attn_2_available() else "sdpa"


def weights_hash(directory: Path) -> str:
    """One hash over the names and hashes of all files with weights."""
    import hashlib

    files = sorted(directory.glob("*.safetensors")) + [directory / "config.json"]
    text = "".join(f"{sha256_of(file)}  {file.name}\n" for file in files)
    return hashlib.sha256(text.encode()).hexdigest()


def write_model(model, state: dict | None, base: Path, at: Path) -> None:
    """Writes weights in 16 bits with the original tokenizer and chat template: what vLLM and transformers load. Whole or not at all."""
    temporary = at.with_name(at.name + ".tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    if state is None:
        state = model.state_dict()
    state = {name: value.to(torch.bfloat16) if value.is_floating_point() else value for name, value in state.items()}
    model.save_pretrained(temporary, state_dict=state)
    # Training changes no shape: what the base says of itself holds, but for the width of its numbers.
    config = json.loads((base / "config.json").read_text(encoding="utf-8"))
    config.pop("torch_dtype", None)
    (temporary / "config.json").write_text(json.dumps({**config, "dtype": "bfloat16"}, indent=2) + "\n", encoding="utf-8")
    keep_files(base, temporary)
    shutil.rmtree(at, ignore_errors=True)
    os.replace(temporary, at)


def write_adapter(model, name: str, base: Path, at: Path) -> None:
    """Writes the adapter alone, which names the model that it belongs to as it was asked for."""
    temporary = at.with_name(at.name + ".tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    model.peft_config["default"].base_model_name_or_path = name
    model.save_pretrained(temporary)
    (temporary / "README.md").unlink(missing_ok=True)
    keep_files(base, temporary)
    shutil.rmtree(at, ignore_errors=True)
    os.replace(temporary, at)


def merge_adapter(adapter: Path, base: Path, at: Path) -> None:
    """The base in 16 bits with the adapter's weights added, as a model that needs no peft."""
    from peft import PeftModel

    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.bfloat16)
    write_model(PeftModel.from_pretrained(model, adapter).merge_and_unload(), None, base, at)


def keep_files(base: Path, at: Path) -> None:
    for pattern in KEPT:
        for file in base.glob(pattern):
            shutil.copyfile(file, at / file.name)
