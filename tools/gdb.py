#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""gdb.py - QEMU stopped at the first instruction, and GDB, here or elsewhere

    tools/gdb.py build/debug/lacuna.elf                 `make gdb`
    tools/gdb.py --server build/debug/lacuna.elf        `make gdb-server`
                        MEM, CPU, SMP, APPEND, MODULES, QEMU, GDB, PORT
Problem     GDB needs the terminal, and so would the serial port. And the reader
            may prefer a front end, which starts a GDB of its own.
Idea        `make gdb`: the serial port goes to a file beside the ELF file; a
            second terminal can follow it. QEMU listens on a Unix socket of its
            own, so any number of sessions run side by side.
            `make gdb-server`: QEMU has the terminal, and listens at a TCP port
            of this machine for whoever comes.
Invariants  G1  QEMU ends with this program, however that ends.
            G2  In `make gdb` Ctrl-C interrupts the kernel: it reaches GDB, and
                not QEMU. The server it ends.
            G3  Nobody else's machine reaches the port.
See         tools/gdb/lacuna.gdb, docs/debugging.md, tests/machine/test_gdb.py,
            tests/machine/test_gdb_server.py
"""

import argparse
import contextlib
import errno
import os
import pathlib
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import lacuna

PATIENCE = 20                       # seconds for QEMU to start
LAST_WORDS = 5                      # seconds for it to give the terminal back
HOST, PORT = "127.0.0.1", 1234

GREETING = """\
Lacuna under GDB. The machine stands at its first instruction; the kernel's
serial port goes to {serial}
    lacuna tour     a guided walk from here to a vmalloc and its guard
    help lacuna     zones, buddy, slabs, vmlist, map, pt, page, explain
    stepi, break kmain, continue, backtrace, q"""

SERVER_GREETING = """\
Lacuna waits at port {port} of this machine, before its first instruction:
    {command}
VS Code, CLion, Emacs: docs/debugging.md. Its serial port is this terminal;
Ctrl-C ends it."""


def gdb():
    """GDB= of make as a list of words."""
    return shlex.split(os.environ.get("GDB") or "gdb")


def missing_tool():
    """None, or a sentence with the command that installs what is missing."""
    for words, package in ((gdb(), "gdb"),
                           (lacuna.qemu(), "qemu-system-x86")):
        if not shutil.which(words[0]):
            return (f"{words[0]} not found; on Debian: "
                    f"sudo apt-get install {package}")
    return None


@contextlib.contextmanager
def running(argv, last_words=0, **popen):
    """A process that is ended with the block, within last_words seconds."""
    popen.setdefault("preexec_fn", lacuna.die_with_parent)
    process = subprocess.Popen(argv, **popen)
    try:
        yield process
    finally:
        if last_words:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(last_words)
        process.kill()
        process.wait()


def machine_arguments(elf, stub, serial):
    return lacuna.machine(elf, append=os.environ.get("APPEND") or "demo",
                          serial=serial, extra=["-S", "-gdb", stub],
                          **lacuna.chosen())


def debugger_arguments(elf, *commands):
    """GDB's argument list, to be run in the top folder."""
    return [*gdb(), "-nx", "-x", "tools/gdb/lacuna.gdb",
            *(word for command in commands for word in ("-ex", command)),
            lacuna.shown(elf)]


def connecting(where):
    """The commands that connect GDB with a machine."""
    if "x86_64" in pathlib.Path(lacuna.qemu()[0]).name:
        yield "source tools/gdb/x86_64.gdb"
    yield f"target remote {where}"


# --- make gdb ---------------------------------------------------------------

def wait_for(path, machine):
    """False when QEMU ends, or is late, instead of making its socket."""
    patience = time.monotonic() + PATIENCE
    while not path.exists():
        if machine.poll() is not None or time.monotonic() > patience:
            return False
        time.sleep(0.02)
    return True


def listen_to_interrupts():
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def session(elf, folder):
    """Start both, wait for GDB's end; returns its status."""
    stub, errors = folder / "gdb", folder / "errors"
    serial = elf.with_name("serial.log")
    argv = machine_arguments(elf, f"unix:{stub},server=on,wait=off",
                             f"file:{serial}")
    # In a session of its own QEMU does not hear the terminal's Ctrl-C.
    with errors.open("w") as stderr, \
            running(argv, stderr=stderr, stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    start_new_session=True) as machine:
        if not wait_for(stub, machine):
            sys.exit(f"gdb: QEMU did not start: {errors.read_text().strip()}")
        print(GREETING.format(serial=lacuna.shown(serial)), flush=True)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        argv = debugger_arguments(elf, *connecting(stub), "tbreak *_start",
                                  "continue")
        with running([*argv, "-q"], cwd=lacuna.ROOT,
                     preexec_fn=listen_to_interrupts) as debugger:
            return debugger.wait()


# --- make gdb-server --------------------------------------------------------

def demand_port(port):
    """QEMU would only say that the address is in use, not what to do."""
    reason = "there is no such port"
    if 0 < port < 1 << 16:
        try:
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((HOST, port))
                return
        except OSError as error:
            reason = ("somebody has it, maybe another `make gdb-server`"
                      if error.errno == errno.EADDRINUSE else error.strerror)
    sys.exit(f"gdb: port {port}: {reason}; take another one: "
             f"make gdb-server PORT={PORT + 1}")


def server(elf, port):
    """Until the machine ends; returns a status."""
    demand_port(port)
    command = debugger_arguments(elf, *connecting(f":{port}"))
    print(SERVER_GREETING.format(port=port, command=shlex.join(command)),
          flush=True)
    argv = machine_arguments(elf, f"tcp:{HOST}:{port}", "stdio")
    with running(argv, LAST_WORDS) as machine:
        status = machine.wait()
    print(f"gdb: the machine has ended (QEMU's status is {status})")
    return 0 if status in (0, lacuna.PASS, lacuna.FAIL) else 1


def main():
    parser = argparse.ArgumentParser(description="debug the kernel")
    parser.add_argument("--server", action="store_true",
                        help="wait for a GDB that somebody else starts")
    parser.add_argument("--port", type=int,
                        default=os.environ.get("PORT") or PORT)
    parser.add_argument("elf", type=pathlib.Path, nargs="?",
                        default=lacuna.build_dir() / "debug/lacuna.elf")
    options = parser.parse_args()
    missing = missing_tool()
    if missing:
        sys.exit(f"gdb: {missing}")
    lacuna.die_cleanly()
    elf = options.elf.absolute()
    if options.server:
        with contextlib.suppress(KeyboardInterrupt):    # how it is left
            return server(elf, options.port)
        return 0
    with tempfile.TemporaryDirectory(prefix="lacuna") as folder:
        return session(elf, pathlib.Path(folder))


if __name__ == "__main__":
    sys.exit(main())
