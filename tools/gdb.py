#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""gdb.py - what `make gdb` does: QEMU stopped, GDB attached, at _start

    tools/gdb.py build/debug/lacuna.elf     MEM, CPU, SMP, APPEND, MODULES,
                                            QEMU, GDB
Problem     GDB needs the terminal, and so would the serial port.
Idea        The serial port goes to a file beside the ELF file, which another
            terminal can follow. QEMU listens on a Unix socket of its own, so
            any number of sessions run side by side.
Invariants  G1  QEMU ends with GDB, however that ends.
            G2  Ctrl-C interrupts the kernel: it reaches GDB, and not QEMU.
See         tools/gdb/lacuna.gdb, tests/machine/test_gdb.py
"""

import contextlib
import os
import pathlib
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import lacuna

PATIENCE = 20                       # seconds for QEMU to start

GREETING = """\
Lacuna under GDB. The machine stands at its first instruction; the kernel's
serial port goes to {serial}
    lacuna tour     a guided walk from here to a vmalloc and its guard
    help lacuna     zones, buddy, slabs, vmlist, map, pt, page, explain
    stepi, break kmain, continue, backtrace, q"""


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
def running(argv, **popen):
    """A process that is ended with the block."""
    process = subprocess.Popen(argv, **popen)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def machine_arguments(elf, socket, serial):
    return lacuna.machine(
        elf, mem=os.environ.get("MEM") or "2G",
        cpu=os.environ.get("CPU") or "max", smp=os.environ.get("SMP", ""),
        append=os.environ.get("APPEND") or "demo",
        modules=os.environ.get("MODULES", ""), serial=f"file:{serial}",
        extra=["-S", "-gdb", f"unix:{socket},server=on,wait=off"])


def debugger_arguments(elf, socket):
    return [*gdb(), "-q", "-nx", "-x", "tools/gdb/lacuna.gdb",
            "-ex", f"target remote {socket}", "-ex", "tbreak *_start",
            "-ex", "continue", str(elf)]


def wait_for(socket, machine):
    """False when QEMU ends, or is late, instead of making its socket."""
    patience = time.monotonic() + PATIENCE
    while not socket.exists():
        if machine.poll() is not None or time.monotonic() > patience:
            return False
        time.sleep(0.02)
    return True


def listen_to_interrupts():
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def session(elf, folder):
    """Start both, wait for GDB's end; returns its status."""
    socket, errors = folder / "gdb", folder / "errors"
    serial = elf.with_name("serial.log")
    # In a session of its own QEMU does not hear the terminal's Ctrl-C.
    with errors.open("w") as stderr, \
            running(machine_arguments(elf, socket, serial), stderr=stderr,
                    stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                    start_new_session=True) as machine:
        if not wait_for(socket, machine):
            sys.exit(f"gdb: QEMU did not start: {errors.read_text().strip()}")
        print(GREETING.format(serial=lacuna.shown(serial)), flush=True)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        with running(debugger_arguments(elf, socket), cwd=lacuna.ROOT,
                     preexec_fn=listen_to_interrupts) as debugger:
            return debugger.wait()


def main():
    elf = pathlib.Path(sys.argv[1] if len(sys.argv) > 1
                       else lacuna.build_dir() / "debug/lacuna.elf").absolute()
    missing = missing_tool()
    if missing:
        sys.exit(f"gdb: {missing}")
    lacuna.die_cleanly()
    with tempfile.TemporaryDirectory(prefix="lacuna") as folder:
        return session(elf, pathlib.Path(folder))


if __name__ == "__main__":
    sys.exit(main())
