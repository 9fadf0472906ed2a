"""The environment variables that programs in the sandbox see."""

import os

# What an image or an engine sets for GPUs, threads and interpreters; all else stays with the daemon.
_PASSED = ("LD_LIBRARY_PATH", "LIBRARY_PATH", "CPATH", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR", "HF_HOME", "VIRTUAL_ENV")
_PASSED_PREFIXES = (
    "CUDA",
    "NVIDIA_",
    "NCCL_",
    "NV_",
    "CONDA",
    "OMP_",
    "MKL_",
    "OPENBLAS_",
    "NUMEXPR_",
    "TORCH",
    "XLA_",
    "JAX_",
)
# What the task of this sandbox adds.
_programs = []
_variables = {}

_DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def add_environment(programs, variables):
    """Puts directories of programs before those of the image, and variables beside its own, for all that is started from now on."""
    _programs.extend(programs)
    _variables.update(variables)


def _base_path():
    parts = [part for part in os.environ.get("PATH", "").split(":") if part.startswith("/")]
    return ":".join([*_programs, *(parts or [_DEFAULT_PATH])])


def program_environment(account):
    """A clean environment: PATH, HOME, LANG, the user's name, what the image set for its accelerators, what the task adds."""
    env = {name: value for name, value in os.environ.items() if name in _PASSED or name.startswith(_PASSED_PREFIXES)}
    env.update(_variables)
    env.update(PATH=_base_path(), HOME=account.home, LANG="C.UTF-8", USER=account.name, LOGNAME=account.name)
    return env


def shell_environment(account, tools_path):
    """The environment of the agent's shell."""
    env = program_environment(account)
    env["PATH"] = f"{tools_path}:{account.home}/.local/bin:{env['PATH']}"
    env.update(SHELL="/bin/bash", PS1="> ", ROOT=f"{account.home.rstrip('/')}/")
    return env
