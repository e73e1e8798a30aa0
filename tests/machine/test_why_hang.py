# SPDX-License-Identifier: MIT
"""test_why_hang.py - a kernel that hangs, or only seems to, is explained

As test_why.py, for what does not end, for what ends by itself, for what cannot
be booted at all, and for what `make run` says of each.
"""

import re
import subprocess
import time

import pytest

import dying
import lacuna
from dying import (HALT, NO_IDT, SPIN, UD2, WAIT, first_sentence, in_order,
                   run_tool, why)


@pytest.fixture
def kernel():
    with dying.patched() as kernel:
        yield kernel


# --- it hangs ---------------------------------------------------------------

@pytest.mark.quick
def test_halted_with_interrupts_off(kernel):
    kernel.at("kmain", HALT)
    text = why(kernel.path, seconds="600")
    assert first_sentence(text).startswith(
        "why: hang: the CPU is halted with interrupts off in kmain+0x1 "
        "(kernel/main.c:")
    in_order(text, "called by  boot_high+0x", "boot/high.c:", "high_start+0x",
             "boot/start.S:", "halted, interrupts off, paging on",
             "of the boot stack", "so far     no exception",
             "The serial port printed nothing.", "(gdb) break kernel/main.c:")


def test_a_call_at_the_end_of_a_function_belongs_to_it(kernel):
    """Its return address lies behind the function, perhaps in another."""
    kernel.call_last("irq_init", "clock_init")
    kernel.at("clock_init", HALT)
    in_order(why(kernel.path), "in clock_init+0x1 ", "called by  irq_init+0x")


def test_a_loop_in_one_function(kernel):
    kernel.at("mm_init", SPIN)
    text = why(kernel.path)
    in_order(first_sentence(text), "why: hang: no end within 3 s; the CPU "
             "spins in mm_init, in ", " looks, at mm_init+0x0 (mm/init.c:")
    in_order(text, "called by  kmain+0x", "boot_high+0x",
             "running, interrupts off", "Last lines of the serial port:",
             "  Lacuna ", "(gdb) break mm/init.c:")


def test_a_loop_in_an_inline_function(kernel):
    """A line of a header would be a breakpoint in many places."""
    text = why(kernel.path, "test=planted.hang")
    in_order(text, "the CPU spins in ktest_planted_hang, in ",
             "(include/x86/cpu.h:", "called by  run_body+0x", "run_case+0x",
             "(gdb) break ktest_planted_hang\n")


def test_a_loop_over_two_functions(kernel):
    wait = "5589e5b900000004e2fe5dc3"   # 2^26 rounds, in a frame
    kernel.at("mm_init", wait)
    kernel.at("irq_init", wait)
    kernel.call("kmain", "mm_init", "irq_init")
    sentence = first_sentence(why(kernel.path))
    in_order(sentence, "the CPU goes round in kmain, which calls ", "looks")
    assert {"mm_init", "irq_init"} <= set(re.split(r"[ ,:+]+", sentence))


def test_a_wait_for_what_does_not_come(kernel):
    kernel.at("bench_report_boot", WAIT)
    text = why(kernel.path)
    in_order(first_sentence(text), "the CPU waits, halted with interrupts on, "
             "in ", "what it waits for does not come.")
    assert int(re.search(r"device interrupts: (\d+)", text)[1]) > 10


def test_the_same_exception_for_ever(kernel):
    kernel.at("kmain", UD2)
    kernel.at("trap_common", "83c408cf")    # add $8, %esp; iret
    text = why(kernel.path)
    in_order(first_sentence(text), "why: hang: invalid opcode at kmain+0x0 "
             "(kernel/main.c:", "again and again: its handler returns")
    assert int(re.search(r"invalid opcode: (\d+)", text)[1]) > 1000
    assert "(gdb) break kernel/main.c:" in text


def test_running_what_is_no_code(kernel):
    begin = time.monotonic()
    kernel.at("kmain", "b80000f0c0ffe0")    # to c0f00000: RAM, all zeros
    assert "the CPU runs what is no code of the kernel, at c" in \
        first_sentence(why(kernel.path))
    assert time.monotonic() - begin < 20    # it is not taken for the firmware


def test_slow_is_no_hang(kernel):
    kernel.call("irq_init", "bench_report_boot")
    sentence = first_sentence(why(kernel.path))
    in_order(sentence, "why: no end within 3 s, but it still prints. Give it "
             "more time: WHY_SECONDS=12")


# --- nothing died -----------------------------------------------------------

