# SPDX-License-Identifier: MIT
"""test_exceptions.py - an exception at any moment is printed, never a reset

The machine is stopped before the instruction at a label, that instruction is
replaced by ud2, and the machine goes on. Whatever stage it was in, the report
must show the vector, the registers and a backtrace, and the status must be 35.
"""

import re

import pytest

import elf
import lacuna

UD2 = b"\x0f\x0b"               # raises exception 6, invalid opcode

# In the order in which boot gets there. The first three run with handlers that
# know no names; so does high_start, above PAGE_OFFSET already.
LABELS = ["early_idt_ready", "low_main", "paging_on", "high_start",
          "multiboot1_parse", "kmain", "memblock_init", "kspace_init",
          "zone_init", "slab_init", "vmalloc_init", "ktest_run"]
QUICK = ("paging_on", "kspace_init")


@pytest.fixture(scope="module")
def symbols():
    return {one.name: one.address
            for one in elf.Image(lacuna.kernel()).symbols}


@pytest.mark.parametrize(
    "label",
    [pytest.param(label, marks=[pytest.mark.quick] if label in QUICK else [])
     for label in LABELS])
def test_an_exception_is_reported(live, symbols, label):
    machine = live(mem="64M", append="test=list.* exit", extra=["-S"])
    machine.stub.run_to(symbols[label])
    machine.stub.write_memory(symbols[label], UD2)
    machine.stub.leave()
    run = machine.wait()

    assert run.status == lacuna.FAIL
    early = LABELS.index(label) < LABELS.index("multiboot1_parse")
    assert early == ("before the kernel was up" in run.log)
    assert re.search(r"exception 0*6\b" if early else r"vector 6\b", run.log)
    assert re.search(rf"eip {symbols[label]:08x}", run.log, re.IGNORECASE)
    assert re.search(r"eax [0-9a-f]{8}", run.log, re.IGNORECASE)
    trace = (rf"backtrace {symbols[label]:08X}" if early
             else rf"who +{label}\+0x0 < \w+\+0x")
    assert re.search(trace, run.log), "no backtrace"
