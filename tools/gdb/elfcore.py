# SPDX-License-Identifier: MIT
"""elfcore.py - a core file of the machine: memory and CPUs that are gone

Problem     A machine cannot be kept, a file can. GDB reads virtual addresses
            out of a core by itself; but page tables name each other by physical
            addresses, and CR3 is no register of a process.
Idea        QEMU's dump-guest-memory with paging=on has both. Each range that
            the page tables map is a PT_LOAD, with its virtual and its physical
            address, and each CPU has two notes: CORE, the registers that GDB
            knows, and QEMU, all of them.
Picture     header | program headers | notes | the memory of the ranges
                         |   |_ CORE, QEMU ^     ^
                         |_______________________|  file offsets
Failure     BadCore says what is wrong with the file.
See         tools/core.py writes it; the ELF specification, "Program Header";
            QEMUCPUState in QEMU's target/i386/arch_dump.c
"""

import collections
import dataclasses
import struct

PT_LOAD, PT_NOTE = 1, 4
PN_XNUM = 0xFFFF                # so many or more: section header 0 has it
ET_CORE, EM_386 = 4, 3

# What p_paddr says of a frame whose address needs more than its 32 bits.
NOWHERE = 0xFFFFFFFF

Form = collections.namedtuple("Form", "header program section fields")

CLASS_32, CLASS_64 = 1, 2       # byte 4; QEMU's choice depends on the RAM
FORMS = {
    CLASS_32: Form(
        struct.Struct("<16s2H5I6H"), struct.Struct("<8I"),
        struct.Struct("<10I"),
        "kind offset virtual physical size in_memory flags align".split()),
    CLASS_64: Form(
        struct.Struct("<16s2HI3QI6H"), struct.Struct("<2I6Q"),
        struct.Struct("<2I4Q2I2Q"),
        "kind flags offset virtual physical size in_memory align".split()),
}
IDENT = 16                      # bytes before the fields that vary
SECTION_INFO = 7                # place of sh_info among a section's fields

NOTE = struct.Struct("<3I")
CR0_PG = 1 << 31
QEMU_NAME, QEMU_CR = b"QEMU\0", 392     # cr[5] in QEMUCPUState


class BadCore(Exception):
    """Why this file cannot be used."""


def round_up(number, unit):
    return -(-number // unit) * unit


@dataclasses.dataclass
class Segment:
    """A range of the file, and where its bytes lie in the machine."""
    offset: int
    virtual: int
    physical: int
    size: int                   # in the file
    in_memory: int = 0          # QEMU forgets what lies behind a hole of RAM

    @property
    def end(self):
        return self.offset + self.size


class Prefix:
    """The beginning of a stream, read as far as somebody asks."""

    def __init__(self, stream):
        self._stream = stream
        self.data = b""

    def part(self, offset, size):
        while len(self.data) < offset + size:
            chunk = self._stream.read(1 << 16)
            if not chunk:
                raise BadCore(f"it ends after {len(self.data)} bytes")
            self.data += chunk
        return self.data[offset:offset + size]


class Head:
    """What stands before the memory: segments, notes, the CPUs' registers."""

    def __init__(self, stream):
        self.prefix = Prefix(stream)
        programs = list(self._programs())
        self.segments = [segment for kind, segment in programs
                         if kind == PT_LOAD]
        self.notes = b"".join(self.prefix.part(segment.offset, segment.size)
                              for kind, segment in programs if kind == PT_NOTE)

    def _programs(self):
        """(type, segment) for each program header."""
        part = self.prefix.part
        ident = part(0, IDENT)
        if ident[:4] != b"\x7fELF" or ident[4] not in FORMS:
            raise BadCore("it is no ELF file")
        form = FORMS[ident[4]]
        (_, self.type, machine, _, _, at, section, _, _, size, number,
         *_) = form.header.unpack(part(0, form.header.size))
        if (self.type, machine) != (ET_CORE, EM_386):
            raise BadCore("it is no core of a 32-bit PC")
        if number == PN_XNUM:
            number = form.section.unpack(
                part(section, form.section.size))[SECTION_INFO]
        for i in range(number):
            one = dict(zip(form.fields, form.program.unpack(
                part(at + i * size, form.program.size))))
            del one["flags"], one["align"]
            yield one.pop("kind"), Segment(**one)

    def control_registers(self):
        """(cr0 .. cr4) of each CPU."""
        at, found = 0, []
        while at < len(self.notes):
            name, size, _ = NOTE.unpack_from(self.notes, at)
            begin = at + NOTE.size
            content = begin + round_up(name, 4)
            if self.notes[begin:begin + name] == QEMU_NAME:
                found.append(struct.unpack_from("<5Q", self.notes,
                                                content + QEMU_CR))
            at = content + round_up(size, 4)
        return found


class Core:
    """A core in a file."""

    def __init__(self, path):
        self._file = open(path, "rb")
        head = Head(self._file)
        self.segments = [segment for segment in head.segments
                         if segment.physical != NOWHERE]
        try:
            self.control_registers = head.control_registers()
        except struct.error as error:
            raise BadCore("its notes are damaged") from error
        if not self.control_registers:
            raise BadCore("it has no note of QEMU's")
        paging = self.control_registers[0][0] & CR0_PG
        if paging and all(segment.virtual == segment.physical
                          for segment in head.segments):
            raise BadCore("it has no virtual addresses: "
                          "dump-guest-memory was called without paging")

    def read_physical(self, address, size):
        """Up to size bytes; none when the core does not have the first."""
        for segment in self.segments:
            offset = address - segment.physical
            if 0 <= offset < segment.size:
                self._file.seek(segment.offset + offset)
                return self._file.read(min(size, segment.size - offset))
        return b""
