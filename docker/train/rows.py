"""Rows of an exported dataset as tokens and labels. What was exported is what is trained on: the text as it stands, loss exactly on its
loss spans, and the count of tokens that the manifest was made with."""

import gzip
import gzip
import hashlib
import json
from pathlib import Path

import datasets
from tokenizers import Tokenizer

from faults import Fault

COLUMNS = ("id", "text", "loss_spans", "tokens", "loss_tokens")
FEATURES = datasets.Features(
    {
        "id": datasets.Value("string"),
        "text": datasets.Value("large_string"),
        "loss_spans": datasets.List(datasets.List(datasets.Value("int64"))),
        "tokens": datasets.Value("int64"),
        "loss_tokens": datasets.Value("int64"),
    }
)
IGNORED = -100
SAMPLE = 32


def find_dataset(name: str, revision: str | None) -> str:
    """The directory of a dataset, downloaded when it is named by its id on the Hub."""
    if Path(name).is_dir():
        return name
    from huggingface_hub import snapshot_download

    try:
        directory = snapshot_download(name, repo_type="dataset", revision=revision)
    except Exception as error:
        raise Fault("dataset", f"{name} is no directory and cannot be had from the Hub: {error}".split("\n")[0]) from error
    for file in read_manifest(directory)["files"]:
        if sha256_of(Path(directory, file["path"])) != file["sha256"]:
            raise Fault("dataset", f"{name}: {file['path']} is not what the manifest says")
    return directory


def read_manifest(directory: str) -> dict:
    file = Path(directory, "manifest.json")
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Fault("dataset", f"{file} cannot be read: {error}") from error


def sha256_of(file: Path) -> str:
    with open(file, "rb") as bytes_:
        return hashlib.file_digest(bytes_, "sha256").hexdigest()


def read_split(directory: str, manifest: dict, split: str, cache: Path) -> datasets.Dataset | None:
    """All rows of a split, on disk and not in memory. Of two formats one is read. None: it has no rows."""
    files = [file for file in manifest["files"] if file["split"] == split and file["rows"] > 0]
    formats = {file["format"] for file in files}
    chosen = "parquet" if "parquet" in formats else "jsonl"
    paths = [str(Path(directory, file["path"])) for file in files if file["format"] == chosen]
    if not paths:
        return None
    read = _parquet_rows if chosen == "parquet" else _json_rows
    # Hashes instead of the paths name the cache: a container sees the dataset elsewhere.
    name = hashlib.sha256("".join(file["sha256"] for file in files).encode()).hexdigest()[:32]
    return datasets.Dataset.from_generator(
        lambda: (row for path in paths for row in read(path)),
        features=FEATURES,
        cache_dir=str(cache),
        fingerprint=name,
    )


def _parquet_rows(path: str):
    from pyarrow.parquet import ParquetFile

    for batch in ParquetFile(path).iter_batches(batch_size=16, columns=list(COLUMNS)):
        yield from batch.to_pylist()


def _json_rows(path: str):
    opened = gzip.open if path.endswith(".gz") else open
    with opened(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            yield {name: row[name] for name in COLUMNS}


class Labeller:
    """Tokens and labels of a row."""

    def __init__(self, tokenizer: Tokenizer):
        self.tokenizer = tokenizer
        tokenizer.no_truncation()
        tokenizer.no_padding()

    def label(self, text: str, spans: list) -> tuple[list[int], list[int]]:
        """Loss lies on the tokens that begin within a span; spans are in code points and in order."""
        encoding = self.tokenizer.encode(text, add_special_tokens=False)
        labels, at = [], 0
        for token, (begin, _) in zip(encoding.ids, encoding.offsets):
            while at < len(spans) and spans[at][1] <= begin:
                at += 1
            inside = at < len(spans) and spans[at][0] <= begin
            labels.append(token if inside else IGNORED)
        return encoding.ids, labels

    def __call__(self, rows: dict) -> dict:
        labelled = [self.label(text, spans) for text, spans in zip(rows["text"], rows["loss_spans"])]
        return {"input_ids": [ids for ids, _ in labelled], "labels": [labels for _, labels in labelled]}

    def check(self, rows: datasets.Dataset, is_exact: bool, max_tokens: int) -> int:
        """Compares a sample of rows with their counts. Returns how many were compared."""
        longest = max(rows["tokens"])
        if is_exact and longest > max_tokens:
            text = f"a row has {longest} tokens, more than max_tokens {max_tokens}: build the dataset with a smaller truncate_tokens"
            raise Fault("dataset", text)
        count = min(SAMPLE, len(rows))
        for at in range(count):
            row = rows[at * len(rows) // count]
            ids, labels = self.label(row["text"], row["loss_spans"])
            loss = sum(label != IGNORED for label in labels)
            if loss == 0:
                raise Fault("dataset", f"row {row['id']} has no token with loss")
            if len(ids) > max_tokens:
                raise Fault("dataset", f"row {row['id']} has {len(ids)} tokens, more than max_tokens {max_tokens}")
            if is_exact and (len(ids), loss) != (row["tokens"], row["loss_tokens"]):
                text = f"row {row['id']} has {len(ids)} tokens and {loss} with loss under the tokenizer of the model; "
                raise Fault("tokenizer", text + f"the dataset says {row['tokens']} and {row['loss_tokens']}")
        return count
