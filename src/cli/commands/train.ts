import { Command, Option } from 'commander';
import { count } from '../config-flags.js';
import { amount } from '../option-kinds.js';
import { DEFAULT_IMAGE, DEFAULT_OUT, type TrainFlags } from '../train/train-flags.js';

const EXAMPLES = `
A student is fine-tuned on what gymsmith dataset build made: its rows as they stand, loss on the assistant's turns alone. The directory
(--out) then holds the model, settings.json, metrics.jsonl, a loss curve and a report. A training that is killed or stopped goes on at its
newest checkpoint with the same command.

Examples:
  gymsmith train dataset --model Qwen/Qwen3-4B --dry-run               plan, steps, memory; nothing is begun
  gymsmith train dataset --model Qwen/Qwen3-4B --method lora           one GPU of 48 GB or more
  gymsmith train dataset --model ~/models/Qwen3-8B --gpus 8            every weight, on eight GPUs; no network
  gymsmith train dataset --model Qwen/Qwen3-8B --config train.yaml     settings in a file; flags stand over it
  gymsmith train dataset --model Qwen/Qwen3-4B --place python --python ~/venv/bin/python    without containers
  bash docker/build.sh train                                           the image, once

The first Ctrl-C waits for the end of the step and saves a checkpoint, the second ends at once. A container goes on when this program is
killed; the same command shows it again.
Exit code: 0 done, 1 a fault, 2 wrong usage or settings, 130 stopped.`;

/** `gymsmith train` */
export function trainCommand(): Command {
  return new Command('train')
    .description('fine-tune a student on a dataset')
    .argument('[dataset]', 'directory that gymsmith dataset build made, or id on the Hub')
    .addHelpText('after', EXAMPLES)
    .option('--config <file>', 'settings as YAML; flags stand over it')
    .option('--out <directory>', 'where the training lies; one that exists is gone on with', DEFAULT_OUT)
    .optionsGroup('What is trained:')
    .option('--model <model>', 'directory, or id on the Hub')
    .option('--revision <commit>', 'commit of the model on the Hub')
    .addOption(new Option('--method <name>', 'every weight, or adapters').choices(['full', 'lora']))
    .option('--rank <n>', 'of adapters', count(1))
    .option('--alpha <n>', 'of adapters', count(1))
    .option('--no-merge', 'leave the adapters apart from the model')
    .optionsGroup('How:')
    .addOption(amount('--epochs <n>', 'times that every row is seen'))
    .option('--max-steps <n>', 'steps in all, whatever the epochs', count(1))
    .option('--batch <n>', 'rows of a step, over all GPUs', count(1))
    .addOption(amount('--learning-rate <rate>', 'the highest; default: 2e-5, with adapters 2e-4'))
    .addOption(amount('--weight-decay <rate>', 'of AdamW'))
    .addOption(amount('--warmup <share>', 'of the steps', 1))
    .option('--max-tokens <n>', 'longest row that is taken', count(1))
    .option('--seed <n>', 'decides the order of rows', count(0))
    .option('--checkpoint-steps <n>', 'steps between checkpoints', count(1))
    .option('--eval-steps <n>', 'steps between looks at the held-out rows; 0: after each epoch', count(0))
    .optionsGroup('Where:')
    .addOption(
      new Option('--place <name>', 'in a container, or with a Python').choices(['docker', 'python']).default('docker'),
    )
    .option('--image <image>', 'image of the container', DEFAULT_IMAGE)
    .option(
      '--environment <directory>',
      "virtual environment whose Python is used in the container instead of the image's",
    )
    .option('--python <path>', 'Python of --place python', 'python3')
    .option('--models <directory>', 'where models from the Hub are kept; default: models in the state directory')
    .option('--gpus <n>', 'GPUs to train on, at most 8; default: all there are', count(1, 8))
    .option('--cpu', 'train without a GPU, in 32 bits: for trying out')
    .option('--processes <n>', 'processes of --cpu', count(1, 8))
    .optionsGroup('Before and after:')
    .addOption(
      new Option('--resume <when>', 'go on with what is there, or refuse')
        .choices(['automatic', 'never'])
        .default('automatic'),
    )
    .option('--force', 'begin although the memory or the disk looks too small')
    .option('--dry-run', 'show plan and memory, begin nothing')
    .option('--json', 'print events as JSON lines, and all else on standard error')
    .option('-q, --quiet', 'no progress')
    .action(async (dataset: string | undefined, flags: TrainFlags) => {
      const { runTrain } = await import('../train/run-train.js');
      process.exitCode = await runTrain(dataset, flags);
    });
}
