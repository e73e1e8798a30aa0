# SPDX-License-Identifier: MIT
"""test_emulators.py - other people's idea of a PC

Bochs interprets each instruction, keeps its TLB and its segments as the manual
says, and sends a byte no faster than a real UART. It gets 4224 MiB: RAM above
4 GiB too, but with much more it would not start within seconds. v86 compiles to
WebAssembly, knows no NX, ends at 2 GiB, and hands over a map of its own. Each
must report the cases that QEMU reports on a machine of the same kind, and skip
no other ones. What v86 cannot do at all is left out by name, with the reason.
"""

import json

import pytest

import emulators
import ktap
import lacuna
from emulators import names, without

BOCHS_MIB = 4224
V86_VERSION = json.loads((emulators.V86 / "package.json").read_text(
    encoding="ascii"))["dependencies"]["v86"]
NOT_IN_V86 = {
    "double_fault.": "no double fault: v86 calls itself until its stack ends",
    "trap.debug_exception_follows_a_single_step": "no single step",
    "step.": "no single step",
    "trap.bound_range_exceeded_names_the_check": "bound does nothing",
}

# It has no local APIC, so these have no registers to map.
SKIPPED_IN_V86 = ("ioremap.registers_of_the_local_apic_answer",
                  "ioremap.two_views_of_a_register_are_one",
                  "ioremap.io_apic_has_an_index_and_a_window")


@pytest.fixture
def folder(request):
    """For what Bochs reads and writes; it stays."""
    path = lacuna.build_dir() / "test" / request.node.name
    path.mkdir(parents=True, exist_ok=True)
    return path


# --- Bochs ------------------------------------------------------------------

@pytest.mark.slow
def test_bochs(folder, machines, row, detail):
    disc = emulators.image(folder / "lacuna.iso", append=emulators.ALL)
    run = emulators.judge(emulators.bochs(disc, BOCHS_MIB, 500), machines, "1G")
    assert "PAE NX" in run.log
    assert run.line_with("loaded by GRUB ")
    detail(run.report.summary())
    row(f"Bochs, Core 2, {BOCHS_MIB} MiB, from lacuna.iso",
        run.report.summary(), "Emulators")


def test_a_hang_in_bochs_is_no_success(folder):
    disc = emulators.image(folder / "lacuna.iso", append="test=list.*")
    run = emulators.bochs(disc, 64, 4)
    assert run.timed_out
    assert "the machine did not end in time" in ktap.read(run.log).problems(
        run.status, run.timed_out)


# --- v86 --------------------------------------------------------------------

def globs(cases, left_out):
    """The shortest globs that match each case but those left out."""
    found, prefixes = [], [""]
    for prefix in prefixes:             # which grows meanwhile
        below = [name for name in cases if name.startswith(prefix)]
        kept = without(below, left_out)
        if kept == below:
            found.append(f"{prefix}*")
        elif kept:
            longer = len(prefix) + 1
            prefixes += dict.fromkeys(name[:longer] for name in below)
    return ",".join(found)


@pytest.mark.quick
def test_globs_match_all_but_what_is_left_out():
    cases = ["a.one", "a.two", "b.one", "b.only", "b.two"]
    assert globs(cases, []) == "*"
    assert globs(cases, ["b."]) == "a*"
    assert globs(cases, ["b.on"]) == "a*,b.t*"
    assert globs(cases, ["b.one"]) == "a*,b.t*,b.onl*"


@pytest.mark.slow
@pytest.mark.parametrize("mib", [64, 1024])
def test_v86(machines, row, detail, mib):
    like = {"mem": f"{mib}M", "cpu": "qemu32"}          # no NX, 32 bits
    cases = names(emulators.twin(**like).report.cases)
    run = emulators.v86(mib, f"test={globs(cases, NOT_IN_V86)} exit", 300)
    run = emulators.judge(run, machines, **like, left_out=NOT_IN_V86,
                          skipped=SKIPPED_IN_V86)
    assert run.status == lacuna.PASS
    assert run.line_with("loaded by an unnamed loader with Multiboot 1")
    detail(run.report.summary())
    row(f"v86 {V86_VERSION}, {mib} MiB, from lacuna.elf",
        f"{run.report.summary()}, others left out", "Emulators")


def test_a_failure_in_v86_is_passed_on():
    run = emulators.v86(64, "test=planted.failed_expectation exit", 60)
    assert run.status == lacuna.FAIL


def test_a_panic_in_v86_is_passed_on():
    run = emulators.v86(64, "test=planted.panic exit", 60)
    assert run.status == lacuna.FAIL
    assert "panic: " in run.log


def test_a_hang_in_v86_is_no_success():
    run = emulators.v86(64, "test=list.*", 4)
    assert run.status == 1
    assert "run.mjs: no end within 4 s" in run.errors
