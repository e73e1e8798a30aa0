#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""run.py - what `make run` does: boot in QEMU, show one screen, end at a prompt

    tools/run.py build/lacuna.elf       MEM, CPU, SMP, APPEND, MODULES, QEMU

Problem     The serial port carries three things, one behind the other: the
            demonstration, a test report of hundreds of lines, and a prompt at
            which no line is complete. The reader wants the first and the last,
            and of the second only how it ended.
Idea        A filter on the way to the terminal. Until the prompt it works on
            lines; from the first byte of the prompt on it is out of the way.
Picture     QEMU -> Filter --- demonstration: shown, with file:line added
                           --- KTAP: folded into one line, all in run.ktap
                           --- prompt and after: unchanged
Invariants  R1  Without a terminal it ends within 40 s.
            R2  Without a terminal it returns 0 exactly when QEMU returned 33.
            R3  The terminal is left as it was found.
Read first  Filter, then main
See         tests/machine/test_run.py
"""

import os
import random
import re
import select
import subprocess
import sys
import termios
import time

import ktap
import lacuna

TIME_LIMIT = 38                     # seconds, when nobody watches
COLUMNS = 80
PROMPTS = ("lacuna> ", "(qemu) ")
SYMBOL = re.compile(r"\b([A-Za-z_][A-Za-z0-9_.]*)\+0x([0-9a-f]+)")


class Locator:
    """Puts file:line behind a line that names a place in the kernel.

    One addr2line serves all questions; it answers each address with a line.
    """

    def __init__(self, elf):
        self._elf = elf
        self._addresses = None
        self._addr2line = None

    def _start(self):
        table = subprocess.run([lacuna.cross("nm"), self._elf], text=True,
                               capture_output=True, check=True).stdout
        self._addresses = {}
        for entry in table.splitlines():
            address, _, name = entry.split(" ", 2)
            # A name that occurs twice says nothing: None.
            known = name in self._addresses
            self._addresses[name] = None if known else int(address, 16)
        self._addr2line = subprocess.Popen(
            [lacuna.cross("addr2line"), "-e", self._elf], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def _ask(self, address):
        """file:line, relative to the tree in whatever way it was built."""
        self._addr2line.stdin.write(f"{address:x}\n")
        self._addr2line.stdin.flush()
        place = self._addr2line.stdout.readline().split(" ")[0].strip()
        return place.removeprefix(f"{lacuna.ROOT}/").removeprefix("./")

    def _place(self, line):
        """file:line of the first symbol, or nothing."""
        symbol = SYMBOL.search(line)
        if not symbol:
            return ""
        if self._addresses is None:
            self._start()
        address = self._addresses.get(symbol[1])
        if address is None:
            return ""
        # A caller's address is where it goes on; the call stands before it.
        # Only a line about the culprit itself has the exact address.
        exact = line.split()[0] in ("who", "eip", "at")
        place = self._ask(address + int(symbol[2], 16) - (not exact))
        return "" if "?" in place else place

    def annotate(self, line):
        try:
            place = self._place(line)
        except (OSError, subprocess.CalledProcessError):
            self._addresses = {}        # no binutils: no places
            return line
        room = COLUMNS - len(line) - len(place)
        return line + " " * room + place if place and room >= 2 else line

    def close(self):
        if self._addr2line:
            self._addr2line.stdin.close()
            self._addr2line.wait()
            self._addr2line.stdout.close()


class Screen:
    """Standard output, with one line that may be overwritten in place."""

    def __init__(self):
        self._live = sys.stdout.isatty()
        self._pending = 0               # columns of the line in place
        self._shown = 0.0

    def write(self, text):
        """QEMU makes the terminal non-blocking, for us as well: be patient."""
        data = text.encode("ascii", "replace")
        while data:
            try:
                data = data[os.write(1, data):]
            except BlockingIOError:
                select.select([], [1], [])

    def line(self, text):
        self.write(self._erased(text) + "\n")

    def progress(self, text):
        if self._live and time.monotonic() - self._shown > 0.05:
            self._shown = time.monotonic()
            self.write(self._erased(text))
            self._pending = len(text)

    def _erased(self, text):
        blank = "\r" + " " * self._pending + "\r" if self._pending else ""
        self._pending = 0
        return blank + text


class Filter:
    """The serial stream on its way to the screen."""

    def __init__(self, screen, locator, log, fold):
        self._screen, self._locator, self._log = screen, locator, log
        self._fold = fold
        self._reader = ktap.Reader()
        self._partial = ""              # an unfinished line
        self._folding = False
        self._numbered = False          # does the demonstration count [1] [2]?
        self.at_prompt = False
        self.last_lines = []

    @property
    def report(self):
        return self._reader.report

    def feed(self, chunk):
        text = chunk.decode("ascii", "replace")
        if self.at_prompt:
            self._screen.write(text)
            return
        *lines, self._partial = (self._partial + text).split("\n")
        for line in lines:
            self._line(line.rstrip("\r"))
        if self._partial.startswith(PROMPTS):
            self.at_prompt = True
            self._screen.write(self._partial)

    def close(self):
        """The machine is off: show what is still in the pipe."""
        if self.at_prompt:
            self._screen.write("\n")
        elif self._partial:
            self._line(self._partial)
        if self._folding:
            self._unfold(f"stopped after {self._reader.nr_done} cases")

    def _line(self, line):
        self._log.write(line + "\n")
        self._log.flush()
        if line.strip():
            self.last_lines = [*self.last_lines[-4:], line]
        self._numbered = self._numbered or line.startswith("[3]")
        was_panic = bool(self.report.panics)
        self._reader.line(line)
        if not self._fold:
            self._show(line)
        elif self._reader.reading:
            self._folding = True
            self._progress()
        elif self._folding:
            self._end_of_report(line)
        elif was_panic:
            self._show(line.removeprefix("# "))
        elif not line.startswith(("# ", "bench: ")):
            self._show(line)

    def _show(self, line):
        self._screen.line(self._locator.annotate(line))

    def _progress(self):
        done, planned = len(self.report.suites), self.report.nr_planned
        if planned:
            self._screen.progress(f"{self._title} {self._reader.nr_done} done, "
                                  f"{done} of {planned} suites")

    @property
    def _title(self):
        return ("[4] " if self._numbered else "") + "Self-tests:"

    def _end_of_report(self, line):
        """The first line behind the report: its totals, or a panic."""
        if self.report.panics:
            self._unfold(f"stopped after {self._reader.nr_done} cases")
            self._show(line.removeprefix("# "))
            return
        self._unfold(self.report.summary())
        for case in self.report.failed[:3]:
            for note in case.notes[-4:]:
                self._show("    " + note.removeprefix("# "))

    def _unfold(self, outcome):
        self._folding = False
        name = lacuna.shown(self._log.name)
        self._screen.line(f"{self._title} {outcome}   ({name})")


def command_line(append, interactive):
    """What the user asks for, and what `make run` is for unless he does."""
    words = append.split()
    given = {word.split("=")[0] for word in words}
    defaults = []
    if not given & {"test", "bench", "demo"}:
        defaults += ["demo", "test=*"]
    if "seed" not in given:
        defaults.append(f"seed={random.randrange(1, 100000)}")
    if not interactive:
        words = [word for word in words if word != "monitor"]
    elif "exit" not in given:
        defaults.append("monitor")
    return " ".join(dict.fromkeys([*defaults, *words, "exit"]))


def verdict(process, stream, interactive):
    """The exit status, and a sentence when it is not 0."""
    status = process.status
    if process.timed_out:
        return 1, (f"no end after {TIME_LIMIT} s; the last lines were:\n  "
                   + "\n  ".join(stream.last_lines or ["(none)"]))
    if status == lacuna.PASS:
        return 0, ""
    if interactive and status == 0 and stream.at_prompt:
        return 0, ""
    if stream.report.panics:
        return 1, stream.report.panics[0]
    if status == lacuna.FAIL:
        return 1, "the kernel reports a failure (QEMU's status 35)"
    if not stream.last_lines:
        return 1, (f"QEMU did not start (status {status}); the command was\n  "
                   + " ".join(process.argv))
    return 1, f"QEMU ended before the kernel was done (status {status})"


def boot(argv, stream, interactive):
    """Run QEMU through the filter; returns the finished process."""
    stdin = None if interactive else subprocess.DEVNULL
    timeout = None if interactive else TIME_LIMIT
    with lacuna.Process(argv, timeout, stdin) as process:
        for chunk in process.chunks():
            stream.feed(chunk)
        stream.close()
        sys.stderr.write(process.errors)
        return process


def main():
    interactive = sys.stdin.isatty()
    append = command_line(os.environ.get("APPEND", ""), interactive)
    elf = sys.argv[1] if len(sys.argv) > 1 else lacuna.kernel()
    argv = lacuna.machine(
        elf, mem=os.environ.get("MEM") or "2G",
        cpu=os.environ.get("CPU") or "max", smp=os.environ.get("SMP", ""),
        append=append, modules=os.environ.get("MODULES", ""),
        serial="mon:stdio" if interactive else "stdio")
    missing = lacuna.find_command(argv)
    if missing:
        sys.exit(f"run: {missing}")

    lacuna.die_cleanly()
    # Who names tests or benchmarks wants to see them.
    fold = "demo test=*" in append
    saved = termios.tcgetattr(0) if interactive else None
    locator = Locator(elf)
    path = lacuna.build_dir() / "run.ktap"
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with open(path, "w", encoding="ascii", errors="replace") as log:
            stream = Filter(Screen(), locator, log, fold)
            process = boot(argv, stream, interactive)
    finally:
        locator.close()
        if saved:
            os.set_blocking(0, True)
            termios.tcsetattr(0, termios.TCSADRAIN, saved)
    status, sentence = verdict(process, stream, interactive)
    if sentence:
        print(f"run: {sentence}", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
