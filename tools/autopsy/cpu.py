# SPDX-License-Identifier: MIT
"""cpu.py - registers, memory and callers of a stopped machine, from outside

Problem     When the kernel cannot speak, its CPU must be asked: where does it
            stand, who called, what do the page tables say? The kernel's own
            means, and a debugger's, are not there.
Idea        QEMU prints the registers in one form, at its prompt and in its log:
            one parser reads both. Memory is read by physical address, and the
            page tables are walked as the MMU does it, from CR3 on.
Invariants  U1  Nothing here changes the machine.
            U2  Reads answer None for what is not there; they never fail.
            U3  eip and esp are linear addresses: segment bases are added.
Read first  Registers, then Machine
See         tools/why.py; Intel SDM vol. 3, 4.3 and 4.4
"""

import dataclasses
import re

PAGE_SIZE = 1 << 12
PRESENT, WRITE, LARGE = 1 << 0, 1 << 1, 1 << 7
CR0_PG, CR4_PAE = 1 << 31, 1 << 5
EFLAGS_IF = 1 << 9
MASK = 0xFFFFFFFF
PHYS_MASK = 0x000FFFFFFFFFF000
MAX_CALLERS = 12

NUMBER = re.compile(r"\b([A-Z]{2,3}[0-9]?)=([0-9a-f]+)")
SEGMENT = re.compile(r"^(\w\w) ?=([0-9a-f]{4}) ([0-9a-f]+) ([0-9a-f]+)", re.M)
TABLE = re.compile(r"^(GDT|IDT)= +([0-9a-f]+) ([0-9a-f]+)", re.M)
WORD = re.compile(r"\b0x([0-9a-f]{8})\b")

GENERAL = ("EAX", "EBX", "ECX", "EDX", "ESI", "EDI", "EBP", "ESP", "EIP")


@dataclasses.dataclass
class Segment:
    selector: int
    base: int
    limit: int


class Registers:
    """What QEMU prints for `info registers`, and in its log."""

    def __init__(self, text):
        number = {name: int(value, 16) for name, value in NUMBER.findall(text)}
        segment = {name: Segment(*(int(word, 16) for word in words))
                   for name, *words in SEGMENT.findall(text)}
        self.general = tuple(number[name] for name in GENERAL)
        self.tr, self.cs = segment["TR"], segment["CS"]
        self.gdt, self.idt = (
            Segment(0, int(base, 16), int(limit, 16))
            for _, base, limit in sorted(TABLE.findall(text)))
        self.eip = number["EIP"] + self.cs.base & MASK
        self.esp = number["ESP"] + segment["SS"].base & MASK
        self.ebp, self.eflags = number["EBP"], number["EFL"]
        self.cr0, self.cr2 = number["CR0"], number["CR2"] & MASK
        self.cr3, self.cr4 = number["CR3"] & MASK, number["CR4"]
        self.cpl = number["CPL"]
        self.halted = bool(number["HLT"])
        self.interrupts = bool(self.eflags & EFLAGS_IF)
        self.paging = bool(self.cr0 & CR0_PG)
        self.pae = bool(self.cr4 & CR4_PAE)

    @property
    def at(self):
        """The instruction it stands at; hlt is left behind when it halts."""
        return self.eip - self.halted


@dataclasses.dataclass
class Walk:
    """What the MMU finds on the way to an address."""
    entries: list                   # (name, index, entry) down to the last
    physical: int = None            # None: not mapped
    writable: bool = True

    def __str__(self):
        words = [f"{name} {index} present"
                 for name, index, _ in self.entries[:-1]]
        name, index, entry = self.entries[-1]
        last = "no memory there" if entry is None else f"{entry:x}"
        end = ("not present" if self.physical is None else
               "writable" if self.writable else "read only")
        return ", ".join([*words, f"{name} {index} = {last}: {end}"])


