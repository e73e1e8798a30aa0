# SPDX-License-Identifier: MIT
"""crafted.py - a machine's memory, with a loader's words in it, right or wrong

Problem     No loader can be asked to hand over a memory map that runs away.
Idea        A Machine is physical memory as the kernel will find it: its image,
            a pattern everywhere else, and in it what a Description says, laid
            out as Multiboot 1 or 2 wants it. Any field may be overruled.
            tests/loader/loader.S enters the kernel with it.
Picture     0     636 KiB   1 MiB            32 MiB            64 MiB
            | pattern | BIOS | image | pattern | loader, firmware | nothing
            |<----------------- WORLD -------->|
                          info, map, texts: anywhere in the patterns
Invariants  Q1  No part of a description lies on another or on the image.
Source      Multiboot Specification 0.6.96, 3.3; Multiboot2 2.0, 3.6
Read first  Description, then its two write methods
See         tests/machine/lies.py, tests/machine/oracle.py
"""

import struct

PAGE, MIB, GIB = 1 << 12, 1 << 20, 1 << 30
WORLD = 32 * MIB        # what an honest description speaks of
REAL = 64 * MIB         # the machine's RAM: its upper half is not watched
LOW_END = 0x9F000       # LOW_SIZE of the loader; the BIOS's data up to KERNEL
KERNEL = MIB            # where the image begins
SCRIPT = WORLD + MIB    # `script` of tests/loader/loader.ld
SCRIPT_MAGIC = 0x5C819700

LOADED = 1              # type of an ELF file's segment
RAM, RESERVED = 1, 2
MAGIC = {1: 0x2BADB002, 2: 0x36D76289}

# As a number it is no type, no size and no address that makes sense.
PATTERN = b"\xA7\x5C\x39\xE6"

# The fields of Multiboot 1's information: where each stands.
FLAGS, MEM_LOWER, MEM_UPPER, CMDLINE = 0, 4, 8, 16
MODULES_COUNT, MODULES_ADDR, MMAP_LENGTH, MMAP_ADDR = 20, 24, 44, 48
LOADER_NAME, INFO_SIZE = 64, 88
HAS_MEM, HAS_CMDLINE, HAS_MODULES, HAS_MMAP, HAS_LOADER = (
    1 << bit for bit in (0, 2, 3, 6, 9))

# The tags of Multiboot 2.
END_TAG, CMDLINE_TAG, LOADER_TAG, MODULE_TAG, SIZES_TAG, MMAP_TAG = (
    0, 1, 2, 3, 4, 6)


