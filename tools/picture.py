#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""picture.py - memory as a page to look at: `make picture`

    tools/picture.py ELF OUTPUT         ELF is of the debug build
                                        CORE, LOG, ADDR, MEM, APPEND, QEMU, GDB
Problem     A terminal has 80 columns and forgets. Who writes a report, or
            compares two runs, wants a picture that stays.
Idea        Ask a core, by GDB, what the monitor would have been asked: `map`,
            with more rows than a screen has, `layout`, `vmlist`, `pt ADDR`. Or
            take the answers out of a log. Without either, boot: the machine is
            kept where the demonstration writes behind its area.
Failure     One line says what is missing or damaged, and what to do; an older
            picture stays as it was.
Read first  main
See         tools/picture_facts.py reads, tools/picture_html.py draws;
            tools/core.py, tests/machine/test_picture.py, docs/map.md
"""

import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile

import core
import elf
import gdb as debugger
import gdbstub
import lacuna
import picture_facts
import picture_html
import qmp
from shrink import elfcore

TIME_LIMIT = 120                # seconds for GDB to answer
MOMENT = "oops"                 # where the default core is taken


def leave(words):
    sys.exit(f"picture: {words}")


# --- from a core --------------------------------------------------------------

def take_core(elf_file, path):
    """The demonstration, stopped where its overrun is caught."""
    address = elf.Image(elf_file).address_of(MOMENT)
    with tempfile.TemporaryDirectory(prefix="lacuna") as folder:
        stub, control = (pathlib.Path(folder) / name for name in ("gdb", "qmp"))
        argv = lacuna.machine(
            elf_file, append="demo exit", serial="null",
            extra=["-S", "-gdb", f"unix:{stub},server=on,wait=off",
                   "-qmp", f"unix:{control},server=on,wait=off"],
            **lacuna.chosen())
        with debugger.running(argv, stdin=subprocess.DEVNULL,
                              start_new_session=True) as machine:
            monitor = qmp.connect(control, lambda: machine.poll() is None,
                                  debugger.PATIENCE)
            connection = socket.socket(socket.AF_UNIX)
            connection.settimeout(core.TIME_LIMIT)
            connection.connect(str(stub))
            client = gdbstub.Stub(connection)
            client.run_to(address)
            monitor.command("stop")     # it stands already; takes the events
            core.write_core(monitor, path)
            client.close()
            monitor.close()


def demand_core(elf_file, path):
    """Leave, with what to do, unless GDB will understand it."""
    try:
        if core.is_of(elfcore.Core(path), elf.Image(elf_file)):
            return
    except OSError as error:
        leave(f"{lacuna.shown(path)}: {error.strerror}; `make core` makes one")
    except elfcore.BadCore as error:
        leave(f"{lacuna.shown(path)}: {error}; `make core` makes a good one")
    leave(f"{lacuna.shown(path)} is of another build than "
          f"{lacuna.shown(elf_file)}; `make core` makes one of this build")


def ask(elf_file, path, commands):
    """What GDB says of the core, as a log of the monitor would have it."""
    words = [f"core-file {path}"]
    for command in commands:
        words += [f"echo lacuna> {command}\\n",
                  "python import cells; cells.say_fine()" if command == "map"
                  else f"lacuna {command}"]
    argv = debugger.debugger_arguments(elf_file, *words)
    run = lacuna.run([*argv[:1], "-batch", *argv[1:]], TIME_LIMIT,
                     cwd=lacuna.ROOT)
    return run.log + run.errors


def first_area(text):
    """Where the reader's eye goes first: the first page of an area in use."""
    areas = picture_facts.read(text).areas
    return next((area.start for area in areas if area.live), elf.PAGE_OFFSET)


def from_core(elf_file, path, address):
    demand_core(elf_file, path)
    text = ask(elf_file, path, ["layout", "map", "vmlist"])
    if address is None:
        address = first_area(text)
    return text + ask(elf_file, path, [f"pt {address:x}"]), address


# --- from a log ---------------------------------------------------------------

def from_log(path):
    try:
        return path.read_text("ascii", "replace")
    except OSError as error:
        leave(f"{lacuna.shown(path)}: {error.strerror}; keep what `make run` "
              "prints when you type map and vmlist, and name that file")


# --- what make says -----------------------------------------------------------

def chosen_address():
    text = os.environ.get("ADDR") or ""
    if text and not re.fullmatch(r"(0x)?[0-9a-fA-F]{1,8}", text):
        leave(f"ADDR={text} is no address; for example ADDR=f8800000")
    return int(text, 16) if text else None


def chosen_text(elf_file, address):
    """(all that is known, whose words it is, the address to walk to)"""
    log, path = (os.environ.get(name) or "" for name in ("LOG", "CORE"))
    if log:
        return from_log(pathlib.Path(log)), f"the log {log}", address
    missing = debugger.missing_tool()
    if missing:
        leave(missing)
    if not path:
        path = elf_file.with_name("picture.core")
        try:
            take_core(elf_file, path)
        except (OSError, AssertionError, elfcore.BadCore) as error:
            leave(f"the demonstration did not come to its overrun ({error}); "
                  "`make why` says what the machine does")
    path = pathlib.Path(path).absolute()
    text, address = from_core(elf_file, path, address)
    return text, f"the core {lacuna.shown(path)}", address


def main():
    elf_file, output = (pathlib.Path(word).absolute()
                        for word in sys.argv[1:])
    lacuna.die_cleanly()
    address = chosen_address()
    try:
        text, source, address = chosen_text(elf_file, address)
        facts = picture_facts.read(text)
    except picture_facts.Damaged as error:
        leave(f"{os.environ.get('LOG') or os.environ.get('CORE') or 'the core'}"
              f": {error}; type map, vmlist and pt ADDR at the prompt of `make "
              "run`, or give a core")
    if address is not None and address not in facts.walks:
        leave(f"the log has no answer to `pt {address:x}`; type that at the "
              "prompt, or leave out ADDR=")
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(picture_html.page(facts, source, address), "ascii",
                      "xmlcharrefreplace")
    print(f"picture: {lacuna.shown(output)}, of {source}")


if __name__ == "__main__":
    main()
