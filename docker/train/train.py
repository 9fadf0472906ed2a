"""Supervised fine-tuning on an exported dataset, with TRL's trainer. Started by `gymsmith train`, in a container or with a Python of the
machine; by hand: python train.py SETTINGS.json, or torchrun --standalone --nproc-per-node N train.py SETTINGS.json."""

import fcntl
import os
import shutil
import sys
import time
import traceback
import warnings
from pathlib import Path

warnings.filterwarnings("ignore", category=FutureWarning)
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
os.environ.setdefault("PYTORCH_CUDA_ALLOC_CONF", "expandable_segments:True")

from faults import Fault, fault_of  # noqa: E402
from progress import Progress  # noqa: E402
from settings import Settings, read_settings  # noqa: E402


def versions() -> dict[str, str]:
    from importlib.metadata import version

    names = ("torch", "transformers", "trl", "accelerate", "peft", "datasets", "tokenizers")
    return {"python": sys.version.split()[0], **{name: version(name) for name in names}}


def trainer_arguments(settings: Settings, rows: int, held_out: int, processes: int) -> dict:
    if settings.batch % processes:
        raise Fault("settings", f"a batch of {settings.batch} cannot be shared by {processes} processes")
    is_gpu = settings.device == "gpu"
    shards = processes > 1 and settings.method == "full"
    evaluation = {"eval_strategy": "no"}
    if held_out:
        evaluation = {"eval_strategy": "steps", "eval_steps": settings.eval_steps} if settings.eval_steps else {"eval_strategy": "epoch"}
    sharding = {
        "fsdp": True,
        "fsdp_config": {
            "version": 2,
            "reshard_after_forward": True,
            "auto_wrap_policy": "TRANSFORMER_BASED_WRAP",
            "state_dict_type": "FULL_STATE_DICT",
            "activation_checkpointing": True,
        },
    }
    return dict(
        output_dir=str(Path(settings.out, "checkpoints")),
        # Rows come one at a time: they are long, nothing is padded, and no row can see another.
        per_device_train_batch_size=1,
        per_device_eval_batch_size=1,
        gradient_accumulation_steps=settings.batch // processes,
        average_tokens_across_devices=True,
        max_length=None,
        packing=False,
        dataset_kwargs={"skip_prepare_dataset": True},
        remove_unused_columns=False,
        num_train_epochs=settings.epochs,
        max_steps=settings.max_steps or -1,
        learning_rate=settings.learning_rate,
        weight_decay=settings.weight_decay,
        lr_scheduler_type=settings.schedule,
        # One is a number of steps to the library, not the whole of them.
        warmup_steps=min(settings.warmup, 0.999999),
        max_grad_norm=settings.max_grad_norm,
        optim="adamw_torch_fused" if is_gpu else "adamw_torch",
        bf16=is_gpu,
        use_cpu=not is_gpu,
        tf32=is_gpu or None,
        gradient_checkpointing=not shards,
        gradient_checkpointing_kwargs={"use_reentrant": False},
        ddp_find_unused_parameters=False if processes > 1 and not shards else None,
        seed=settings.seed,
        data_seed=settings.seed,
        dataloader_num_workers=2 if is_gpu else 0,
        logging_steps=1,
        logging_nan_inf_filter=False,
        save_strategy="steps",
        save_steps=settings.checkpoint_steps,
        save_total_limit=settings.keep_checkpoints,
        report_to="none",
        disable_tqdm=True,
        prediction_loss_only=True,
        **evaluation,
        **(sharding if shards else {}),
    )