@pytest.mark.quick
def test_make_why_of_a_kernel_that_works():
    make = subprocess.run(
        ["make", "-s", "-C", lacuna.ROOT, "why", "MEM=64M",
         "APPEND=test=list.*"], env=dying.ENVIRONMENT, stdin=subprocess.DEVNULL,
        text=True, capture_output=True, timeout=90, check=False)
    assert make.returncode == 0, make.stderr
    assert re.search(
        "why: nothing died: the kernel ended by itself with status 33 "
        r"\(passed\)\.\n  self-tests: (\d+) of \1 passed", make.stdout)


def test_a_panic_is_no_death(kernel):
    kernel.at("mm_init", UD2)
    text = why(kernel.path)
    in_order(text, "why: nothing died: the kernel ended by itself with status "
             "35 (failed): it says why.\n", "EXCEPTION: invalid opcode (",
             "  who     mm_init+0x0 < kmain+0x", "mm/init.c:",
             "panic: invalid opcode at mm_init+0x0")


def test_an_early_exception_gets_names(kernel):
    kernel.at("low_main", UD2)
    in_order(why(kernel.path), "lacuna: exception 00000006 before the kernel",
             "which is: invalid opcode at low_main+0x0 (boot/low_main.c:")


def test_a_refusal_is_no_death(kernel):
    text = why(kernel.path, CPU="486")
    in_order(text, "ended by itself with status 35 (failed): it says why.",
             "lacuna: cannot start: this CPU has no PAE")


def test_a_failed_self_test_is_named(kernel):
    in_order(why(kernel.path, "test=planted.failed_expectation"),
             "status 35 (failed).", "1 FAILED",
             "failed: planted.failed_expectation")


# --- it cannot be told ------------------------------------------------------

def complaint(path, **more):
    run = run_tool(path, **more)
    assert (run.status, run.log) == (1, "")
    return " ".join(run.errors.split())


@pytest.mark.quick
def test_without_qemu():
    assert "nosuchqemu not found; `tools/setup run`" in \
        complaint(lacuna.kernel(), QEMU="nosuchqemu")


@pytest.mark.quick
def test_a_qemu_that_does_not_start(kernel):
    begin = time.monotonic()
    in_order(complaint(kernel.path, CPU="nosuchcpu"), "why: QEMU did not start "
             "(status 1); the command was", "unable to find CPU model")
    assert time.monotonic() - begin < 15        # it is not waited for


@pytest.mark.quick
@pytest.mark.parametrize("field", [0, 8], ids=["magic", "checksum"])
def test_what_is_no_multiboot_kernel(kernel, field):
    kernel.at("multiboot_header", "00", field)
    in_order(complaint(kernel.path), "lacuna.elf is no multiboot kernel: ",
             "1BADB002", "see multiboot_header in boot/start.S")


@pytest.mark.quick
@pytest.mark.parametrize("size", [0, 3, 100, 5000])
def test_what_is_no_elf_file(kernel, size):
    kernel.path.write_bytes(lacuna.kernel().read_bytes()[:size])
    in_order(complaint(kernel.path), "is no complete ELF file; ", "`make`")


@pytest.mark.quick
def test_what_is_not_there(tmp_path):
    in_order(complaint(tmp_path / "lacuna.elf"), "No such file", "`make`")


@pytest.mark.quick
def test_a_time_that_is_none():
    assert "WHY_SECONDS=soon is no number of seconds" in \
        complaint(lacuna.kernel(), seconds="soon")


# --- what `make run` says of it ---------------------------------------------

def run_of(path, tmp_path, limit):
    """What tools/run.py complains about, with so many seconds of patience."""
    program = f"import run, sys; run.TIME_LIMIT = {limit}; sys.exit(run.main())"
    run = lacuna.run(
        [lacuna.python(), "-c", program, path], dying.TIME_LIMIT,
        env={**dying.ENVIRONMENT, "MEM": "64M", "APPEND": "seed=1 test=list.*",
             "O": str(tmp_path)}, cwd=lacuna.ROOT / "tools")
    assert run.status == 1
    return run.errors


def test_make_run_of_a_hang_says_where_it_stands(kernel, tmp_path):
    kernel.at("mm_init", SPIN)
    in_order(run_of(kernel.path, tmp_path, 4), "run: no end after 4 s",
             "run: the CPU stands at mm_init+0x0 (mm/init.c:",
             "), running, interrupts off\n",
             "run: what went wrong? make why MEM=64M APPEND='seed=1 test=")


def test_make_run_of_a_reset_names_make_why(kernel, tmp_path):
    kernel.at("kmain", NO_IDT + UD2)
    in_order(run_of(kernel.path, tmp_path, 60), "run: the machine was reset, "
             "or switched off, before the kernel was done (status 0)\n",
             "run: what went wrong? make why MEM=64M APPEND='seed=1 test=")
