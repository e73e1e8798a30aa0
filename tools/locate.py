# SPDX-License-Identifier: MIT
"""locate.py - file and line of a place in the kernel

Problem     The kernel prints names and offsets, QEMU prints addresses; the
            reader wants to open a file.
Idea        One addr2line serves all questions; it answers each address with a
            line. Where there are no binutils there are no places, and nothing
            else changes.
See         tools/run.py, tools/why.py
"""

import re
import subprocess

import elf
import lacuna

COLUMNS = 80
SYMBOL = re.compile(r"\b([A-Za-z_][A-Za-z0-9_.]*)\+0x([0-9a-f]+)")


class Locator:
    """file:line for addresses, and for lines that name a place."""

    def __init__(self, path):
        self._path = path
        self._started = False
        self._addresses = {}            # of names
        self._addr2line = None

    def _start(self):
        """Read the names and start addr2line, when the first question comes."""
        if self._started:
            return
        self._started = True
        try:
            for one in elf.Image(self._path).symbols:
                # A name that occurs twice says nothing: None.
                known = one.name in self._addresses
                self._addresses[one.name] = None if known else one.address
            self._addr2line = subprocess.Popen(
                [lacuna.cross("addr2line"), "-e", str(self._path)], text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        except (OSError, elf.Unusable):
            pass                        # then there are no places

    def place(self, address):
        """file:line, relative to the tree in whatever way it was built."""
        self._start()
        if not self._addr2line:
            return ""
        try:
            self._addr2line.stdin.write(f"{address:x}\n")
            self._addr2line.stdin.flush()
        except BrokenPipeError:         # it could make nothing of the file
            return ""
        place = self._addr2line.stdout.readline().split(" ")[0].strip()
        place = place.removeprefix(f"{lacuna.ROOT}/").removeprefix("./")
        return "" if "?" in place else place

    def _place_in(self, line):
        """file:line of the first symbol, or nothing."""
        symbol = SYMBOL.search(line)
        if not symbol:
            return ""
        self._start()
        address = self._addresses.get(symbol[1])
        if address is None:
            return ""
        # A caller's address is where it goes on; the call stands before it.
        # Only a line about the culprit itself has the exact address.
        exact = line.split()[0] in ("who", "eip", "at")
        return self.place(address + int(symbol[2], 16) - (not exact))

    def annotate(self, line):
        """The line with file:line at its right, where there is room."""
        place = self._place_in(line)
        room = COLUMNS - len(line) - len(place)
        return line + " " * room + place if place and room >= 2 else line

    def close(self):
        if self._addr2line:
            self._addr2line.stdin.close()
            self._addr2line.wait()
            self._addr2line.stdout.close()
