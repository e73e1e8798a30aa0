# SPDX-License-Identifier: MIT
"""dying.py - kernels that die or hang, and what `make why` says of them

Problem     The faults that end in a reset are those of a kernel that does not
            boot; compiling one for each test would take minutes.
Idea        A copy of the ELF file in which a few bytes are others: code at the
            beginning of a function, or an entry of a table. It really dies.
See         tests/machine/test_why.py, test_why_hang.py
"""

import contextlib
import pathlib
import re
import tempfile

import elf
import lacuna

TIME_LIMIT = 90                         # seconds; then QEMU is ended as well
ENVIRONMENT = lacuna.clean_environment("WHY_SECONDS", "QEMU")

# Machine code, as it stands in memory.
UD2 = "0f0b"                            # raises invalid opcode
SPIN = "ebfe"                           # jmp to itself
HALT = "faf4ebfd"                       # cli; hlt; and again
WAIT = "fbf4ebfd"                       # sti; hlt; and again
NO_IDT = "6a006a000f011c24"             # push 0; push 0; lidt (%esp)
NO_GDT = "6a006a000f011424"             # the same with lgdt
LOST_IDT = "683412000068ff0700500f011c24"       # lidt: 7ff bytes at 12345000
JUMP = "b800100000ffe0"                 # to 1000, which is not mapped
NO_STACK = "bc0010000050"               # push with esp = 1000
RECURSE = "50ebfd"                      # push, for ever
RESET = "b0fee664f4"                    # the keyboard controller's; hlt
SWITCH_OFF = "66ba040666b8002066effaf4"     # ACPI's; cli; hlt


class Patched:
    """The kernel's ELF file with other bytes in it."""

    def __init__(self, path):
        self.path = path
        self._image = elf.Image(lacuna.kernel())
        self._data = bytearray(lacuna.kernel().read_bytes())
        self.path.write_bytes(self._data)

    def at(self, name, code, offset=0):
        """Other bytes where a function or a table begins."""
        address = self._image.address_of(name)
        assert address is not None, f"the kernel has no single {name}"
        segment = self._image.segment_at(address)
        place = segment.offset + address - segment.start + offset
        self._put(place, bytes.fromhex(code))

    def instead_of(self, old, new):
        """Other bytes in the place of these, which occur once."""
        old = bytes.fromhex(old)
        assert self._data.count(old) == 1
        self._put(self._data.index(old), bytes.fromhex(new))

    def call(self, caller, *functions):
        """Let caller call these for ever."""
        address = self._image.address_of(caller)
        code = bytes.fromhex("5589e5")          # push ebp; mov esp, ebp
        for function in functions:
            there = self._image.address_of(function)
            here = address + len(code) + 5
            code += b"\xe8" + (there - here & 0xFFFFFFFF).to_bytes(4, "little")
        back = 3 - len(code) - 2
        self.at(caller, (code + bytes([0xEB, back & 0xFF])).hex())

    def call_last(self, caller, function):
        """Let caller do nothing but a call with its last bytes."""
        start, there = (self._image.address_of(name)
                        for name in (caller, function))
        size = self._image.symbol_at(start).size
        self.at(caller, "e9" + (size - 10).to_bytes(4, "little").hex())
        away = there - (start + size) & 0xFFFFFFFF
        self.at(caller, "e8" + away.to_bytes(4, "little").hex(), size - 5)

    def _put(self, place, new):
        self._data[place:place + len(new)] = new
        self.path.write_bytes(self._data)


@contextlib.contextmanager
def patched():
    # Not tmp_path, which may be too long for a line of 80 columns.
    with tempfile.TemporaryDirectory(prefix="lacuna") as folder:
        yield Patched(pathlib.Path(folder) / "lacuna.elf")


def poke(name, offset, value):
    """The instruction that writes a word of a table."""
    address = elf.Image(lacuna.kernel()).address_of(name) + offset
    return "c705" + address.to_bytes(4, "little").hex() + \
        value.to_bytes(4, "little").hex()


def run_tool(path, append="test=list.*", seconds="3", **more):
    return lacuna.run(
        [lacuna.python(), lacuna.ROOT / "tools/why.py", path], TIME_LIMIT,
        env={**ENVIRONMENT, "MEM": "64M", "APPEND": append,
             "WHY_SECONDS": seconds, **more})


def why(path, *arguments, **more):
    """What the tool prints, with what it has wrapped in one line again."""
    run = run_tool(path, *arguments, **more)
    print(run.log + run.errors)         # pytest shows it when the test fails
    assert run.status == 0, run.errors
    for line in run.lines:
        assert len(line) <= 80 and line.isascii()
    return re.sub(r"\n( {4}| {9})(?=\S)", " ", run.log)


def in_order(text, *parts):
    """All parts, each behind the one before."""
    at = 0
    for part in parts:
        found = text.find(part, at)
        assert found >= 0, f"{part!r} is missing, or is too early"
        at = found + len(part)


def first_sentence(text):
    return text.partition("\n")[0]
