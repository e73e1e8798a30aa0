# SPDX-License-Identifier: MIT
"""test_explain.py - one address of each kind: the kernel, GDB, a core, the page

The kernel prints what it says of each, then stops at a breakpoint while all of
them are alive. GDB is asked there, and a core that was taken there.
"""

import pathlib
import re
import tempfile

import pytest

import explain_page
import lacuna
from gdbsession import TIMEOUT, batch, elf      # noqa: F401

KINDS = 42
QUESTIONS = ["tbreak explain_kinds_are_alive", "continue",
             *(f"lacuna explain explain_kinds[{number}].addr"
               for number in range(KINDS))]


@pytest.mark.quick
def test_the_page_shows_what_the_kernel_says():
    run = lacuna.boot(**explain_page.MACHINE)
    said = explain_page.answers(run.log)
    assert len(said) == KINDS, run.why()
    assert list(explain_page.complaints(
        said, explain_page.PAGE.read_text("ascii"))) == []


@pytest.mark.quick
def test_a_planted_error_in_the_page_is_found():
    page = "# t\n### a\n```\n  00: in page 0\n```\n### b\n```\n  x\n```\n"
    said = {"a": ["  10: in page 3"], "b": ["  x"]}
    assert list(explain_page.complaints(said, page)) == []
    assert explain_page.written(said, page) == page.replace(
        "00: in page 0", "10: in page 3")
    for wrong in (page.replace("in page", "on page"),
                  page.replace("### b", "### c")):
        assert len(list(explain_page.complaints(said, wrong))) == 1


@pytest.mark.xdist_group("gdb")
def test_gdb_and_a_core_say_the_same_of_each_kind(elf):     # noqa: F811
    with tempfile.TemporaryDirectory(prefix="lacuna") as folder:
        stub, control, serial, core = (pathlib.Path(folder) / name for name in
                                       ("gdb", "qmp", "serial", "core"))
        argv = lacuna.machine(elf, serial=f"file:{serial}", extra=[
            "-S", "-gdb", f"unix:{stub},server=on,wait=off",
            "-qmp", f"unix:{control},server=on,wait=off"],
            **explain_page.MACHINE)
        with lacuna.Process(argv, TIMEOUT):
            *_, count, taken = alive = batch(elf, f"target remote {stub}", [
                *QUESTIONS, "output explain_nr_kinds",
                f"shell {lacuna.python()} tests/gdb/take_core.py {control} "
                f"{core}"])
        dead = batch(elf, f"core-file {core}", QUESTIONS[2:])
        said = explain_page.answers(serial.read_text("ascii"))
    assert not taken and int(count) == len(said) == KINDS
    for (kind, lines), answer, of_core in zip(said.items(), alive[2:], dead):
        assert answer.splitlines() == lines, kind
        assert of_core == answer, kind
    assert any(re.match("  object .* in use", line)
               for line in said["an object in use"])
