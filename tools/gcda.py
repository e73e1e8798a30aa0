# SPDX-License-Identifier: MIT
"""gcda.py - the counters of a kernel built with COVERAGE=1, as files for gcov

Problem     gcc counts how often each arc of a program runs, and its libgcov
            writes the counters to files at the end. A kernel has no files, and
            no library is linked into it.
Idea        The counters lie in the kernel's data, described by records to which
            linker.ld knows the way. Read them out of the machine's memory when
            it has ended, add up what several machines counted, and write the
            files here. The kernel has no line of code for it.
Picture     gcov_info_start -> pointer -> record: a file, functions -> counters
            gcov_info_end      pointer -> record: ...
Source      gcc 12, libgcc/libgcov.h (struct gcov_info, gcov_fn_info) and
            gcc/gcov-io.h (the file).
Failure     Another gcc's version word: Unreadable says so.
See         tools/coverage.py
"""

import collections
import pathlib
import struct

import elf

# Of the file: what each record begins with.
MAGIC, FUNCTION_TAG, ARCS_TAG = 0x67636461, 0x01000000, 0x01A10000
FUNCTION_SIZE = 12

NR_KINDS = 8                        # of counters; arcs are the first
INFO = struct.Struct(f"<5I{NR_KINDS}III")
FUNCTION_HEAD = struct.Struct("<4I")
COUNTERS = struct.Struct("<2I")
KNOWN = b"B2"                       # "B23*": gcc 12.3 in the version word


class Unreadable(Exception):
    """Why these counters cannot be read."""


class Memory:
    """The kernel's data, as it was in a machine that has ended."""

    def __init__(self, start, data, image):
        self._start, self._data, self._image = start, data, image

    def read(self, address, size):
        at = address - self._start
        if 0 <= at <= len(self._data) - size:
            return self._data[at:at + size]
        found = self._image.code(address, address + size)   # read-only data
        if not found:
            raise Unreadable(f"nothing at {address:08x}")
        return found

    def unpack(self, form, address):
        return form.unpack(self.read(address, form.size))

    def words(self, address, count):
        return struct.unpack(f"<{count}I", self.read(address, 4 * count))

    def text(self, address):
        text = b""
        while not text.endswith(b"\0"):
            text += self.read(address + len(text), 1)
        return text[:-1].decode()


class Counters:
    """What all machines together counted: file -> function -> counts."""

    def __init__(self):
        self._files = collections.defaultdict(dict)
        self._heads = {}                # file -> version, stamp, checksum

    def add(self, memory, start, end):
        """Take in the records that pointers in [start, end) lead to."""
        for info in memory.words(start, (end - start) // 4):
            self._add_file(memory, info)

    def _add_file(self, memory, address):
        version, _, stamp, checksum, name, *rest = memory.unpack(INFO, address)
        if version.to_bytes(4, "big")[:2] != KNOWN:
            raise Unreadable("these counters are of another gcc than 12; "
                             "tools/gcda.py knows that one's records")
        nr_functions, functions = rest[NR_KINDS:]
        file = memory.text(name)
        self._heads[file] = (version, stamp, checksum)
        for function in memory.words(functions, nr_functions):
            if function:
                self._add_function(memory, self._files[file], function)

    @staticmethod
    def _add_function(memory, file, address):
        _, ident, *sums = memory.unpack(FUNCTION_HEAD, address)
        number, values = memory.unpack(COUNTERS,
                                       address + FUNCTION_HEAD.size)
        counts = struct.unpack(f"<{number}q", memory.read(values, 8 * number))
        _, before = file.get(ident, (sums, [0] * number))
        file[ident] = (sums, [a + b for a, b in zip(before, counts)])

    def write(self):
        """Each file beside the .gcno that the compiler wrote."""
        for name, functions in self._files.items():
            words = [MAGIC, *self._heads[name]]
            for ident, (sums, counts) in functions.items():
                words += [FUNCTION_TAG, FUNCTION_SIZE, ident, *sums]
                words += [ARCS_TAG, 8 * len(counts)]
                for count in counts:
                    words += [count & 0xFFFFFFFF, count >> 32]
            data = struct.pack(f"<{len(words) + 1}I", *words, 0)
            pathlib.Path(name).write_bytes(data)


def take(counters, monitor, image, scratch):
    """Add what the stopped machine behind QEMU's monitor has counted."""
    start, end = (image.address_of(name) for name in
                  ("data_start", "kernel_end"))
    monitor.command("pmemsave", val=start - elf.PAGE_OFFSET, size=end - start,
                    filename=str(scratch))
    counters.add(Memory(start, scratch.read_bytes(), image),
                 image.address_of("gcov_info_start"),
                 image.address_of("gcov_info_end"))
