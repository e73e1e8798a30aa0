# SPDX-License-Identifier: MIT
"""machine.py - the machine behind GDB: registers, physical memory, page tables

Problem     GDB reads memory as the CPU sees it at the moment. Page tables name
            each other by physical addresses, and before paging is on there is
            no other view. And the machine may be one that runs, or a core file.
Idea        QEMU's stub can be told to take addresses as physical ones, for one
            read; a core file says of each byte which address it had. With
            either the tables are walked as the MMU does it, from CR3 on,
            whatever the kernel has mapped. The control registers, which GDB
            does not expect in a core, become variables of the same names.
Invariants  M1  The stub is back at virtual addresses when a read is over.
            M2  In a core $cr0 to $cr4 are those of the thread's CPU whenever
                one of our commands runs.
Read first  Stub, CoreFile, then walk
See         QEMU's documentation, "GDB usage"; Intel SDM vol. 3, 4.4;
            tools/gdb/elfcore.py
"""

import contextlib
import dataclasses
import functools
import os
import re

import gdb

import elfcore

PAGE_SHIFT, LARGE_SHIFT = 12, 21

PRESENT, WRITE, USER, LARGE = 1 << 0, 1 << 1, 1 << 2, 1 << 7
NX = 1 << 63
PHYS_MASK = 0x000FFFFFFFFFF000


# --- where the facts come from ----------------------------------------------

class Stub:
    """A machine that runs, behind `target remote`."""

    def __init__(self, connection):
        self._connection = connection

    def _take_physical(self, yes):
        self._connection.send_packet(f"Qqemu.PhyMemMode:{yes:d}")

    def read_physical(self, address, size):
        self._take_physical(True)
        try:
            return bytes(gdb.selected_inferior().read_memory(address, size))
        finally:
            self._take_physical(False)


@functools.lru_cache(maxsize=1)
def _open_core(path, _changed):
    return elfcore.Core(path)


class CoreFile:
    """A machine that was, behind `core-file`."""

    def __init__(self):
        # "Local core dump file:\n\t`/tmp/lacuna.core', file type elf32-i386."
        files = gdb.execute("info files", to_string=True)
        path = re.search(r"core dump file:\s+`(.+)', file type", files)[1]
        try:
            self._core = _open_core(path, os.stat(path).st_mtime_ns)
        except (OSError, elfcore.BadCore) as error:
            raise gdb.GdbError(f"{path}: {error}") from error
        thread = gdb.selected_thread()      # none while it is being opened
        cpu = thread.ptid[1] - 1 if thread else 0
        for number, value in enumerate(self._core.control_registers[cpu]):
            gdb.set_convenience_variable(f"cr{number}", value)

    def read_physical(self, address, size):
        data = self._core.read_physical(address, size)
        if len(data) < size:
            raise gdb.MemoryError(
                f"the core has no memory at physical {address:09x}")
        return data


def is_core():
    connection = gdb.selected_inferior().connection
    return connection is not None and connection.type == "core"


def source():
    """Whatever GDB looks at."""
    connection = gdb.selected_inferior().connection
    if is_core():
        return CoreFile()
    if hasattr(connection, "send_packet"):
        return Stub(connection)
    raise gdb.GdbError("physical memory is read through QEMU's stub, or from "
                       "a core")


def note_core():
    """M2."""
    if is_core():
        source()


def look_at_new_core(_event=None):
    """Before anybody has typed: the reader may want $cr3 first. What is wrong
    with the core our commands will say."""
    with contextlib.suppress(gdb.GdbError):
        note_core()


# --- the machine ------------------------------------------------------------

def require_machine():
    if not gdb.selected_thread():
        raise gdb.GdbError("there is no machine: `make gdb` starts one")
    note_core()


def require_running_machine():
    require_machine()
    if is_core():
        raise gdb.GdbError("a core is a machine that stands still for ever; "
                           "`make gdb` starts one that runs")


def register(name):
    return int(gdb.parse_and_eval(f"(unsigned int)${name}"))


def paging_is_on():
    return bool(register("cr0") & elfcore.CR0_PG)


def read_entry(table, index):
    data = source().read_physical(table + 8 * index, 8)
    return int.from_bytes(data, "little")


@dataclasses.dataclass
class Walk:
    """What the MMU finds on the way to an address."""
    address: int
    entries: list = dataclasses.field(default_factory=list)
    """(name, index, entry) of each level, down to the one that ends it"""
    damaged: bool = False
    """the last one is present, and nothing can be where it leads"""

    @property
    def leaf(self):
        return self.entries[-1][2]

    @property
    def mapped(self):
        return bool(self.leaf & PRESENT) and not self.damaged

    @property
    def large(self):
        return (len(self.entries) == 2
                and self.leaf & (LARGE | PRESENT) == LARGE | PRESENT)

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
    def user(self):
        return all(entry & USER for _, _, entry in self.entries[1:])

    @property
    def permissions(self):
        return ("read" + ", write" * self.writable
                + ", execute" * self.executable)


def walk(address, can_follow=lambda name, entry: True):
    """Walk the tables that CR3 names. Only while paging is on. A present entry
    that can_follow says no to ends the walk."""
    found = Walk(address)
    table = register("cr3") & ~0x1F
    for name, shift, mask in (("PDPT", 30, 3), ("PMD", LARGE_SHIFT, 511),
                              ("PTE", PAGE_SHIFT, 511)):
        index = address >> shift & mask
        entry = read_entry(table, index)
        found.entries.append((name, index, entry))
        found.damaged = bool(entry & PRESENT) and not can_follow(name, entry)
        if not entry & PRESENT or found.large or found.damaged:
            break
        table = entry & PHYS_MASK
    return found


gdb.events.new_thread.connect(look_at_new_core)
look_at_new_core()