class Machine:
    """A machine behind QEMU's monitor, while it is stopped."""

    def __init__(self, monitor, image):
        self._monitor, self._image = monitor, image
        self._pages = {}

    def registers(self):
        """What is known of its memory is forgotten: it has run since."""
        self._pages = {}
        return Registers(self._monitor.human("info registers"))

    def _page(self, number):
        if number not in self._pages:
            text = self._monitor.human(f"xp /{PAGE_SIZE // 4}xw "
                                       f"{number * PAGE_SIZE:#x}")
            words = [int(word, 16) for word in WORD.findall(text)]
            data = b"".join(word.to_bytes(4, "little") for word in words)
            self._pages[number] = data if len(data) == PAGE_SIZE else None
        return self._pages[number]

    def physical(self, address, size):
        """Bytes of one page of RAM or ROM; None where there is neither."""
        page = self._page(address // PAGE_SIZE)
        at = address % PAGE_SIZE
        return page[at:at + size] if page else None

    @staticmethod
    def _levels(registers):
        """(name, shift, mask, bytes of an entry) and the top table."""
        if registers.pae:
            return ((("PDPT", 30, 3, 8), ("PMD", 21, 511, 8),
                     ("PTE", 12, 511, 8)), registers.cr3 & ~31)
        return ((("PDE", 22, 1023, 4), ("PTE", 12, 1023, 4)),
                registers.cr3 & ~4095)

    def walk(self, registers, address):
        if not registers.paging:
            return Walk([], address)
        levels, table = self._levels(registers)
        walk = Walk([])
        for name, shift, mask, size in levels:
            index = address >> shift & mask
            data = self.physical(table + size * index, size)
            entry = None if data is None else int.from_bytes(data, "little")
            walk.entries.append((name, index, entry))
            if not entry or not entry & PRESENT:
                return walk
            if name != "PDPT":          # its entries have no such bit
                walk.writable = walk.writable and bool(entry & WRITE)
            table = entry & PHYS_MASK
            if name in ("PMD", "PDE") and entry & LARGE:
                break
        offset = address & (1 << shift) - 1
        walk.physical = table - table % (1 << shift) + offset
        return walk

    def tables_complaint(self, registers, cr3):
        """What is wrong with the tables at cr3, or nothing."""
        if not registers.paging:
            return ""
        if not registers.pae:
            return ("paging is on without PAE (CR4.PAE is 0), for which the "
                    "tables are not made")
        data = self.physical(cr3 & ~31, 32)
        if data is None:
            return f"CR3 is {cr3:08x}, where there is no memory"
        if not any(data[at] & PRESENT for at in range(0, 32, 8)):
            return (f"CR3 is {cr3:08x}, where there are no page tables: none "
                    "of the four PDPT entries is present")
        return ""

    def read(self, registers, address, size):
        """Bytes at a linear address; None where a page is not mapped."""
        data = b""
        while len(data) < size:
            at = address + len(data) & MASK
            walk = self.walk(registers, at)
            part = min(size - len(data), PAGE_SIZE - at % PAGE_SIZE)
            found = None if walk.physical is None else \
                self.physical(walk.physical, part)
            if found is None:
                return None
            data += found
        return data

    def words(self, registers, address, count):
        data = self.read(registers, address, 4 * count)
        return None if data is None else \
            [int.from_bytes(data[at:at + 4], "little")
             for at in range(0, len(data), 4)]

    # --- who called ---------------------------------------------------------

    def _has_frame(self, eip):
        """Has the function at eip pushed ebp already? As in kernel/oops.c."""
        symbol = self._image.symbol_at(eip)
        return bool(symbol) and \
            b"\x55\x89\xe5" in self._image.code(symbol.address, eip)

    def callers(self, registers):
        """Return addresses, innermost first, along the frame pointers."""
        found, ebp = [], registers.ebp
        top = self.words(registers, registers.esp, 1)
        if top and self._image.is_code(top[0]) and \
                not self._has_frame(registers.at):
            found.append(top[0])
        while len(found) < MAX_CALLERS:
            frame = self.words(registers, ebp, 2)
            if not frame or not self._image.is_code(frame[1]):
                break
            found.append(frame[1])
            if frame[0] <= ebp:         # the chain must rise
                break
            ebp = frame[0]
        return found
