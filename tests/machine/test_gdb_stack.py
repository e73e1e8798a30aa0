# SPDX-License-Identifier: MIT
"""test_gdb_stack.py - backtrace from anywhere ends where the kernel begins

From every stage of boot, from every instruction of a trap's way in and out, in
exceptions and interrupts, and from the double-fault task, which has a stack of
its own. tests/gdb/frames.py has GDB write down what it sees.
"""

import re

import pytest

from gdbsession import ask, elf             # noqa: F401

pytestmark = pytest.mark.xdist_group("gdb")

FRAMES = re.compile(r"^frames: (\S+)\+(0x\w+) (\S+) \| (.+) \| (.+)$",
                    re.MULTILINE)
ALL_OF_BOOT = ["kmain", "boot_high", "high_start"]


def stacks(answers):
    """(symbol, place, [names, innermost first]) for each line of frames.

    Every walk must end at the outermost frame, and know its source.
    """
    found = FRAMES.findall("\n".join(answers))
    assert found, answers
    for symbol, _, place, names, end in found:
        assert end == "outermost", f"{symbol} {place}: {names}: {end}"
        assert "?" not in place and "?" not in names, (symbol, place, names)
        assert not place.endswith(":0"), (symbol, place)
    return [(symbol, place, names.split(" < "))
            for symbol, _, place, names, _ in found]


def frames(elf, *commands, **environment):
    answers = ask(elf, ["source tests/gdb/frames.py", *commands],
                  **{"MEM": "64M", **environment})
    assert answers.count("") < len(answers)
    for command, answer in zip(commands, answers[1:]):
        goal = command.split()[2:] if command.startswith("walk") else []
        assert not goal or f"walk: reached {goal[0]}" in answer, answer
    return stacks(answers)


STOPS = {
    "_start": ["_start"],
    "early_idt_ready": ["_start"],
    "low_main": ["low_main", "_start"],
    "paging_on": ["_start"],
    "high_start": ["high_start"],
    "kmain": ALL_OF_BOOT,
    "zone_init": ["zone_init", "mm_init", *ALL_OF_BOOT],
    "buddy_alloc": ["buddy_alloc", "buddy_alloc_frames", "pcp_refill",
                    "alloc_from", "alloc_from_zones", "alloc_slow",
                    "alloc_pages"],
}


def test_the_stack_is_whole_at_each_stage_of_boot(elf):
    commands = ["frames"]
    for label in list(STOPS)[1:]:
        commands += [f"tbreak *{label}", "continue", "frames"]
    seen = frames(elf, *commands)
    assert len(seen) == len(STOPS)
    for (label, names), (_, _, found) in zip(STOPS.items(), seen):
        assert found[:len(names)] == names, label
        assert found[-1] in ("_start", "high_start"), label


def test_stepping_from_the_first_instruction(elf):
    """Up to the handlers, and then over the switch to paging."""
    seen = frames(elf, "walk 30 low_trap_init", "tbreak *low_main",
                  "continue", "finish", "walk 30 boot_high")
    symbols = list(dict.fromkeys(symbol for symbol, _, _ in seen))
    assert symbols == ["_start", "low_trap_init", "high_start", "boot_high"]
    assert all(place.startswith(("boot/start.S:", "boot/low_trap.c:",
                                 "boot/high.c:")) for _, place, _ in seen)
    assert seen[-1][2] == ["boot_high", "high_start"]


def test_the_stack_in_an_exception_before_the_kernel(elf):
    ud2 = "set {short}$pc = 0x0b0f"
    seen = frames(elf, "tbreak *low_main", "continue", ud2,
                  "tbreak *(low_trap_stubs + 6 * 16)", "continue", "frames",
                  "walk 20 low_trap")
    for _, _, names in seen:
        assert names[-3:] == ["low_trap_stubs", "low_main", "_start"]
    assert seen[-1][2][0] == "low_trap"


@pytest.mark.parametrize("vector, symbol", [(32, "alloc_from"),
                                            (14, "demo_overrun")])
def test_the_stack_at_every_instruction_of_a_trap(elf, vector, symbol):
    """entry.S on the way in, for an interrupt and for a page fault."""
    ready = {32: ["tbreak demo_run", "continue"], 14: []}[vector]
    seen = frames(elf, *ready, f"tbreak *(trap_stubs + {vector} * 16)",
                  "continue", "frames", "walk 40 trap_dispatch", "frames")
    assert len(seen) > 15
    inside = [names for _, _, names in seen[:-2]]
    for names in inside:
        assert names[-3:] == ALL_OF_BOOT
        assert names[0].startswith("trap_") and names[1:] == inside[0][1:]
    assert seen[-1][2][0] == "trap_dispatch"
    assert seen[-1][2][2:] == inside[0][1:]
    if vector == 14:
        assert inside[0][1] == symbol


