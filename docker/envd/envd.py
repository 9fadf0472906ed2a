"""envd: the daemon inside every sandbox. WIRE.md is its contract; start it with `python3 -I -S`."""

import argparse
import json
import os
import resource
import sys

# Nothing but the standard library and this directory can be imported: no variable, no working directory, no
# site-packages of the sandbox has a say. The standard library comes first.
sys.dont_write_bytecode = True
sys.path.append(os.path.dirname(os.path.realpath(__file__)))

from daemon import Daemon, prepare_process  # noqa: E402
from environment import add_environment  # noqa: E402
from spawn import Limits  # noqa: E402


def _arguments():
    parser = argparse.ArgumentParser(prog="envd", allow_abbrev=False)
    parser.add_argument("--socket", required=True, help="unix socket to listen on")
    parser.add_argument("--run-dir", required=True, help="directory that only root enters; archives lie here")
    parser.add_argument("--agent-user", default="agent")
    parser.add_argument("--workspace", default="/home/agent/workspace")
    parser.add_argument("--lifetime-ms", type=int, default=None)
    parser.add_argument("--single-user", action="store_true", help="not root: everything runs as the daemon's own user")
    parser.add_argument("--tools", default="/run/gymsmith-tools", help="directory for the agent's commands, made here")
    parser.add_argument("--environment", type=json.loads, default={}, help='{"programs":[DIR],"variables":{NAME:VALUE}}')
    parser.add_argument("--nofile", type=int, default=None)
    parser.add_argument("--nproc", type=int, default=None)
    parser.add_argument("--fsize-bytes", type=int, default=None)
    parser.add_argument("--core", type=int, default=0)
    return parser.parse_args()


def main():
    options = _arguments()
    if not options.single_user and os.geteuid() != 0:
        sys.exit("envd: not root; start it as root or with --single-user")
    options.limits = Limits(options.nofile, options.nproc, options.fsize_bytes, options.core)
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65536), hard))
    add_environment(options.environment.get("programs", []), options.environment.get("variables", {}))
    prepare_process()
    Daemon(options).loop.run()
    # Nothing is left to tidy up, and an interpreter that exits would only take time.
    os._exit(0)


if __name__ == "__main__":
    main()
