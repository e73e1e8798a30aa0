# SPDX-License-Identifier: MIT
"""gdbsession.py - what the tests of GDB share: a session, and its answers

A session is what `make gdb` starts, tools/gdb.py on the debug build, with the
commands on its standard input. ask() returns the answer to each of them:
    (zones,) = ask(elf, ["lacuna zones"], MEM="64M")
batch() asks a GDB without a machine of its own: of a core, or of a server.

The debug build and its files are one for all: the tests that use it say
    pytestmark = pytest.mark.xdist_group("gdb")
"""

import contextlib
import os
import pathlib
import re
import shlex
import socket
import subprocess
import tempfile
import time

import pexpect
import pytest

import lacuna

MARK = "@@@"
TIMEOUT = 150                       # seconds for one session

# What no answer may contain, whatever was asked.
ACCIDENT = re.compile(r"Traceback|Python Exception|Error while executing|"
                      r"corrupt stack|Cannot access memory", re.IGNORECASE)


@pytest.fixture(scope="module")
def elf():
    """The debug build: made here when it is not up to date."""
    folder = lacuna.build_dir() / "debug"
    made = lacuna.run(["make", "-j2", "DEBUG=1", f"O={lacuna.shown(folder)}"],
                      300, cwd=lacuna.ROOT,
                      env=lacuna.clean_environment("O", "DEBUG"))
    assert made.status == 0, made.why()
    return folder / "lacuna.elf"


def tool(name, *arguments):
    """The argument list of one of our tools."""
    return [lacuna.python(), str(lacuna.ROOT / f"tools/{name}.py"),
            *(str(argument) for argument in arguments)]


def environment(**more):
    return {**lacuna.clean_environment("PORT"), **more}


def run_session(elf, text, **more):
    """`make gdb` with text as its standard input."""
    with tempfile.TemporaryFile("w+") as commands:
        commands.write(text)
        commands.seek(0)
        return lacuna.run(tool("gdb", elf), TIMEOUT, stdin=commands,
                          stderr=subprocess.STDOUT, env=environment(**more))


def answers_in(run, number):
    """What stands between the marks that were printed behind each command."""
    log = run.log.replace("(gdb) ", "")
    answers = [answer.strip("\n") for answer in log.split(f"{MARK}\n")]
    assert len(answers) == number + 2, run.why()
    for answer in answers:
        assert not ACCIDENT.search(answer), answer
    return answers[1:-1]


def ask(elf, commands, **more):
    """The answer to each of the commands, in one session."""
    text = f"echo \\n{MARK}\\n\n".join(f"{one}\n" for one in ["", *commands])
    run = run_session(elf, text + f"echo \\n{MARK}\\n\n", **more)
    assert run.status == 0, run.why()
    return answers_in(run, len(commands))


def gdb_command():
    return shlex.split(os.environ.get("GDB") or "gdb")


def batch(elf, first, commands):
    """The same from a GDB that begins with the command first."""
    words = [*gdb_command(), "-nx", "-batch", "-x", "tools/gdb/lacuna.gdb",
             "-ex", first]
    for command in ["", *commands]:
        words += ["-ex", command] * bool(command)
        words += ["-ex", f"echo \\n{MARK}\\n"]
    run = lacuna.run([*words, str(elf)], TIMEOUT, cwd=lacuna.ROOT,
                     stderr=subprocess.STDOUT, env=environment())
    return answers_in(run, len(commands))


def serial(elf):
    """What the kernel printed in the last session."""
    log = elf.with_name("serial.log").read_text(encoding="ascii")
    return log.replace("\r\n", "\n")


@contextlib.contextmanager
def terminal(argv, **more):
    """A terminal with argv running in it."""
    child = pexpect.spawn(argv[0], argv[1:], timeout=TIMEOUT, encoding="ascii",
                          cwd=str(lacuna.ROOT),
                          env=environment(TERM="dumb", **more))
    try:
        yield child
    finally:
        child.close(force=True)


def leave_gdb(reader):
    """Quit, and everything has ended well."""
    reader.sendline("quit")
    reader.expect(pexpect.EOF)
    reader.wait()
    assert reader.exitstatus == 0


# --- the kernel's own prompt ------------------------------------------------

class Console:
    """The kernel's monitor, over a serial port that is a socket."""

    def __init__(self, path):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(TIMEOUT)
        patience = time.monotonic() + 10
        while not path.exists() and time.monotonic() < patience:
            time.sleep(0.02)
        self._socket.connect(str(path))

    def answer(self, command=""):
        """Type a command; its answer, up to the next prompt."""
        if command:
            self._socket.sendall(command.encode() + b"\r")
        text = b""
        while not text.endswith(b"lacuna> "):
            text += self._socket.recv(1 << 12)
        lines = text.decode("ascii").replace("\r\n", "\n").split("\n")
        return [line.rstrip() for line in lines[1:-1]]


# --- processes --------------------------------------------------------------

def fake(folder, name, body):
    """A command of that name that does something else."""
    path = pathlib.Path(folder) / name
    path.write_text(f"#!/bin/sh\n{body}\n", encoding="ascii")
    path.chmod(0o755)
    return str(path)


def is_alive(pid):
    """A zombie is not, although nobody has asked how it ended."""
    try:
        status = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return status.rpartition(")")[2].split()[0] not in "ZX"


@pytest.fixture
def noted_qemu(tmp_path):
    """A QEMU that writes down its process number; and where."""
    note = tmp_path / "pid"
    return fake(tmp_path, "qemu", f'echo $$ >{note}\n'
                f'exec {lacuna.qemu()[0]} "$@"'), note
