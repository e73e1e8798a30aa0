# SPDX-License-Identifier: MIT
"""tour.py - `lacuna tour`: from _start to a vmalloc and its guard, station by
station

Problem     Somebody who steps through a kernel for the first time does not know
            where to stop, nor what to look at there.
Idea        stations.py knows. Here is what carries the reader from one to the
            next: a breakpoint that is there only while it is needed, and a wait
            for the return key.
Invariants  T1  No breakpoint of the tour outlives a leg of it.
Failure     The machine stops elsewhere, or ends: the tour says where and waits
            for another `lacuna tour`, which goes on to the same station.
"""

import select
import sys
import textwrap

import gdb

import commands
import kernel
import machine
from stations import STATIONS

COLUMNS = 80


class Batch(gdb.Parameter):
    """Whether `lacuna tour` goes on without waiting for the return key."""

    set_doc = show_doc = __doc__

    def __init__(self):
        super().__init__("lacuna-tour-batch", gdb.COMMAND_DATA,
                         gdb.PARAM_BOOLEAN)
        self.value = False

    def get_set_string(self):
        return ""

    def get_show_string(self, value):
        return f"lacuna-tour-batch is {value}."


def read_answer():
    """A line of the terminal; nothing at its end or after Ctrl-C."""
    gdb.write("[return] goes on, q leaves the tour: ")
    gdb.flush()
    try:
        # GDB notes a Ctrl-C and tells Python, but does not end a read.
        while not select.select([sys.stdin], [], [], 0.1)[0]:
            pass
        return sys.stdin.readline()
    except KeyboardInterrupt:
        commands.say()
        return ""


def reader_goes_on():
    if batch.value or not sys.stdin.isatty():
        return True
    answer = read_answer()
    return answer != "" and not answer.strip().lower().startswith("q")


def where_it_is():
    """In words, when the machine is not where it was sent."""
    if not gdb.selected_thread():
        return "the machine has ended"
    return f"the machine stopped at {kernel.symbol_at(machine.register('pc'))}"


def run_to(station):
    """True when the machine is at the station."""
    try:
        leg = gdb.Breakpoint(f"*{station.at}", internal=True)
        leg.condition = station.condition or None
    except gdb.error as error:
        raise gdb.GdbError(f"no station at {station.at}: {error}; "
                           "the tour is made for the debug build, `make gdb`")
    leg.silent = True
    try:
        gdb.execute("continue", to_string=True)
    except gdb.error:                   # QEMU has closed the connection
        return False
    finally:
        leg.delete()
    return (gdb.selected_thread() is not None and
            machine.register("pc") == kernel.address_of(station.at))


def show(command):
    commands.say(f"(gdb) {command}")
    try:
        gdb.execute(command)
    except gdb.error as error:
        commands.say(f"  {error}")


def present(number, station):
    head = f"--- {number} of {len(STATIONS)}: {station.title} "
    tail = f" {station.read}"
    commands.say()
    commands.say(head + "-" * (COLUMNS - len(head) - len(tail)) + tail)
    commands.say(textwrap.indent(station.text, "  "))
    for command in station.show:
        show(command)


class Tour(gdb.Command):
    """A guided walk from the first instruction to a vmalloc and its guard hit.

It stops at each station, says what just happened and why it matters, names the
file to read, and shows the state with the other commands. Leave it with q, look
around, and come back with `lacuna tour`: it goes on where it was left.
`set lacuna-tour-batch on` lets it run through."""

    def __init__(self):
        super().__init__("lacuna tour", gdb.COMMAND_RUNNING, gdb.COMPLETE_NONE)
        self.reached = 0                # stations that the reader has seen

    def invoke(self, argument, from_tty):
        machine.require_running_machine()
        if self.reached == len(STATIONS):
            self.reached = 0
        if self.reached == 0 and not self._at_the_beginning():
            raise gdb.GdbError(
                "the tour begins at the first instruction, which is behind "
                "us: leave with q, then `make gdb` and `lacuna tour`")
        while self.reached < len(STATIONS) and self._next():
            pass

    @staticmethod
    def _at_the_beginning():
        return machine.register("pc") == kernel.address_of(STATIONS[0].at)

    def _next(self):
        """Go to the next station; false when the reader leaves."""
        station = STATIONS[self.reached]
        if self.reached > 0 and not run_to(station):
            commands.say(f"The tour was on its way to {station.at}, but "
                         f"{where_it_is()}.")
            return False
        self.reached += 1
        present(self.reached, station)
        if self.reached == len(STATIONS):
            commands.say("\nThe end of the tour. The machine is yours: "
                         "`help lacuna`, backtrace, stepi, q.")
            return False
        return reader_goes_on()


batch = Batch()
Tour()