def test_the_stack_on_the_way_back_from_an_interrupt(elf):
    seen = frames(elf, "tbreak demo_run", "continue",
                  "tbreak *(trap_stubs + 32 * 16)", "continue",
                  "tbreak trap_dispatch", "continue", "finish",
                  "frames", "walk 8")
    *inside, after = [names for _, _, names in seen]
    for names in inside:
        assert names[0] == "trap_common" and names[1:] == after
    assert after[-3:] == ALL_OF_BOOT


def test_the_stack_in_a_recovery_point(elf):
    seen = frames(elf, "tbreak *recovery_set", "continue", "frames",
                  "walk 20 recovery_link", "tbreak *recovery_jump",
                  "continue", "frames", "walk 13")
    names = [names for _, _, names in seen]
    jump = names.index(["recovery_jump"])
    assert jump > 5
    for stack in names[:jump]:
        assert "recovery_set" in stack[:2] and stack[-3:] == ALL_OF_BOOT
    assert names[jump:-1] == [["recovery_jump"]] * (len(names) - 1 - jump)
    assert names[-1][-3:] == ALL_OF_BOOT and "demo_run" in names[-1]


OVERFLOW = "test=double_fault.stack_overflow_arrives_twice_in_a_row exit"
OVERFLOWN = ["double_fault_entry", "use_stack", "overflow_stack"]


def test_the_stack_in_the_double_fault_task(elf):
    """Its caller is the task that it interrupted; twice in a row."""
    way = ["tbreak *double_fault_entry", "continue", "frames",
           "walk 10 double_fault_main", "tbreak oops", "continue", "frames"]
    seen = frames(elf, *way, *way, APPEND=OVERFLOW)
    assert len(seen) == 8
    for _, _, names in seen:
        begin = names.index("double_fault_entry")
        assert names[begin:begin + 3] == OVERFLOWN
        assert names[-3:] == ALL_OF_BOOT
    assert seen[-1][2][:3] == ["oops", "trap_exception", "double_fault_main"]


def test_the_registers_of_the_task_that_overflowed(elf):
    """In its frame they are those of its TSS; no two have the same value."""
    names = "eip esp eax ecx edx ebx ebp esi edi".split()
    answers = ask(elf, [
        "tbreak *double_fault_entry", "continue",
        *(f"set var cpu0_tss.{name} = {number}"
          for number, name in enumerate(names[2:])), "frame 1",
        *(f"output (unsigned)${name} == cpu0_tss.{name}" for name in names)],
        MEM="64M", APPEND=OVERFLOW)
    end = len(answers) - len(names)
    assert "use_stack" in answers[end - 1]
    assert dict(zip(names, answers[end:])) == dict.fromkeys(names, "1")


def test_the_stack_when_the_double_fault_task_is_left(elf):
    """The other task then goes on where the TSS says, and has no caller."""
    seen = frames(elf, "tbreak *double_fault_leave", "continue", "frames",
                  "walk 7", APPEND=OVERFLOW)
    stacks_seen = [names for _, _, names in seen]
    leave, jump = ["double_fault_leave"], ["recovery_jump"]
    assert stacks_seen == [leave, *[leave + jump] * 5, jump, jump]


# Functions without a frame of their own at the moment: one that is about to
# make it, and one of assembly.
WITHOUT_FRAME = {
    "buddy_alloc": (["tbreak *buddy_alloc", "continue"],
                    "buddy_alloc_frames"),
    "recovery_set": (["tbreak *recovery_set", "continue", "stepi 3"],
                     "show_overrun"),
}


def test_the_stack_in_a_non_maskable_interrupt(elf):
    """It hits a function that has no frame, and the kernel goes on."""
    commands = []
    for way, _ in WITHOUT_FRAME.values():
        commands += [*way, "monitor nmi", "tbreak *(trap_stubs + 2 * 16)",
                     "continue", "frames", "walk 40 trap_dispatch"]
    seen = frames(elf, *commands)
    for hit, (_, caller) in WITHOUT_FRAME.items():
        inside = [names for _, _, names in seen if hit in names]
        assert len(inside) > 15
        for names in inside:
            at = names.index(hit)
            assert names[at - 1].startswith("trap_")
            assert names[at + 1] == caller and names[-3:] == ALL_OF_BOOT
