# SPDX-License-Identifier: MIT
"""test_why.py - a kernel that resets the machine is explained

Each test breaks a copy of the kernel's ELF file as a student might break the
source. The machine really dies of that, and `make why` must say of what, in the
right order. Hangs are in test_why_hang.py.
"""

import re

import pytest

import dying
import elf
import lacuna
from dying import (JUMP, LOST_IDT, NO_GDT, NO_IDT, NO_STACK, RECURSE, RESET,
                   SWITCH_OFF, UD2, first_sentence, in_order, poke, why)

GP_LIMIT = "general protection fault: the IDT has no gate {}: its limit is 0"


@pytest.fixture
def kernel():
    with dying.patched() as kernel:
        yield kernel


def chain(text):
    """The vectors of the dying chain, oldest first."""
    return [int(vector) for vector in
            re.findall(r"^  \d  .*vector (\d+)\)", text, re.MULTILINE)]


@pytest.mark.quick
def test_an_idt_without_gates(kernel):
    kernel.at("low_idt_pointer", "0000")
    kernel.at("low_main", UD2)
    text = why(kernel.path)
    in_order(first_sentence(text), "why: Invalid opcode at low_main+0x0 "
             "(boot/low_main.c:", "while delivering it, " + GP_LIMIT.format(6),
             "while delivering it, " + GP_LIMIT.format(13), "; double fault; ",
             GP_LIMIT.format(8), "so the CPU shut down: triple fault.")
    assert chain(text) == [6, 13, 8]
    in_order(text, "of the low stack", "early_idt_ready+0x7", "boot/start.S:")
    in_order(text, "\nNext:\n  make gdb MEM=64M APPEND=",
             "(gdb) break boot/low_main.c:", "(gdb) continue")


def test_a_jump_into_the_void_without_idt_and_gdt(kernel):
    kernel.at("kmain", NO_GDT + NO_IDT + JUMP)
    text = why(kernel.path)
    in_order(first_sentence(text), "why: Page fault fetching 00001000, user "
             "space, which is empty; ", "while delivering it, "
             + GP_LIMIT.format(14), "; double fault; ", GP_LIMIT.format(8),
             "triple fault.")
    assert chain(text) == [14, 8]
    in_order(text, "error 0: the page was not present", "cr2  00001000: user",
             "why  PDPT 0 = 0: not present", "of the boot stack")


def test_an_idt_that_is_not_mapped(kernel):
    kernel.at("kmain", LOST_IDT + UD2)
    text = why(kernel.path)
    in_order(first_sentence(text), "Invalid opcode at kmain+0xe",
             "while delivering it, page fault: gate 6 of the IDT, at 12345030, "
             "is not mapped", "page fault: gate 14 of the IDT, at 12345070, is "
             "not mapped; double fault; ", "page fault: gate 8 of the IDT, at "
             "12345040, is not mapped; so the CPU shut down")
    assert chain(text) == [6, 14, 8]


def test_a_gdt_without_a_code_segment(kernel):
    kernel.at("low_gdt", 8 * "00", offset=8)
    text = why(kernel.path)
    in_order(first_sentence(text), "General protection fault at _start+0x",
             "(boot/start.S:", "gate 13 of the IDT, which is still the "
             "firmware's, is no gate: ", "double fault")
    in_order(text, "error 8: selector 08 of the GDT",
             "gdt  selector 08 is 0000000000000000; the limit is 17")


def test_gates_marked_as_not_present(kernel):
    kernel.at("kmain", poke("idt", 8 * 6 + 4, 0xE00)
              + poke("idt", 8 * 11 + 4, 0xE00)
              + poke("idt", 8 * 8 + 4, 0x500) + UD2)
    text = why(kernel.path)
    not_present = "segment not present: gate {} of the IDT, at ".format
    in_order(first_sentence(text), "Invalid opcode at kmain+", not_present(6),
             "(idt+0x30), is marked as not present", not_present(11),
             "double fault", not_present(8), "(idt+0x40), is marked")


CODE, TASK = ("gdt", 0x08 + 4), ("gdt", 0x38 + 4)


@pytest.mark.parametrize("entry, value, death, reason", [
    (CODE, 0x00CF9300, UD2, "double fault; while delivering it, invalid TSS: "
     "for its task, selector 08 of the GDT is no code segment: 00cf9300"),
    (CODE, 0x00CF1A00, UD2, "double fault; while delivering it, segment not "
     "present: for its task, selector 08 of the GDT is marked as not present"),
    (TASK, 0x00CF9300, NO_STACK, "double fault; while delivering it, general "
     "protection fault: selector 38 of the GDT is no task segment: 00cf9300"),
    (TASK, 0x00000900, NO_STACK, "double fault; while delivering it, segment "
     "not present: task segment 38 of the GDT is marked as not present"),
    (TASK, 0x50008900, NO_STACK, "double fault; while delivering it, page "
     "fault: its task segment, at 50"),
    (("double_fault_tss", 28), 0xDEADB000, NO_STACK, "double fault; while "
     "delivering it, page fault: its task segment, at c"),
], ids=["no_code", "no_code_present", "no_task", "no_task_present",
        "no_task_memory", "no_task_tables"])
def test_tables_that_spoil_the_double_fault(kernel, entry, value, death,
                                            reason):
    kernel.at("kmain", poke(*entry, value) + death)
    sentence = first_sentence(why(kernel.path))
    in_order(sentence, " at kmain+0x", reason, "triple fault.")
    if value == 0xDEADB000:
        assert "has a bad CR3: CR3 is deadb000, where there is no" in sentence


