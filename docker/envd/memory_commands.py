"""
memory_write and memory_read: notes of the agent that outlive its episode. Texts and file are MLGym's. Texts are compared by a
sentence model where the image has one, else by the words and letters that they share.
"""

import argparse
import collections
import hashlib
import json
import math
import os
import re
import sys

_FILE = "/home/agent/memory.json"
_DIMENSIONS = 384
_MATCHES = 2
_TAG_WORDS = 3
_NOTHING = {"texts": [], "embeddings": [], "tags": []}


def main():
    name = os.path.basename(sys.argv[0])
    if name == "memory_write":
        parser = argparse.ArgumentParser(description="Keeps a note for later, also for later episodes of this task")
        parser.add_argument("content_str", help="the note")
        return _write(parser.parse_args().content_str)
    parser = argparse.ArgumentParser(description="Shows the two notes that are most like a query")
    parser.add_argument("query_str", help="what to look for")
    return _read(parser.parse_args().query_str)


def _write(text):
    try:
        memory = _load() if os.path.exists(_FILE) and os.path.getsize(_FILE) > 0 else _NOTHING
        lists = [memory[name] for name in _NOTHING]
    except Exception as error:
        print(f"An error occurred while loading memory: {error}")
        return 1
    embed = _embedder()
    own = embed(text)
    lists[0].append(text)
    lists[1].append(own)
    words = text.lower().split()
    phrases = [" ".join(words[at : at + _TAG_WORDS]) for at in range(len(words) - _TAG_WORDS + 1)]
    if phrases:
        lists[2].append(max(phrases, key=lambda phrase: _cosine(own, embed(phrase))))
    temporary = f"{_FILE}.new"
    with open(temporary, "w", encoding="utf-8") as file:
        json.dump(memory, file, indent=4)
    os.replace(temporary, _FILE)
    print("Content and tags saved successfully to memory.")
    return 0


def _read(query):
    if not os.path.exists(_FILE):
        print(f"Memory file not found: {_FILE}")
        return 0
    try:
        memory = _load()
    except Exception as error:
        print(f"An error occurred while loading memory: {error}")
        return 0
    texts, embeddings = (memory.get(name) if isinstance(memory, dict) else None for name in ("texts", "embeddings"))
    if not texts or not embeddings:
        print("Memory is empty or improperly formatted.")
        return 0
    embed = _embedder()
    own = embed(query)
    # Notes of another embedding cannot be compared; that of a text by its words is quickly made again.
    if embed is _by_words or any(len(embedding) != len(own) for embedding in embeddings):
        embeddings = [embed(str(text)) for text in texts]
    similar = [_cosine(own, embedding) for embedding in embeddings[: len(texts)]]
    best = sorted(range(len(similar)), key=similar.__getitem__)[-_MATCHES:][::-1]
    print(f"Query: {query}")
    print("Top Matches:")
    for number, index in enumerate(best, 1):
        print(f"  Match {number}: {texts[index]} | similarity score: {similar[index]:.2f}")
    return 0


def _load():
    with open(_FILE, encoding="utf-8") as file:
        return json.load(file)


def _cosine(one, other):
    lengths = math.sqrt(sum(x * x for x in one)) * math.sqrt(sum(x * x for x in other))
    return sum(x * y for x, y in zip(one, other)) / lengths if lengths else 0.0


def _embedder():
    """The sentence model of the image, if it is there with what runs it; else `_by_words`."""
    if not os.path.isdir(MODEL):
        return _by_words
    os.environ["HF_HUB_OFFLINE"] = "1"
    try:
        import torch
        from transformers import AutoModel, AutoTokenizer
    except ImportError:
        return _by_words
    tokenizer = AutoTokenizer.from_pretrained(MODEL)
    model = AutoModel.from_pretrained(MODEL)

    def embed(text):
        inputs = tokenizer(text, return_tensors="pt", truncation=True, padding=True)
        with torch.no_grad():
            return model(**inputs).last_hidden_state.mean(dim=1).squeeze(0).tolist()

    return embed


def _by_words(text):
    """
    A vector of length 1 in which each word, and each run of three letters of a word, has a place that its hash chooses. Long words
    say more than short ones.
    """
    features = collections.Counter()
    for word in re.findall(r"\w+", text.lower()):
        features[f"word {word}"] += min(1.0, len(word) / 6)
        marked = f"^{word}$"
        letters = [marked[at : at + 3] for at in range(len(marked) - 2)]
        for run in letters:
            features[f"letters {run}"] += 0.5 / len(letters)
    vector = [0.0] * _DIMENSIONS
    for feature, weight in features.items():
        digest = hashlib.blake2b(feature.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        place = int.from_bytes(digest[:4], "big") % _DIMENSIONS
        vector[place] += math.log1p(weight) * (1 if digest[4] & 1 else -1)
    length = math.sqrt(sum(value * value for value in vector))
    return [value / length for value in vector] if length else vector


MODEL = "/opt/gymsmith/models/all-MiniLM-L6-v2"

if __name__ == "__main__":
    sys.exit(main())