class Machine:
    """WORLD as the kernel finds it, and the two registers.

    One for many descriptions: a new one would cost more than a boot.
    """

    def __init__(self, elf):
        """elf: the bytes of the kernel's file."""
        self.memory = bytearray(PATTERN * (WORLD // len(PATTERN)))
        self.image_end = KERNEL
        self.entry, table = struct.unpack_from("<II", elf, 24)
        nr_segments, = struct.unpack_from("<H", elf, 44)
        for number in range(nr_segments):
            kind, offset, _, at, in_file, in_memory = struct.unpack_from(
                "<6I", elf, table + 32 * number)
            if kind == LOADED:
                data = elf[offset:offset + in_file]
                self.write(at, data.ljust(in_memory, b"\0"))
                self.image_end = max(self.image_end, up(at + in_memory))
        self._fresh = bytearray(self.memory)
        self.clear()

    def clear(self):
        self.memory[:] = self._fresh
        self.magic = SCRIPT_MAGIC
        self.eax = self.ebx = 0

    def write(self, at, data):
        assert at + len(data) <= WORLD
        self.memory[at:at + len(data)] = data

    def read(self, at, size):
        """What is there; None where that is not in WORLD."""
        if at + size > WORLD:
            return None
        return bytes(self.memory[at:at + size])

    def save(self, path):
        """Into the file of QEMU's memory, with the loader's script."""
        with open(path, "r+b") as file:
            file.write(self.memory)
            file.seek(SCRIPT)
            file.write(struct.pack("<IIII", self.magic, self.entry, self.eax,
                                   self.ebx))
            file.write(self.memory[:LOW_END])


def memory_file(path):
    """QEMU's options for a machine whose memory is that file, of REAL bytes."""
    return ["-machine", "pc,memory-backend=ram", "-object",
            f"memory-backend-file,id=ram,size={REAL // MIB}M,share=on,"
            f"mem-path={path}"]


def up(at):
    return (at + PAGE - 1) // PAGE * PAGE


class Places:
    """Chooses where each part of a description lies (Q1)."""

    def __init__(self, rng, machine):
        self._rng = rng
        self._taken = [(LOW_END, machine.image_end)]

    def choose(self, size, align=1):
        while True:
            top = self._rng.choice([LOW_END, WORLD, WORLD, WORLD])
            if self._rng.random() < 0.05:
                top = PAGE
            at = self._rng.randrange(top) // align * align
            end = at + size
            if end <= WORLD and all(end <= taken or at >= taken_end
                                    for taken, taken_end in self._taken):
                self._taken.append((at, end))
                return at


class Description:
    """What a loader says. What is None it does not mention."""

    def __init__(self, protocol=1):
        self.protocol = protocol
        self.has_map = True
        self.ranges = []                # (start, size, type)
        self.sizes = None               # (KiB from 0 on, KiB from 1 MiB on)
        self.modules = []               # (start, end, text)
        self.cmdline = b""
        self.loader = b"crafted"
        self.text_end = b"\0"
        self.entry_sizes = [24]         # of the map's entries, in turn
        self.magic = MAGIC[protocol]
        self.info = None                # what ebx says instead of the truth
        self.fields = {}                # Multiboot 1: instead of the truth
        self.extra_tags = []            # Multiboot 2: (type, bytes)
        self.tag_copies = 1             # Multiboot 2
        self.tag_sizes = {}             # Multiboot 2: number of the tag, size
        self.total = None               # Multiboot 2: instead of the truth
        self.has_end = True             # Multiboot 2

    def write(self, rng, machine):
        """Into memory and registers."""
        places = Places(rng, machine)
        write = {1: self._write1, 2: self._write2}[self.protocol]
        info = write(rng, places, machine)
        machine.eax = self.magic
        machine.ebx = info if self.info is None else self.info

    def _entries(self, head):
        """The map; head is how many bytes of an entry name its own size."""
        entries = []
        for number, (start, size, kind) in enumerate(self.ranges):
            room = self.entry_sizes[number % len(self.entry_sizes)]
            entry = struct.pack("<I", (room - head) % (1 << 32))[:head]
            entry += struct.pack("<QQI", start % (1 << 64), size % (1 << 64),
                                 kind)
            entries.append(entry.ljust(min(room, PAGE), b"\xEE"))
        return entries

    def _write1(self, rng, places, machine):
        def put(data):
            at = places.choose(len(data) or 1)
            machine.write(at, data)
            return at

        def put_text(text):
            return 0 if text is None else put(text + self.text_end)

        fields = {FLAGS: HAS_MEM if self.sizes else 0}
        fields[MEM_LOWER], fields[MEM_UPPER] = self.sizes or (0, 0)
        if self.cmdline is not None:
            fields[FLAGS] |= HAS_CMDLINE
            fields[CMDLINE] = put_text(self.cmdline)
        if self.loader is not None:
            fields[FLAGS] |= HAS_LOADER
            fields[LOADER_NAME] = put_text(self.loader)
        if self.has_map:
            entries = b"".join(self._entries(head=4))
            fields[FLAGS] |= HAS_MMAP
            fields[MMAP_LENGTH], fields[MMAP_ADDR] = len(entries), put(entries)
        if self.modules:
            table = b"".join(struct.pack("<4I", start, end, put_text(text), 0)
                             for start, end, text in self.modules)
            fields[FLAGS] |= HAS_MODULES
            fields[MODULES_COUNT] = len(self.modules)
            fields[MODULES_ADDR] = put(table)
        fields.update(self.fields)
        info = bytearray(rng.randbytes(INFO_SIZE))
        for at, value in fields.items():
            struct.pack_into("<I", info, at, value)
        return put(info)

    def _tags(self):
        tags = []
        if self.cmdline is not None:
            tags.append((CMDLINE_TAG, self.cmdline + self.text_end))
        if self.loader is not None:
            tags.append((LOADER_TAG, self.loader + self.text_end))
        if self.sizes:
            tags.append((SIZES_TAG, struct.pack("<II", *self.sizes)))
        for start, end, text in self.modules:
            tags.append((MODULE_TAG, struct.pack("<II", start, end) +
                         (text or b"") + self.text_end))
        if self.has_map:
            size = self.entry_sizes[0]
            tags.append((MMAP_TAG, struct.pack("<II", size, 0) +
                         b"".join(self._entries(head=0))))
        return self.tag_copies * (tags + self.extra_tags)

    def _write2(self, rng, places, machine):
        tags = self._tags()
        rng.shuffle(tags)
        text = b""
        for number, (kind, body) in enumerate(tags):
            size = self.tag_sizes.get(number, 8 + len(body))
            tag = struct.pack("<II", kind, size) + body
            text += tag + rng.randbytes(-len(tag) % 8)
        if self.has_end:
            text += struct.pack("<II", END_TAG, 8)
        total = 8 + len(text) if self.total is None else self.total
        at = places.choose(8 + len(text), align=8)
        machine.write(at, struct.pack("<II", total, 0) + text)
        return at
