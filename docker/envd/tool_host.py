"""
The process that runs the SWE-agent commands. It touches files with the agent's rights only, but the agent can neither
signal nor trace it: its effective user is the agent, its real and saved users are nobody.
"""

import argparse
import os
import select
import signal
import socket
import sys

sys.dont_write_bytecode = True
sys.path.append(os.path.dirname(os.path.realpath(__file__)))

import kernel  # noqa: E402
import searching  # noqa: E402
import seccomp  # noqa: E402
import viewing  # noqa: E402
from editing import Editor  # noqa: E402
from framing import MAX_BODY_BYTES, FrameReader, encode  # noqa: E402
from lint import Linter  # noqa: E402
from tool_session import ToolSession  # noqa: E402

_CHANNEL_FD = 3


def main():
    parser = argparse.ArgumentParser()
    for name in ("uid", "gid", "nobody"):
        parser.add_argument(f"--{name}", type=int, required=True)
    options = parser.parse_args()
    _drop_rights(options.uid, options.gid, options.nobody)
    linter = Linter()
    commands = _commands(linter)
    channel = socket.socket(fileno=_CHANNEL_FD)
    reader = FrameReader()
    while True:
        data = channel.recv(256 << 10)
        if not data:
            return
        for header, body in reader.feed(data):
            answer, output = _run(commands, header, body)
            for buffer in encode(answer, output[:MAX_BODY_BYTES]):
                channel.sendall(buffer)
            # The next edit should not have to wait for the linter.
            if not linter.loaded and not select.select([channel], [], [], 0)[0]:
                linter.load()


def _commands(linter):
    editor = Editor(linter)
    return {
        "open": viewing.open_file,
        "goto": viewing.goto,
        "scroll_up": viewing.scroll_up,
        "scroll_down": viewing.scroll_down,
        "create": viewing.create,
        "state": viewing.state,
        "edit": editor.edit,
        "insert": editor.insert,
        "search_dir": searching.search_dir,
        "search_file": searching.search_file,
        "find_file": searching.find_file,
    }


def _run(commands, header, body):
    stdin = None if header["lacks_text"] else body
    session = ToolSession(header["cwd"], header["state"], header["last_action"], stdin)
    try:
        os.chdir(os.fsencode(header["cwd"]))
        code = commands[header["name"]](session, header["args"])
    except MemoryError:
        session.say(f"{header['name']}: out of memory")
        code = 1
    except Exception as error:
        # Of what a command leaves unhandled the agent can only have caused the file system's refusals.
        session.say(f"{header['name']}: {error}")
        code = 1
    return {"exit_code": code, "state": session.state()}, session.output()


def _drop_rights(uid, gid, nobody):
    os.umask(0o022)
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(nobody, gid, nobody)
        os.setresuid(nobody, uid, nobody)
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    seccomp.keep_inside()
    kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)


if __name__ == "__main__":
    main()
