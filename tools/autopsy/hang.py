# SPDX-License-Identifier: MIT
"""hang.py - where a machine stands that does not end

Problem     A hang says nothing. It may be a halt that nothing can end, a loop
            in one function, a loop that calls others, an exception that comes
            again and again, or no hang at all but slow work.
Idea        Stop the machine many times and note the callers each time. What is
            the same in all of them goes round; where that ends is the loop.
Read first  Hang.headline
See         tools/why.py; tools/run.py, which only asks where the CPU stands
"""

import collections
import dataclasses
import socket

from autopsy import cpu, intlog, words
import elf
import qmp

SAMPLES, ENOUGH = 20, 4
STORM = 100                     # equal exceptions in a row
SHOWN_CALLEES = 4
PATIENCE = 1                    # seconds for an answer, when somebody waits
OUTSIDE = "(no function)"


@dataclasses.dataclass
class Sample:
    registers: cpu.Registers
    callers: list               # return addresses, innermost first
    printed: int                # bytes on the serial port so far


class Hang:
    """samples are in order of time, the last one is now.

    Only those count in which nothing more was printed: before, it was at work.
    """

    def __init__(self, samples, log, teller, seconds):
        self._samples = [sample for sample in samples
                         if sample.printed == samples[-1].printed]
        self._prints = len(self._samples) < min(ENOUGH, len(samples))
        self._log, self._words, self._seconds = log, teller, seconds
        self._shown = self._typical()

    @property
    def where(self):
        """Addresses at which a breakpoint is of use, the best one first."""
        storm = self._storm()
        at = storm.registers.eip if storm else self._shown.registers.at
        return [at, *(address - 1 for address in self._shown.callers)]

    @property
    def paging(self):
        return self._shown.registers.paging

    def _typical(self):
        """A look at what it does most; not at a tick of the clock."""
        last = self._samples[-1]
        if last.registers.halted and not last.registers.interrupts:
            return last
        kinds = [(self._function(sample.registers.at), sample.registers.halted)
                 for sample in self._samples]
        most = collections.Counter(kinds).most_common(1)[0][0]
        return [sample for sample, kind in zip(self._samples, kinds)
                if kind == most][-1]

    def _function(self, address):
        symbol = self._words.image.symbol_at(address)
        return symbol.name if symbol else OUTSIDE

    def _chain(self, sample):
        """Functions from the outermost to where it stands."""
        return [self._function(address - 1)
                for address in reversed(sample.callers)] + \
            [self._function(sample.registers.at)]

    def _storm(self):
        """The exception that came last, if all the last ones were the same."""
        # A tick of the clock may come in between.
        return next((run.last for run in list(self._log.runs)[-3:]
                     if run.count >= STORM and run.last.is_exception), None)

    def _loop(self):
        """The functions that most samples begin with, and what comes then.

        Not all of them: a tick of the clock may be among them.
        """
        chains = [self._chain(sample) for sample in self._samples]
        path = []
        while True:
            here = len(path)
            following = collections.Counter(
                chain[here] for chain in chains
                if chain[:here] == path and len(chain) > here)
            name, times = (following.most_common(1) or [("", 0)])[0]
            if 4 * times < 3 * len(chains):
                return path, following
            path.append(name)

    def headline(self):
        registers = self._shown.registers
        here = self._words.with_place(registers.at, registers.paging)
        storm = self._storm()
        if registers.halted and not registers.interrupts:
            return (f"hang: the CPU is halted with interrupts off in {here}; "
                    "nothing wakes it.")
        if storm:
            place = self._words.with_place(storm.registers.eip)
            return (f"hang: {words.exception(storm.vector)} at {place}, again "
                    "and again: its handler returns and the same instruction "
                    "faults anew.")
        late = f"no end within {self._seconds:g} s"
        if self._prints:
            return (f"{late}, but it still prints. Give it more time: "
                    f"WHY_SECONDS={4 * self._seconds:g}")
        if registers.halted:
            return (f"hang: {late}; the CPU waits, halted with interrupts on, "
                    f"in {here}: what it waits for does not come.")
        return f"hang: {late}; {self._spin(here)}"

    def _spin(self, here):
        path, callees = self._loop()
        total = len(self._samples)
        if OUTSIDE in [*path, *callees]:
            return f"the CPU runs what is no code of the kernel, at {here}."
        names = ", ".join(name for name, _ in
                          callees.most_common(SHOWN_CALLEES))
        if not path:
            return f"the CPU is in {names}, at {here}."
        if 4 * sum(callees.values()) < total:
            return f"the CPU spins in {path[-1]}, in {total} looks, at {here}."
        return (f"the CPU goes round in {path[-1]}, which calls {names}: "
                f"{total} looks found it there, one of them at {here}.")

    def lines(self):
        registers = self._shown.registers
        yield self._words.line(
            f"  stands at  {self._words.code(registers.at, registers.paging)}",
            self._words.place(registers.at, registers.paging))
        yield from self._words.caller_lines(self._shown.callers,
                                            "  called by  ")
        yield (f"  CPU        {'halted' if registers.halted else 'running'}, "
               f"interrupts {'on' if registers.interrupts else 'off'}, paging "
               f"{'on' if registers.paging else 'off'}, cpl {registers.cpl}")
        yield f"  stack      esp {self._words.stack(registers.esp)}"
        yield f"  so far     {self._counted()}"

    def _counted(self):
        """Exceptions and interrupts, the most frequent first."""
        found = [f"{words.exception(vector)}: {n}"
                 for vector, n in self._log.counts.most_common()
                 if vector < intlog.FIRST_LINE]
        exceptions = ", ".join(found[:3]) or "no exception"
        return f"{exceptions}; device interrupts: {self._log.nr_interrupts}"


def where_it_stands(socket_path, elf_path, locator):
    """Of a machine that runs; nothing when it cannot be asked."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(PATIENCE)
            connection.connect(str(socket_path))
            monitor = qmp.Monitor(connection)
            monitor.command("stop")
            image = elf.Image(elf_path)
            machine = cpu.Machine(monitor, image)
            return words.Words(image, locator, machine).stands(
                machine.registers())
    except (OSError, elf.Unusable):
        return ""