def train(settings: Settings, progress: Progress, rank: int, processes: int) -> None:
    import torch
    from peft import LoraConfig
    from transformers import PrinterCallback
    from transformers.utils import logging as transformers_logging
    from trl import SFTConfig, SFTTrainer

    import rows
    import student
    from order import BatchOrder
    from reporter import Reporter, StopRequest, newest_checkpoint

    transformers_logging.set_verbosity_error()
    stop = StopRequest(settings.out, "--stop-with-input" in sys.argv and rank == 0)
    if settings.device == "gpu" and not torch.cuda.is_available():
        raise Fault("gpu", "PyTorch sees no GPU")
    began = time.monotonic()
    out = Path(settings.out)
    checkpoints = out / "checkpoints"
    dataset = rows.find_dataset(settings.dataset, settings.dataset_revision)
    manifest = rows.read_manifest(dataset)
    base, revision = student.find_model(settings)
    tokenizer, processing_class = student.read_tokenizer(base)
    labeller = rows.Labeller(tokenizer)

    cache = out / ".rows" / str(rank)
    split = {name: rows.read_split(dataset, manifest, name, cache) for name in ("train", "test")}
    if split["train"] is None:
        raise Fault("dataset", f"{settings.dataset} has no rows to train on")
    is_exact = bool(manifest["tokenizer"]["exact"])
    compared = sum(labeller.check(part, is_exact, settings.max_tokens) for part in split.values() if part is not None)
    lengths = list(split["train"]["tokens"])
    held_out = 0 if split["test"] is None else len(split["test"])

    # Before the model: it sets up the processes.
    arguments = SFTConfig(**trainer_arguments(settings, len(lengths), held_out, processes))
    torch.manual_seed(settings.seed)
    attention = student.choose_attention(settings.attention)
    model = student.read_model(base, settings, attention)
    model.config.use_cache = False
    lora = None
    if settings.method == "lora":
        lora = LoraConfig(
            r=settings.lora_rank,
            lora_alpha=settings.lora_alpha,
            lora_dropout=settings.lora_dropout,
            target_modules=settings.lora_targets,
            task_type="CAUSAL_LM",
        )

    class Trainer(SFTTrainer):
        def _get_train_sampler(self, train_dataset=None):
            return BatchOrder(lengths, settings.batch, settings.seed)

        def create_model_card(self, *_, **__):
            """What is known of a model stands in settings.json."""

    checkpoint = newest_checkpoint(checkpoints)
    resumed_from = int(checkpoint.name.split("-")[1]) if checkpoint else 0
    tokens_before = progress.take_up(resumed_from)
    if rank == 0:
        for path in checkpoints.glob("checkpoint-*"):
            if not (path / "complete").exists():
                shutil.rmtree(path)
    reporter = Reporter(progress, stop, tokens_before)
    trainer = Trainer(
        model=model,
        args=arguments,
        train_dataset=split["train"].with_transform(labeller),
        eval_dataset=split["test"].with_transform(labeller) if split["test"] is not None else None,
        processing_class=processing_class,
        peft_config=lora,
        callbacks=[reporter],
    )
    trainer.remove_callback(PrinterCallback)

    parameters = sum(p.numel() for p in trainer.model.parameters())
    trainable = sum(p.numel() for p in trainer.model.parameters() if p.requires_grad)
    devices = [torch.cuda.get_device_properties(at) for at in range(torch.cuda.device_count())] if settings.device == "gpu" else []
    facts = dict(
        versions=versions(),
        model=dict(
            name=settings.model_name,
            revision=revision,
            sha256=student.weights_hash(base) if rank == 0 else "",
            tokenizer_sha256=rows.sha256_of(base / "tokenizer.json"),
            parameters=parameters,
            trainable=trainable,
        ),
        dataset=dict(
            manifest_sha256=rows.sha256_of(Path(dataset, "manifest.json")),
            rows=len(lengths),
            held_out_rows=held_out,
            tokens=sum(lengths),
            compared=compared,
        ),
        devices=[dict(name=device.name, bytes=device.total_memory) for device in devices],
        processes=processes,
        attention=attention,
    )
    progress.say("begin", resumed_from=resumed_from, **facts)
    trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    step = trainer.state.global_step
    if reporter.was_stopped:
        progress.say("end", reason="stopped", step=step, of=trainer.state.max_steps, seconds=time.monotonic() - began, path=None)
        return
    path = finish(trainer, settings, base, out, rank)
    progress.say("end", reason="done", step=step, of=trainer.state.max_steps, seconds=time.monotonic() - began, path=path)


def finish(trainer, settings: Settings, base: Path, out: Path, rank: int) -> str:
    """Writes the model (full, or merged on wish) and the adapter. Returns where the result lies, below the directory."""
    import torch

    import student

    if settings.method == "full":
        state = trainer.accelerator.get_state_dict(trainer.model)
        if rank == 0:
            student.write_model(trainer.accelerator.unwrap_model(trainer.model), state, base, out / "model")
    elif rank == 0:
        student.write_adapter(trainer.accelerator.unwrap_model(trainer.model), settings.model_name, base, out / "adapter")
        if settings.merge:
            trainer.model = None
            torch.cuda.empty_cache()
            student.merge_adapter(out / "adapter", base, out / "model")
    if rank == 0:
        shutil.rmtree(out / ".rows", ignore_errors=True)
    return "model" if settings.method == "full" or settings.merge else "adapter"


def hold(out: str, rank: int):
    """Waits for the end of a training whose starter was killed: it saves a checkpoint at its next step. Returns what keeps others out."""
    lock = open(Path(out, f".trainer-{rank}.lock"), "w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("waiting for an earlier training in this directory", file=sys.stderr, flush=True)
        fcntl.flock(lock, fcntl.LOCK_EX)
    return lock


def main() -> int:
    rank, processes = int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
    settings = read_settings(sys.argv[1])
    Path(settings.out).mkdir(parents=True, exist_ok=True)
    progress = Progress(settings.out, rank == 0)
    lock = hold(settings.out, rank)
    try:
        train(settings, progress, rank, processes)
        lock.close()
        return 0
    except BaseException as error:
        fault = fault_of(error)
        if fault.kind == "other":
            traceback.print_exc()
        progress.say("fault", kind=fault.kind, message=str(fault))
        return 1


if __name__ == "__main__":
    code = main()
    # Threads of libraries keep a process that has nothing left to do.
    sys.stderr.flush()
    os._exit(code) if code else sys.exit(0)
