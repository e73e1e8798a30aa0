# SPDX-License-Identifier: MIT
"""elf.py - the kernel's ELF file: a name for an address, an address for a name

Problem     QEMU speaks of addresses. Its reader thinks of functions, and of
            parts of the kernel: its text, its data, a stack.
Idea        Read the symbol table and the segments once, and look them up. The
            file is read as it is: it need not be one that works.
Picture     linked      [low part]             [text][rodata][data]
                        low_start              kernel_start   PAGE_OFFSET higher
            in memory   [low part][text][rodata][data]
                        low_start
See         linker.ld
"""

import bisect
import dataclasses
import pathlib
import struct

PAGE_OFFSET = 0xC0000000

HEADER = struct.Struct("<16s2H5I6H")
SEGMENT = struct.Struct("<8I")
SECTION = struct.Struct("<10I")
SYMBOL = struct.Struct("<3I2BH")
LOADED, SYMBOL_TABLE = 1, 2         # types of a segment and of a section
EXECUTABLE = 1                      # a flag of a segment
NOTYPE, OBJECT, FUNCTION = 0, 1, 2
UNDEFINED, RESERVED = 0, 0xFF00     # section numbers that name no section

MULTIBOOT_MAGIC, MULTIBOOT_SEARCH = 0x1BADB002, 8192


class Unusable(Exception):
    """Why this file cannot be booted, and what to do about it."""


@dataclasses.dataclass
class Segment:
    start: int
    end: int
    offset: int                     # in the file
    file_size: int
    executable: bool


@dataclasses.dataclass
class Symbol:
    address: int
    size: int
    kind: int
    name: str


class Image:
    """The ELF file of one kernel."""

    def __init__(self, path):
        path = pathlib.Path(path)
        try:
            self._data = path.read_bytes()
        except OSError as error:
            raise Unusable(f"{path}: {error.strerror}; "
                           "`make` builds it") from error
        try:
            self._read()
        except (struct.error, IndexError, ValueError) as error:
            raise Unusable(f"{path} is no complete ELF file; `make clean`, "
                           "then `make`, builds it anew") from error

    def _read(self):
        header = HEADER.unpack_from(self._data)
        if header[0][:5] != b"\x7fELF\x01":     # the fifth: of 32 bits
            raise ValueError
        segment_at, section_at = header[5], header[6]
        nr_segments, nr_sections = header[10], header[12]
        self.segments = []
        for i in range(nr_segments):
            kind, offset, start, _, file_size, size, flags, _ = \
                SEGMENT.unpack_from(self._data, segment_at + i * SEGMENT.size)
            if kind == LOADED:
                self.segments.append(Segment(start, start + size, offset,
                                             file_size,
                                             bool(flags & EXECUTABLE)))
        sections = [SECTION.unpack_from(self._data, section_at
                                        + i * SECTION.size)
                    for i in range(nr_sections)]
        self.symbols = []
        for section in sections:
            if section[1] == SYMBOL_TABLE:
                self._read_symbols(section, sections[section[6]])
        # Of several names at one address the last is taken: the one with most
        # to say, which is a function's or a variable's.
        self.symbols.sort(key=lambda one: (one.address, one.kind != NOTYPE))
        self._addresses = [one.address for one in self.symbols]

    def _read_symbols(self, table, strings):
        offset, size, names = table[4], table[5], strings[4]
        for at in range(offset, offset + size, SYMBOL.size):
            name, address, length, info, _, section = \
                SYMBOL.unpack_from(self._data, at)
            kind = info & 15
            if kind > FUNCTION or not UNDEFINED < section < RESERVED:
                continue
            end = self._data.index(0, names + name)
            text = self._data[names + name:end].decode("ascii", "replace")
            self.symbols.append(Symbol(address, length, kind, text))

    def demand_multiboot(self, path):
        """Raises Unusable unless a loader would find the header."""
        for at in range(0, min(MULTIBOOT_SEARCH, len(self._data)) - 11, 4):
            magic, flags, check = struct.unpack_from("<3I", self._data, at)
            if magic == MULTIBOOT_MAGIC and \
                    (magic + flags + check) & 0xFFFFFFFF == 0:
                return
        raise Unusable(
            f"{path} is no multiboot kernel: its first 8 KiB have no header "
            "1BADB002 with its flags and checksum, which QEMU's -kernel and "
            "GRUB look for; see multiboot_header in boot/start.S and "
            ".multiboot in linker.ld")

    def address_of(self, name):
        """The address of a name that occurs once, else None."""
        found = [one.address for one in self.symbols if one.name == name]
        return found[0] if len(found) == 1 else None

    def segment_at(self, address):
        for segment in self.segments:
            if segment.start <= address < segment.end:
                return segment
        return None

    def is_code(self, address):
        segment = self.segment_at(address)
        return bool(segment and segment.executable)

    def symbol_at(self, address):
        """What an address lies in, or None. A label has no end."""
        segment = self.segment_at(address)
        at = bisect.bisect_right(self._addresses, address) - 1
        if not segment or at < 0 or self._addresses[at] < segment.start:
            return None
        symbol = self.symbols[at]
        inside = not symbol.size or address < symbol.address + symbol.size
        return symbol if inside else None

    def name_at(self, address):
        """name+0xoffset as the kernel prints it, or nothing."""
        symbol = self.symbol_at(address)
        return f"{symbol.name}+{address - symbol.address:#x}" if symbol else ""

    def linked(self, physical):
        """Where the part of the high image is linked that lies there."""
        address = physical + PAGE_OFFSET
        segment = self.segment_at(address)
        return address if segment and segment.start >= PAGE_OFFSET else None

    def code(self, start, end):
        """The bytes of [start, end) in the file; none across a border."""
        segment = self.segment_at(start)
        if not segment or end > segment.start + segment.file_size:
            return b""
        offset = segment.offset - segment.start
        return self._data[offset + start:offset + end]
