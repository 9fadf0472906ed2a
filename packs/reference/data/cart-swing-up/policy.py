"""The policy network, its checkpoint files and its configuration file."""
import zipfile
from pathlib import Path

import numpy as np

from cart import OBSERVATIONS

MAX_HIDDEN, MAX_LAYERS = 128, 4
MAX_UNPACKED_BYTES = 4_000_000


def read_config(path):
    """A flat YAML file of `key: value` lines as a dictionary of numbers and strings."""
    config = {}
    for line in Path(path).read_text(encoding='utf-8').splitlines():
        key, separator, value = line.partition('#')[0].partition(':')
        if not separator:
            continue
        value = value.strip().strip('\'"')
        try:
            config[key.strip()] = float(value) if '.' in value else int(value)
        except ValueError:
            config[key.strip()] = value
    return config


def layer_sizes(config):
    """Sizes of all layers, from the observations to the one action."""
    hidden, layers = config.get('hidden_size'), config.get('hidden_layers')
    if not isinstance(hidden, int) or not isinstance(layers, int):
        raise ValueError('hidden_size and hidden_layers must be whole numbers')
    if not 0 <= layers <= MAX_LAYERS or not 1 <= hidden <= MAX_HIDDEN:
        raise ValueError(f'hidden_layers must be 0 to {MAX_LAYERS}, hidden_size 1 to {MAX_HIDDEN}')
    return [OBSERVATIONS, *[hidden] * layers, 1]


def unpack(parameters, sizes):
    """Splits a flat vector into (weights, biases) of every layer."""
    layers, at = [], 0
    for inputs, outputs in zip(sizes, sizes[1:]):
        weights = parameters[at:at + inputs * outputs].reshape(inputs, outputs)
        at += inputs * outputs
        layers.append((weights, parameters[at:at + outputs]))
        at += outputs
    if at != len(parameters):
        raise ValueError(f'{len(parameters)} parameters where the configuration makes {at}')
    return layers


def count_parameters(sizes):
    return sum((inputs + 1) * outputs for inputs, outputs in zip(sizes, sizes[1:]))


def make_policy(parameters, sizes):
    """The function from observations (carts, 5) to actions (carts,) of a tanh network."""
    layers = unpack(np.asarray(parameters, dtype=float), sizes)

    def policy(observations):
        values = observations
        for weights, biases in layers:
            values = np.tanh(np.einsum('ij,jk->ik', values, weights) + biases)
        return values[:, 0]

    return policy


def save_checkpoint(path, parameters):
    Path(path).parent.mkdir(exist_ok=True)
    np.savez(path, parameters=np.asarray(parameters, dtype=float))


def load_checkpoint(path, sizes):
    """The policy of a checkpoint file. Raises ValueError when the file does not fit the configuration."""
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(member.file_size for member in archive.infolist()) > MAX_UNPACKED_BYTES:
                raise ValueError(f'{path} is too large')
        with np.load(path, allow_pickle=False) as archive:
            parameters = archive['parameters']
    except (OSError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(f'{path} is no checkpoint: {error}') from None
    if parameters.ndim != 1 or parameters.dtype.kind != 'f' or not np.isfinite(parameters).all():
        raise ValueError(f'{path} must hold one vector of finite numbers')
    return make_policy(parameters, sizes)
