#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""core.py - what `make core` does: the machine in a file, for GDB

    tools/core.py build/debug/lacuna.elf            makes lacuna.core beside it
    tools/core.py build/debug/lacuna.elf FILE       opens FILE in GDB
                                            MEM, CPU, SMP, APPEND, MODULES,
                                            QEMU, GDB
Problem     A machine that has died is gone before anybody asks it a question.
            QEMU can write a core of it, but with every byte of RAM, most of
            which are zeros, and in an ELF class that not every GDB reads.
Idea        Let it end, or hang, and be kept by QEMU as it is. QEMU writes its
            core into a pipe; what comes out is written anew: see shrink.py.
Failure     A machine that does not end is stopped where it stands, and so is
            one whose reader presses Ctrl-C: that core is the one to look at.
Invariants  C1  There is a complete core at the end, or none.
            C2  QEMU is dead at the end.
Read first  make
See         tools/gdb/elfcore.py, tests/machine/test_core.py, docs/debugging.md
"""

import contextlib
import os
import pathlib
import select
import shlex
import socket
import subprocess
import sys
import tempfile

import elf
import gdb as debugger
import lacuna
import qmp
import shrink
from shrink import elfcore

TIME_LIMIT = 60                     # seconds for the kernel to end
PATIENCE = 120                      # seconds for an answer of QEMU's

HOW = {"guest-shutdown": "the kernel has ended",
       "guest-reset": "the machine was reset: a triple fault"}


# --- making one -------------------------------------------------------------

def machine_arguments(elf_file, control):
    append = os.environ.get("APPEND") or "demo"
    if "exit" not in append.split():
        append += " exit"
    return lacuna.machine(
        elf_file, append=append,
        exit_device=False,              # it would end QEMU as well
        extra=["-no-shutdown", "-qmp", f"unix:{control},server=on,wait=off"],
        **lacuna.chosen())


def wait_for_the_end(monitor):
    """Returns how it ended, in words; the machine stands still then."""
    monitor.patience(TIME_LIMIT)
    try:
        reason = monitor.wait_for("SHUTDOWN")["reason"]
        how = HOW.get(reason, reason)
    except socket.timeout:
        how = f"no end after {TIME_LIMIT} s: stopped where it was"
    except KeyboardInterrupt:
        how = "stopped by Ctrl-C"
    monitor.patience(PATIENCE)
    monitor.command("stop")
    return how


@contextlib.contextmanager
def dump(monitor, paging):
    """A core as QEMU writes it, to be read as a stream. Who leaves before its
    end is not told about errors: they would be his.

    Not detached: then QEMU would say that it is done, and clean up after that,
    in the middle of the next dump.
    """
    with tempfile.TemporaryDirectory(prefix="lacuna") as folder:
        pipe = pathlib.Path(folder) / "pipe"
        os.mkfifo(pipe)
        # Who opens a pipe waits for its other end: unless asked not to.
        reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        with open(reading, "rb", buffering=0) as stream:
            monitor.send("dump-guest-memory", paging=paging,
                         protocol=f"file:{pipe}")
            select.select([reading, monitor], [], [], PATIENCE)
            os.set_blocking(reading, True)
            yield stream
            complete = not stream.read(1)
        try:
            monitor.answer()
        except RuntimeError as error:
            if complete:
                raise elfcore.BadCore(error) from error


def write_core(monitor, core):
    """The machine behind the monitor, in the file core."""
    with dump(monitor, paging=False) as stream:
        ram = shrink.ram(stream)
    partial = core.with_name(f"{core.name}.new")
    try:
        with dump(monitor, paging=True) as stream, \
                partial.open("wb") as file:
            shrink.shrink(stream, file, ram)
        partial.replace(core)
    finally:
        partial.unlink(missing_ok=True)


def make(elf_file, core):
    """Boot, wait for the end, write the core; returns how it ended."""
    with tempfile.TemporaryDirectory(prefix="lacuna") as folder:
        control = pathlib.Path(folder) / "qmp"
        # In a session of its own QEMU does not hear the terminal's Ctrl-C.
        with debugger.running(machine_arguments(elf_file, control),
                              stdin=subprocess.DEVNULL,
                              start_new_session=True) as machine:
            monitor = qmp.connect(control, lambda: machine.poll() is None,
                                  debugger.PATIENCE)
            how = wait_for_the_end(monitor)
            write_core(monitor, core)
            monitor.close()
    return how


def report(how, elf_file, core):
    on_disk = core.stat().st_blocks * 512
    command = debugger.debugger_arguments(elf_file,
                                          f"core-file {lacuna.shown(core)}")
    print(f"core: {how}\n"
          f"core: {lacuna.shown(core)}, {on_disk / (1 << 20):.1f} MiB on the "
          f"disk. `make core CORE={lacuna.shown(core)}` opens it, or\n"
          f"    {shlex.join(command)}")


# --- opening one ------------------------------------------------------------

def is_of(core, image):
    """Was the kernel in the core built as the ELF file is now?"""
    for segment in image.segments:
        if segment.executable and segment.start >= elf.PAGE_OFFSET:
            code = image.code(segment.start,
                              segment.start + segment.file_size)
            if core.read_physical(segment.start - elf.PAGE_OFFSET,
                                  len(code)) != code:
                return False
    return True


def open_in_gdb(elf_file, path):
    try:
        if not is_of(elfcore.Core(path), elf.Image(elf_file)):
            print(f"core: {lacuna.shown(path)} is of another build than "
                  f"{lacuna.shown(elf_file)}: names and lines will be wrong")
    except OSError as error:
        sys.exit(f"core: {path}: {error.strerror}; `make core` makes one")
    except elfcore.BadCore as error:
        sys.exit(f"core: {path}: {error}; `make core` makes a good one")
    command = [*debugger.debugger_arguments(elf_file, f"core-file {path}"),
               "-q"]
    os.chdir(lacuna.ROOT)
    sys.stdout.flush()
    os.execvp(command[0], command)


def main():
    elf_file, *core = (pathlib.Path(word).absolute() for word in sys.argv[1:])
    missing = debugger.missing_tool()
    if missing:
        sys.exit(f"core: {missing}")
    if core:
        open_in_gdb(elf_file, core[0])
    lacuna.die_cleanly()
    core = elf_file.with_name("lacuna.core")
    try:
        how = make(elf_file, core)
    except KeyboardInterrupt:
        sys.exit("core: interrupted; there is no core")
    except (ConnectionError, elfcore.BadCore) as error:
        sys.exit(f"core: no core was written: {error}")
    except OSError as error:
        sys.exit(f"core: {lacuna.shown(core)}: {error.strerror or error}; "
                 "a machine of less MEM= needs less room")
    report(how, elf_file, core)


if __name__ == "__main__":
    main()
