# SPDX-License-Identifier: MIT
"""frames.py - two commands that write down what GDB makes of a stack

frames              one line: where we are, all callers, how the walk ended
walk N [SYMBOL]     the same after each of N instructions, or until SYMBOL;
                    "walk: reached SYMBOL" when it did

A line reads
    frames: trap_common+0x1 entry.S:90 | trap_common < kmain | outermost
where a function that calls itself is written down once.
"""

import gdb

LIMIT = 1000            # frames; a walk that is cut off does not end outermost

def place():
    words = gdb.execute("info symbol $pc", to_string=True).split()
    offset = int(words[2]) if words[1] == "+" else 0
    sal = gdb.find_pc_line(gdb.newest_frame().pc())
    file = sal.symtab.filename if sal.symtab else "?"
    return f"{words[0]}+{offset:#x} {file}:{sal.line}"


def callers():
    names, frame = [], gdb.newest_frame()
    for _ in range(LIMIT):
        last, name = frame, frame.name() or "?"
        if name not in names[-1:]:
            names.append(name)
        frame = frame.older()
        if not frame:
            break
    how = gdb.frame_stop_reason_string(last.unwind_stop_reason())
    return f"{' < '.join(names)} | {how}"


def note():
    gdb.write(f"frames: {place()} | {callers()}\n")


def step():
    """One instruction. On a busy host QEMU may stop again before the first."""
    before = gdb.newest_frame().pc()
    gdb.execute("stepi", to_string=True)
    if gdb.newest_frame().pc() == before:
        gdb.execute("stepi", to_string=True)


class Frames(gdb.Command):
    """Write down all frames."""

    def __init__(self):
        super().__init__("frames", gdb.COMMAND_STACK)

    def invoke(self, argument, from_tty):
        note()


class Walk(gdb.Command):
    """Write down all frames after each of N instructions."""

    def __init__(self):
        super().__init__("walk", gdb.COMMAND_RUNNING)

    def invoke(self, argument, from_tty):
        limit, _, symbol = argument.partition(" ")
        for _ in range(int(limit)):
            step()
            note()
            if symbol and place().startswith(f"{symbol}+0x0 "):
                gdb.write(f"walk: reached {symbol}\n")
                return


Frames()
Walk()
