# SPDX-License-Identifier: MIT
"""intlog.py - what `qemu -d int,cpu_reset -D FILE` wrote, as events

Problem     QEMU writes 25 lines for each exception and each interrupt, and the
            self-tests raise thousands. The reader wants the last few.
Idea        One pass over the file that counts all, keeps the last, and leaves
            the registers as text until somebody asks. What comes again and
            again at one place is one run of events.
Picture     check_exception old: 0xe new 0xd    #GP came while #PF was delivered
                 7: v=08 e=0000 i=0 cpl=0 IP=...    so now #DF is delivered
            EAX=... and the other registers
            Triple fault                        ... in vain
Invariants  I1  What is raised while a vector is being delivered finds the
                registers unchanged: no instruction ran in between.
Read first  Log._line
See         tools/autopsy/deliver.py; QEMU's target/i386/tcg/seg_helper.c
"""

import collections
import dataclasses
import functools
import re

from autopsy import cpu

KEPT = 2000                     # runs

RAISED = re.compile(r"check_exception old: 0x([0-9a-f]+) new 0x([0-9a-f]+)")
EVENT = re.compile(r" *\d+: v=([0-9a-f]+) e=([0-9a-f]+) i=([01]) cpl=\d "
                   r"IP=[0-9a-f]+:[0-9a-f]+ pc=([0-9a-f]+)")
DUMP = re.compile(r"[A-Z][A-Z0-9]{1,4} ?=")     # a line of registers
NOTHING = 0xFFFFFFFF            # as the old exception: none was on its way

NMI, DOUBLE_FAULT, PAGE_FAULT, FIRST_LINE = 2, 8, 14, 32


@dataclasses.dataclass
class Event:
    """A vector that the CPU began to deliver."""
    vector: int
    error: int
    software: bool              # an int instruction
    pc: int
    old: int                    # what was being delivered, or NOTHING
    raised: int                 # what came then; for #DF the second of the two
    dump: str = ""

    @property
    def is_exception(self):
        """Raised by an instruction: then a check_exception precedes it."""
        return self.vector < FIRST_LINE and self.vector != NMI and \
            not self.software

    @functools.cached_property
    def registers(self):
        return cpu.Registers(self.dump)

    def is_like(self, other):
        return (self.vector, self.pc) == (other.vector, other.pc)

    def same_moment(self, other):
        """Has no instruction run between the two?"""
        return (self.registers.general, self.registers.cs) == \
            (other.registers.general, other.registers.cs)


@dataclasses.dataclass
class Run:
    """The same vector at the same instruction, count times in a row."""
    first: Event
    last: Event
    count: int = 1


class Log:
    """The whole file, read up to where it ends now."""

    def __init__(self, path):
        self.runs = collections.deque(maxlen=KEPT)
        self.counts = collections.Counter()     # events by vector
        self.triple = None      # what was raised while #DF was delivered
        self._raised = (NOTHING, NOTHING)
        self._dumping = False
        with open(path, encoding="ascii", errors="replace") as lines:
            for line in lines:
                if self.triple is None:
                    self._line(line)

    def _line(self, line):
        if self._dumping and DUMP.match(line):
            self.runs[-1].last.dump += line
            return
        self._dumping = False
        raised, event = RAISED.match(line), EVENT.match(line)
        if raised:
            self._raised = tuple(int(word, 16) for word in raised.groups())
        elif event:
            vector, error, software, pc = (int(word, 16)
                                           for word in event.groups())
            self._add(Event(vector, error, bool(software), pc, *self._raised))
        elif line.startswith("Triple fault"):
            self.triple = self._raised[1]

    def _add(self, event):
        if self.runs and event.is_like(self.runs[-1].last):
            self.runs[-1].last = event
            self.runs[-1].count += 1
        else:
            self.runs.append(Run(event, event))
        self.counts[event.vector] += 1
        self._dumping = True

    @property
    def last(self):
        """The last event, or None."""
        return self.runs[-1].last if self.runs else None

    @property
    def nr_exceptions(self):
        return sum(n for vector, n in self.counts.items()
                   if vector < FIRST_LINE)

    @property
    def nr_interrupts(self):
        return sum(self.counts.values()) - self.nr_exceptions
