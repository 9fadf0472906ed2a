"""Measures one step of real size: a model of random weights, one row of full length, AdamW, as train.py does it. Prints JSON: tokens a
second, the most memory that was held, and what `gymsmith train --dry-run` should have said.

python measure.py --model 4b --method lora --tokens 32768        on a GPU
torchrun --standalone --nproc-per-node 8 measure.py --model 8b --method full
python measure.py --model tiny --tokens 512 --device cpu         anywhere"""

import argparse
import json
import os
import tempfile
import time
import warnings

warnings.filterwarnings("ignore", category=FutureWarning)
os.environ.setdefault("PYTORCH_CUDA_ALLOC_CONF", "expandable_segments:True")

import datasets  # noqa: E402
import torch  # noqa: E402
from peft import LoraConfig  # noqa: E402
from tokenizers import Tokenizer, models  # noqa: E402
from transformers import PreTrainedTokenizerFast, PrinterCallback, Qwen3Config, Qwen3ForCausalLM, TrainerCallback  # noqa: E402
from trl import SFTConfig, SFTTrainer  # noqa: E402

from student import choose_attention  # noqa: E402
from train import trainer_arguments  # noqa: E402

SHAPES = {
    "tiny": dict(vocab_size=512, hidden_size=64, intermediate_size=192, num_hidden_layers=3, num_attention_heads=4, tie_word_embeddings=True),
    "4b": dict(vocab_size=151_936, hidden_size=2560, intermediate_size=9728, num_hidden_layers=36, num_attention_heads=32, tie_word_embeddings=True),
    "8b": dict(vocab_size=151_936, hidden_size=4096, intermediate_size=12_288, num_hidden_layers=36, num_attention_heads=32, tie_word_embeddings=False),
}


class Clock(TrainerCallback):
    """When each step ended."""

    def __init__(self):
        self.ends = []

    def on_step_end(self, *_, **__):
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        self.ends.append(time.monotonic())


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", choices=SHAPES, default="4b")
    parser.add_argument("--method", choices=("lora", "full"), default="lora")
    parser.add_argument("--tokens", type=int, default=32_768)
    parser.add_argument("--rows", type=int, default=1, help="of a step, for each process")
    parser.add_argument("--steps", type=int, default=4, help="the first one is not counted")
    parser.add_argument("--rank", type=int, default=32)
    parser.add_argument("--loss-share", type=float, default=0.3, help="of the tokens that bear loss")
    parser.add_argument("--device", choices=("gpu", "cpu"), default="gpu")
    given = parser.parse_args()
    processes = int(os.environ.get("WORLD_SIZE", "1"))

    class Settings:
        out, device, method, batch = tempfile.mkdtemp(), given.device, given.method, given.rows * processes
        epochs, max_steps, learning_rate, weight_decay, schedule, warmup = 1, given.steps, 2e-5, 1e-4, "cosine", 0.1
        max_grad_norm, seed, checkpoint_steps, keep_checkpoints, eval_steps = 1.0, 0, 10**9, 2, 0

    arguments = trainer_arguments(Settings, given.rows * processes, 0, processes)
    arguments["save_strategy"] = "no"
    config = SFTConfig(**arguments)
    shape = Qwen3Config(**SHAPES[given.model], num_key_value_heads=2 if given.model == "tiny" else 8,
                        head_dim=16 if given.model == "tiny" else 128, max_position_embeddings=40_960, use_cache=False)  # fmt: skip
    torch.manual_seed(0)
    on_gpu = given.device == "gpu"
    dtype = torch.bfloat16 if given.method == "lora" and on_gpu else torch.float32
    device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0"))) if on_gpu and given.method == "lora" else torch.device("cpu")
    attention = choose_attention("auto")
    shape._attn_implementation = attention
    previous = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    with device:
        model = Qwen3ForCausalLM(shape)
    torch.set_default_dtype(previous)
    ids = torch.randint(0, shape.vocab_size, (given.tokens,)).tolist()
    silent = int(given.tokens * (1 - given.loss_share))
    row = {"input_ids": ids, "labels": [-100] * silent + ids[silent:]}
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=Tokenizer(models.WordLevel({"a": 0}, unk_token="a")), eos_token="a", pad_token="a")
    targets = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
    lora = LoraConfig(r=given.rank, lora_alpha=2 * given.rank, target_modules=targets, task_type="CAUSAL_LM") if given.method == "lora" else None
    clock = Clock()
    rows = datasets.Dataset.from_list([row] * (given.rows * processes))
    trainer = SFTTrainer(model=model, args=config, train_dataset=rows, processing_class=tokenizer, peft_config=lora, callbacks=[clock])
    trainer.remove_callback(PrinterCallback)
    trainer.train()
    seconds = (clock.ends[-1] - clock.ends[0]) / (len(clock.ends) - 1)
    if int(os.environ.get("RANK", "0")) == 0:
        name = torch.cuda.get_device_name() if on_gpu else "CPU"
        tokens = given.tokens * given.rows * processes
        memory = torch.cuda.max_memory_allocated() if on_gpu else 0
        found = dict(device=name, processes=processes, model=given.model, method=given.method, tokens=given.tokens, attention=attention,
                     seconds_per_step=seconds, tokens_per_second=tokens / seconds, memory_bytes=memory)  # fmt: skip
        print(json.dumps(found))


if __name__ == "__main__":
    main()
