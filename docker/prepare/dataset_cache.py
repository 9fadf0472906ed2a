"""
Makes the cache from which the `datasets` library loads a repository of the Hub without network, with that library itself.

    dataset_cache.py REPOSITORY REVISION SNAPSHOT [CONFIGURATION...]

HF_HOME and what belongs to it say where. One JSON object a line on standard output: {"building": NAME, "number": 1, "of": 3} before each
configuration, and at the end {"done": {"library": VERSION, "configurations": {NAME: {"splits": {NAME: ROWS}}}, "default": NAME or null}}, or
{"absent": REASON} where the library is not there.
"""

import json
import os
import sys
from pathlib import Path

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))


def say(**fact):
    print(json.dumps(fact), flush=True)


def main(repo, revision, snapshot, *wanted):
    from hub_mirror import HubMirror

    mirror = HubMirror(repo, revision, snapshot)
    os.environ["HF_ENDPOINT"] = mirror.url
    for name in ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE"):
        os.environ.pop(name, None)
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    try:
        import datasets
    except ImportError as error:
        say(absent=str(error))
        return
    datasets.disable_progress_bars()
    configurations, default = choose(datasets, repo, wanted)
    built = {}
    for number, name in enumerate(configurations):
        say(building=name, number=number + 1, of=len(configurations))
        loaded = datasets.load_dataset(repo, name)
        built[name] = {"splits": {split: len(rows) for split, rows in loaded.items()}}
    clear(Path(datasets.config.HF_DATASETS_CACHE))
    mirror.close()
    say(done={"library": datasets.__version__, "configurations": built, "default": default})


def choose(datasets, repo, wanted):
    """
    The configurations to build, and the one that a load without a name gives or None. Without network the library refuses such a load
    when it finds several: so the default one is built alone unless others are asked for.
    """
    every = datasets.get_dataset_config_names(repo)
    default = every[0] if len(every) == 1 else datasets.get_dataset_default_config_name(repo)
    if wanted:
        return list(wanted), wanted[0] if len(wanted) == 1 else None
    return ([default], default) if default else (every, None)


def clear(cache):
    """Removes locks, and what stands for downloads that are mounted with the cache."""
    for place in sorted(cache.rglob("*.lock")):
        place.unlink()


if __name__ == "__main__":
    main(*sys.argv[1:])
