# SPDX-License-Identifier: MIT
"""machine.py - the machine behind GDB: registers, physical memory, page tables

Problem     GDB reads memory as the CPU sees it at the moment. Page tables name
            each other by physical addresses, and before paging is on there is
            no other view.
Idea        QEMU's stub can be told to take addresses as physical ones, for one
            read. With that the tables are walked as the MMU does it, from CR3
            on, whatever the kernel has mapped.
Invariants  M1  The stub is back at virtual addresses when a read is over.
See         QEMU's documentation, "GDB usage"; Intel SDM vol. 3, 4.4
"""

import dataclasses

import gdb

PAGE_SHIFT, LARGE_SHIFT = 12, 21

PRESENT, WRITE, LARGE = 1 << 0, 1 << 1, 1 << 7
NX = 1 << 63
PHYS_MASK = 0x000FFFFFFFFFF000
CR0_PG = 1 << 31


def require_machine():
    if not gdb.selected_thread():
        raise gdb.GdbError("there is no machine: `make gdb` starts one")


def register(name):
    return int(gdb.parse_and_eval(f"(unsigned int)${name}"))


def paging_is_on():
    return bool(register("cr0") & CR0_PG)


def _take_physical(yes):
    connection = gdb.selected_inferior().connection
    if not hasattr(connection, "send_packet"):
        raise gdb.GdbError("physical memory is read through QEMU's stub only")
    connection.send_packet(f"Qqemu.PhyMemMode:{yes:d}")


def read_physical(address, size):
    _take_physical(True)
    try:
        return bytes(gdb.selected_inferior().read_memory(address, size))
    finally:
        _take_physical(False)


def read_entry(table, index):
    return int.from_bytes(read_physical(table + 8 * index, 8), "little")


@dataclasses.dataclass
class Walk:
    """What the MMU finds on the way to an address."""
    address: int
    entries: list = dataclasses.field(default_factory=list)
    """(name, index, entry) of each level, down to the one that ends it"""

    @property
    def leaf(self):
        return self.entries[-1][2]

    @property
    def mapped(self):
        return bool(self.leaf & PRESENT)

    @property
    def large(self):
        return len(self.entries) == 2 and bool(self.leaf & LARGE)

    @property
    def physical(self):
        low = (1 << (LARGE_SHIFT if self.large else PAGE_SHIFT)) - 1
        return (self.leaf & PHYS_MASK & ~low) | (self.address & low)

    @property
    def writable(self):
        return all(entry & WRITE for _, _, entry in self.entries[1:])

    @property
    def executable(self):
        return not any(entry & NX for _, _, entry in self.entries[1:])

    @property
    def permissions(self):
        return ("read" + ", write" * self.writable
                + ", execute" * self.executable)


def walk(address):
    """Walk the tables that CR3 names. Only while paging is on."""
    found = Walk(address)
    table = register("cr3") & ~0x1F
    for name, shift, mask in (("PDPT", 30, 3), ("PMD", LARGE_SHIFT, 511),
                              ("PTE", PAGE_SHIFT, 511)):
        index = address >> shift & mask
        entry = read_entry(table, index)
        found.entries.append((name, index, entry))
        if not entry & PRESENT or found.large:
            break
        table = entry & PHYS_MASK
    return found
