# SPDX-License-Identifier: MIT
"""test_gdb_broken.py - the monitor and GDB on a kernel that is broken: the same

GDB breaks something, is asked, and leaves; then the kernel's own prompt is
asked. Before it breaks the next one GDB mends it.
"""

import pathlib
import re
import tempfile

import pytest

import lacuna
from gdbsession import TIMEOUT, Console, batch, elf     # noqa: F401

pytestmark = pytest.mark.xdist_group("gdb")

# There are three areas of a page at a, b and c, whose records are $a, $b and $c;
# a block of 8 frames from pfn on; and slab, the frame of the first record.
RECORD = "vmap_tables[({0} >> 23) % 128][({0} >> 13) % 1024]"
SLOT_OF_B = RECORD.format("{b:#x}")
SLOT_BEHIND_C = RECORD.format("({c:#x} + 0x2000)")
ENTRY = "kernel_tables[({b:#x} - 0xc0000000) >> 21][({b:#x} >> 12) % 512].raw"
PMD = "kernel_pmd[510].raw"             # between the slots of kmap and the fixmap

# What: how it is broken and mended; what is asked; what is said then, and what
# is not.
DAMAGES = {
    "a link further on": (
        "$c->vm.next = 4", "$c->vm.next = 0", ["explain {guard_of_a:x}"],
        "saved   {b:08x}", "damaged"),
    "the link before it": (
        "$b->vm.next = 0xdeadbeef", "$b->vm.next = &$c->vm",
        ["explain {c:x}", "explain {guard_of_c:x}", "explain {far:x}"],
        "the list of areas is damaged behind {b:08x}", "  hole "),
    "an area that leads to itself": (
        "$b->vm.next = &$b->vm", "$b->vm.next = &$c->vm",
        ["explain {b:x}", "vmlist", "callers", "map"],
        "the list of areas is damaged behind {b:08x}", "  hole "),
    "a size that leads out of the window": (
        "$a->vm.size = 0x7fff0000", "$a->vm.size = 0x2000",
        ["explain {b:x}", "map"], "is damaged behind {window:08x}",
        "pages 0"),
    "a start before the window": (
        "$c->vm.addr = 0xc0800000", "$c->vm.addr = $c->first",
        ["explain {c:x}", "map"], "is damaged behind {b:08x}", "pages 0"),
    "the first link": (
        "vmlist.vm.next = 0xfee00000", "vmlist.vm.next = &$a->vm",
        ["explain {guard_of_a:x}", "explain {guard_of_b:x}"],
        "is damaged behind {window:08x}", "nothing lies behind"),
    "a size that leads over the next one": (
        "$a->vm.size = 0x5000", "$a->vm.size = 0x2000",
        ["explain {b:x}", "explain {guard_of_c:x}"],
        "inside vmalloc area {b:08x}", "  hole "),
    "a link, and entries of the table": (
        f"$a->vm.next = 8, {SLOT_OF_B} = 0xdead0001, "
        f"{SLOT_BEHIND_C} = 0xa0000",
        f"$a->vm.next = &$b->vm, {SLOT_OF_B} = $b, {SLOT_BEHIND_C} = 0",
        ["explain {guard_of_b:x}", "explain {guard_of_c:x}"],
        "past the end of vmalloc area {c:08x}", "area {b:08x}"),
    "an entry with a reserved bit": (
        f"{ENTRY} |= 1ULL << 55", f"{ENTRY} &= ~(1ULL << 55)",
        ["pt {b:x}", "page {b:x}", "explain {b:x}"],
        "but a bit is reserved: no 4 KiB page", "  frame "),
    "an entry that leads to video memory": (
        f"{PMD} = 0xa0003", f"{PMD} = 0", ["pt ffc05123", "explain ffc05123"],
        "no table can be at 0000a0000", "PTE"),
    "an order that no block has": (
        "mem_map[{pfn}].order = 0x20", "mem_map[{pfn}].order = 3",
        ["map {pfn:x}", "page {pfn:x}", "explain {tail:x}"],
        "of a block without a head", "in a used block"),
    "a slab of no cache": (
        "mem_map[{slab}].cache += 200", "mem_map[{slab}].cache -= 200",
        ["page {slab:x}"], ", cache broken", "kmalloc"),
}


def find(console):
    """The names that stand in the table above, but slab."""
    def answer(command, pattern):
        return re.search(pattern, "\n".join(console.answer(command)))

    a, b, c = (int(answer("vmalloc 4096", "[c-f][0-9a-f]{7}")[0], 16)
               for _ in range(3))
    assert (b, c) == (a + 0x2000, a + 0x4000)
    window = int(answer("layout", r"\[([0-9a-f]+),.* vmalloc window")[1], 16)
    pfn = int(answer("alloc 3", "frames? ([0-9a-f]+)")[1], 16)
    return {"a": a, "b": b, "c": c, "guard_of_a": a + 0x1000,
            "guard_of_b": b + 0x1ff0, "guard_of_c": c + 0x1008,
            "far": c + 0x9000, "window": window, "pfn": pfn,
            "tail": 0xC0000000 + (pfn + 1) * 0x1000}


def test_both_say_the_same_of_what_is_damaged(elf):     # noqa: F811
    with tempfile.TemporaryDirectory(prefix="lacuna") as folder:
        port, stub = (pathlib.Path(folder) / name for name in ("tty", "gdb"))
        argv = lacuna.machine(
            elf, append="monitor", mem="64M",
            serial=f"unix:{port},server=on,wait=on",
            extra=["-gdb", f"unix:{stub},server=on,wait=off"])
        with lacuna.Process(argv, TIMEOUT):
            console = Console(port)
            console.answer()
            names = find(console)
            *records, _ = batch(elf, f"target remote {stub}", [
                *(f"output (unsigned){RECORD.format(names[area])}"
                  for area in "abc"), "detach"])
            names["slab"] = (int(records[0]) - 0xC0000000) >> 12
            begin = [f"set ${area} = (struct vmap_area *){record}"
                     for area, record in zip("abc", records)]
            for what, (harm, mend, asked, said, unsaid) in DAMAGES.items():
                asked = [one.format(**names) for one in asked]
                begin += [f"set variable {harm.format(**names)}"]
                answers = batch(elf, f"target remote {stub}", [
                    *begin, *(f"lacuna {one}" for one in asked), "detach"])
                assert not any(answers[:len(begin)]), what
                text = ""
                for one, answer in zip(asked, answers[len(begin):]):
                    lines = [line.rstrip() for line in answer.splitlines()]
                    assert lines == console.answer(one), f"{what}: {one}"
                    text += answer + "\n"
                assert said.format(**names) in text, what
                assert unsaid.format(**names) not in text, what
                begin = begin[:3] + [f"set variable {mend.format(**names)}"]
