# SPDX-License-Identifier: MIT
"""trace.py - every instruction of one run of a function, in QEMU

Problem     A profile samples, and a cost of seventy instructions has no sample.
Idea        QEMU logs the address of each block of code that it executes, and a
            block can be made one instruction long. From the first instruction
            of a function, some runs after the start, to its return this is
            switched on; before and after it the machine runs at full speed.
Invariants  R1  What is logged is what an instruction counter would count: each
                turn of a repeated string instruction once.
            R2  A run without an interrupt is as long as it costs.
See         tools/bill.py
"""

import pathlib
import re
import socket
import time

import gdbstub
import lacuna
import qmp

# cs_base/pc/flags of a block of code that is about to run, unless QEMU has other
# things to do first: then the same block comes again.
EXECUTED = re.compile(r"^Trace \d+: \S+ \[[0-9a-f]+/([0-9a-f]+)/.*\n"
                      r"(?!Stopped)", re.MULTILINE)
PATIENCE = 120                      # seconds for an answer
LONGEST_CALL = 7                    # bytes


class Machine:
    """A machine that stands before its first instruction; use it in a with."""

    def __init__(self, argv, folder, timeout):
        self.folder = pathlib.Path(folder)
        self.serial = self.folder / "serial"
        self._process = lacuna.Process(
            [*argv, "-S", "-serial", f"file:{self.serial}",
             "-qmp", self._socket("qmp"), "-gdb", self._socket("gdb")],
            timeout)
        self.monitor = qmp.connect(self.folder / "qmp", self._process.running,
                                   PATIENCE)
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(PATIENCE)
        connection.connect(str(self.folder / "gdb"))
        self.stub = gdbstub.Stub(connection)

    def _socket(self, name):
        return f"unix:{self.folder / name},server=on,wait=off"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.monitor.close()
        self.stub.close()
        self._process.close(patience=0)

    def wait_for_line(self, text):
        """Let it run until it has printed a line with text, then stop it."""
        self.stub.send_continue()
        begin = time.monotonic()
        while not re.search(rf"{re.escape(text)}.*\n", self._log()):
            if time.monotonic() > begin + PATIENCE or \
                    not self._process.running():
                raise ConnectionError(f"it did not print '{text}':\n"
                                      f"{self._log()[-500:]}")
            time.sleep(0.1)
        self.stub.interrupt()
        return self._log()

    def _log(self):
        if not self.serial.exists():
            return ""
        return self.serial.read_text(encoding="ascii", errors="replace")

    def finish(self):
        """Let it run to its end; returns all that it printed."""
        self.stub.leave()
        for _ in self._process.chunks():
            pass
        return self._log()

    def trace(self, start, nth, until):
        """What is executed from the nth call of one function on to a call of
        another: the addresses of the instructions."""
        log = self.folder / "executed"
        self.stub.run_to_nth(start, nth)
        for command in (f"logfile {log}", "singlestep on", "log exec,nochain"):
            self.monitor.human(command)
        self.stub.ask("s")              # start and until may be the same
        self.stub.run_to(until)
        for command in ("log none", "singlestep off"):
            self.monitor.human(command)
        return [int(pc, 16) for pc in EXECUTED.findall(log.read_text())]


def runs_of(executed, function):
    """The runs of a function: from its first instruction to its return, which
    lies close behind the call: one of the two instructions before, since a
    kernel may call by way of a thunk.

    The first instruction of executed belongs to none: while a machine stands at
    an address its clock runs on to the next tick (sleep=off), so the interrupt
    comes in what is executed first. Whoever knows how long a run is knows those
    that have none (R2).
    """
    begin, calls = None, ()
    for at, address in enumerate(executed):
        if at and address == function:
            begin, calls = at, executed[max(at - 2, 0):at]
        elif begin and any(call < address <= call + LONGEST_CALL
                           for call in calls):
            yield executed[begin:at]
            begin = None
