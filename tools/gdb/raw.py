# SPDX-License-Identifier: MIT
"""raw.py - the monitor's kmap, log and peek, in GDB

Idea        The same lines as modules/monitor/slots.c, session.c and access.c
            print, read from outside. The log is what the kernel printed last,
            also of one that hangs or is a core: a line that is not finished
            is often the one that matters.
See         tests/machine/test_gdb.py, which compares them with the monitor's
"""

import gdb

import kernel
import machine
from commands import Command, say, say_unpaged

SLOTS_SHOWN = 16
LOG_LINES, LOG_LINES_MAX, LOG_BYTES = 20, 500, 60 << 10
ROW, PEEK_BYTES, PEEK_MAX = 16, 64, 4096


class Kmap(Command):
    """The slots of kmap(): their addresses, users and frames."""

    def run(self):
        array, _ = kernel.mem_map()
        kmaps = kernel.variable("kmaps")
        slots = [(n, int(kmaps["slot"][n]["count"]), kmaps["slot"][n]["page"])
                 for n in range(1, kmaps["slot"].type.range()[1] + 1)]
        mapped = [slot for slot in slots if slot[2]]
        used = sum(count > 1 for _, count, _ in slots)
        say(f"kmap: {len(slots)} slots: {used} in use, {len(mapped) - used} "
            f"mapped without a user; taken last: {int(kmaps['cursor'])}")
        if mapped:
            say("  slot  address   users  frame")
        for n, count, page in mapped[:SLOTS_SHOWN]:
            address = kernel.PKMAP_BASE + (n - 1) * kernel.PAGE_SIZE
            say(f"  {n:4}  {address:08x}  {count - 1:5}  "
                f"{int(page - array):x}")
        if len(mapped) > SLOTS_SHOWN:
            say(f"  and {len(mapped) - SLOTS_SHOWN} more")


def number(command, text, least, most):
    value = kernel.number(text)
    if not least <= value <= most:
        raise gdb.GdbError(f"lacuna {command}: '{text}' is no number from "
                           f"{least} to {most}")
    return value


class Log(Command):
    """The last lines that the kernel logged: lacuna log [N]

N is 20 unless you say more. In the monitor's log a line that begins with > is
what somebody typed at its prompt."""

    takes_argument = True

    def run(self, argument):
        lines = number("log", argument or str(LOG_LINES), 0, LOG_LINES_MAX)
        text = kernel.log_bytes(LOG_BYTES).decode("ascii", "replace")
        for line in text.splitlines()[-lines:] if lines else ():
            say(line)


class Peek(Command):
    """Bytes as they are: lacuna peek ADDR [N]

N is 64 unless you say otherwise. Where nothing is mapped the kernel's own peek
is caught, and reported; here a line says so."""

    takes_address = True

    def run(self, argument):
        words = argument.split()
        address = kernel.address_or_number(words[0])
        nr = (number("peek", words[1], 1, PEEK_MAX) if words[1:]
              else PEEK_BYTES)
        if not machine.paging_is_on():
            say_unpaged(address)
            return
        for row in range(address, address + nr, ROW):
            length = min(ROW, address + nr - row)
            try:
                data = gdb.selected_inferior().read_memory(row, length)
            except gdb.MemoryError:
                say(f"  {row:08x} is not mapped")
                return
            self._say_row(row, bytes(data))

    @staticmethod
    def _say_row(address, row):
        cells = [f"{byte:02x}" for byte in row] + ["  "] * (ROW - len(row))
        text = "".join(chr(byte) if 32 <= byte <= 126 else "."
                       for byte in row)
        say(f"  {address:08x}  {' '.join(cells[:8])}  {' '.join(cells[8:])}"
            f"  {text}")


for command in (Kmap, Log, Peek):
    command()