def test_gates_that_name_a_lost_code_segment(kernel):
    kernel.at("kmain", NO_GDT + UD2)
    text = why(kernel.path)
    no_selector = "the GDT has no selector {}: its limit is 0"
    in_order(first_sentence(text), "Invalid opcode at kmain+0x8",
             no_selector.format("08"), no_selector.format("08"),
             "double fault", no_selector.format("38"), "triple fault.")


@pytest.mark.parametrize("cr3, complaint", [
    ("00b0adde", "CR3 is deadb000, where there is no memory."),
    ("00003000", "CR3 is 00300000, where there are no page tables: none of the "
                 "four PDPT entries is present."),
], ids=["outside_ram", "zeros"])
def test_a_bad_cr3(kernel, cr3, complaint):
    tables = elf.Image(lacuna.kernel()).address_of("low_pdpt")
    load = "b8{}0f22d8".format      # mov $x, %eax; mov %eax, %cr3
    kernel.instead_of(load(tables.to_bytes(4, "little").hex()), load(cr3))
    text = why(kernel.path)
    in_order(first_sentence(text), "why: Page fault fetching paging_on+0x0 "
             "(boot/start.S:", "page fault: gate 14 of the IDT, at ",
             " (low_idt+0x70), is not mapped; double fault; ",
             " (low_idt+0x40), is not mapped", "triple fault. " + complaint)
    assert chain(text) == [14, 8]


def test_paging_without_pae(kernel):
    kernel.instead_of("83c8300f22e0", "83c8100f22e0")   # or $x, %eax; to cr4
    text = why(kernel.path)
    # The pages lead where there is no RAM, which reads as 0.
    in_order(first_sentence(text), "Page fault ", "gate 14 of the IDT, at ",
             "is no gate: 0000000000000000", "triple fault. paging is on "
             "without PAE (CR4.PAE is 0), for which the tables are not made.")


def test_a_stack_overflow_in_spite_of_the_double_fault_task(kernel):
    kernel.at("bench_report_boot", RECURSE)
    kernel.at("double_fault_entry", NO_STACK)
    text = why(kernel.path)
    in_order(first_sentence(text), "why: Page fault at bench_report_boot+0x0 ",
             "writing c", "(the guard below the boot stack)",
             "while delivering it, page fault: its frame cannot be pushed to ",
             "; double fault; in its handler, page fault at double_fault_entry",
             "writing 00000ffc (page 0: a NULL pointer)", "double fault; while "
             "delivering it, general protection fault: its task is the one "
             "that is running", "triple fault.")
    assert chain(text) == [14, 8, 14, 8]
    assert "16384 of 16384 bytes of the boot stack" in text


def test_a_handler_that_faults_itself(kernel):
    """It runs over its stack, each time a little deeper."""
    kernel.at("irq_init", UD2)
    kernel.at("trap_common", UD2)
    kernel.at("double_fault_entry", NO_STACK)
    text = why(kernel.path)
    in_order(first_sentence(text), "why: Invalid opcode at irq_init+0x0 ",
             "in its handler, invalid opcode at trap_common+0x0 ",
             "the same in its own handler, and so on, ", " times in all",
             "its frame cannot be pushed to ", "the guard below the boot "
             "stack: not mapped", "double fault")


def test_a_long_chain_is_cut_in_the_middle(kernel):
    """Two handlers that fault fault in each other."""
    kernel.at("irq_init", UD2)
    kernel.at("trap_stubs", "a110000000", 16 * 6)   # mov 0x10, %eax
    kernel.at("trap_stubs", UD2, 16 * 14)
    kernel.at("double_fault_entry", NO_STACK)
    text = why(kernel.path)
    in_order(first_sentence(text), "why: Invalid opcode at irq_init+0x0 ",
             "in its handler, page fault at trap_stubs+0x60 ", "reading "
             "00000010 (page 0: a NULL pointer); in its handler, invalid "
             "opcode at trap_stubs+0xe0 ", " more; ", "double fault",
             "triple fault.")
    assert len(text.splitlines()) < 60


def test_an_interrupt_at_the_same_instruction_is_no_part_of_it(kernel):
    """A tick waits, is served, and then the instruction behind it faults."""
    kernel.at("bench_report_boot",
              "fab900000004e2fefb90" + UD2)     # cli; a long loop; sti; nop
    kernel.at("power_exit", NO_IDT + UD2)
    text = why(kernel.path)
    in_order(first_sentence(text), "why: Invalid opcode at bench_report_boot+",
             "in its handler, invalid opcode at power_exit+0x8 ")
    assert chain(text) == [6, 6, 13, 8]
    assert "     device interrupt 32 at bench_report_boot+" in text


def test_handled_faults_do_not_drown_the_story(kernel):
    kernel.at("power_exit", NO_IDT + UD2)
    text = why(kernel.path, "test=recovery.*")
    assert chain(text) == [6, 13, 8]
    assert "Invalid opcode at power_exit+0x8" in first_sentence(text)
    before = re.search(r"^Before them: (\d+) exceptions, \d+ interrupts; the "
                       r"last:\n( {5}\S.*\n){3}", text, re.MULTILINE)
    assert before and int(before[1]) > 100
    assert "ok 1 recovery" in text      # among the last lines of the port
    assert len(text.splitlines()) < 40


@pytest.mark.parametrize("code, sentence", [
    (RESET, "why: the kernel asked for a reset; no exception led to it."),
    (SWITCH_OFF, "why: the kernel switched the machine off; no exception "),
], ids=["reset", "power"])
def test_the_kernel_leaves_by_itself_in_another_way(kernel, code, sentence):
    kernel.at("kmain", code)
    text = why(kernel.path)
    in_order(first_sentence(text), sentence, "The CPU stands at kmain+0x")
