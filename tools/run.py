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

import contextlib
import os
import pathlib
import random
import select
import subprocess
import sys
import tempfile
import termios
import time

from autopsy import hang
import ktap
import lacuna
import locate

TIME_LIMIT = 38                     # seconds, when nobody watches
PROMPTS = ("lacuna> ", "(qemu) ")


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
    if status and not stream.last_lines:
        return 1, (f"QEMU did not start (status {status}); the command was\n  "
                   + " ".join(process.argv))
    what = "QEMU ended" if status else "the machine was reset, or switched off,"
    return 1, f"{what} before the kernel was done (status {status})"


def arguments(elf, append, interactive, qmp):
    """QEMU's; when nobody watches it can be asked at the socket qmp."""
    argv = lacuna.machine(
        elf, append=append, serial="mon:stdio" if interactive else "stdio",
        extra=() if interactive else ("-qmp", f"unix:{qmp},server=on,wait=off"),
        **lacuna.chosen())
    missing = lacuna.find_command(argv)
    if missing:
        sys.exit(f"run: {missing}")
    return argv


def boot(argv, stream, interactive, late):
    """Run QEMU through the filter; returns the finished process."""
    stdin = None if interactive else subprocess.DEVNULL
    timeout = None if interactive else TIME_LIMIT
    with lacuna.Process(argv, timeout, stdin, late) as process:
        for chunk in process.chunks():
            stream.feed(chunk)
        stream.close()
        sys.stderr.write(process.errors)
        return process


@contextlib.contextmanager
def terminal_kept(interactive):
    """QEMU changes the terminal's settings (R3)."""
    saved = termios.tcgetattr(0) if interactive else None
    try:
        yield
    finally:
        if saved:
            os.set_blocking(0, True)
            termios.tcsetattr(0, termios.TCSADRAIN, saved)


def main():
    interactive = sys.stdin.isatty()
    append = command_line(os.environ.get("APPEND", ""), interactive)
    elf = sys.argv[1] if len(sys.argv) > 1 else lacuna.kernel()
    path = lacuna.build_dir() / "run.ktap"
    path.parent.mkdir(parents=True, exist_ok=True)
    # Who names tests or benchmarks wants to see them.
    fold = "demo test=*" in append
    stands = []

    lacuna.die_cleanly()
    with tempfile.TemporaryDirectory(prefix="lacuna") as folder, \
            contextlib.closing(locate.Locator(elf)) as locator, \
            terminal_kept(interactive):
        qmp = pathlib.Path(folder) / "qmp"
        argv = arguments(elf, append, interactive, qmp)
        with open(path, "w", encoding="ascii", errors="replace") as log:
            stream = Filter(Screen(), locator, log, fold)
            process = boot(
                argv, stream, interactive,
                lambda: stands.append(hang.where_it_stands(qmp, elf, locator)))
    status, sentence = verdict(process, stream, interactive)
    if sentence:
        print(f"run: {sentence}", file=sys.stderr)
    if any(stands):
        print(f"run: the CPU stands at {stands[0]}", file=sys.stderr)
    if status and (process.timed_out or process.status == 0):
        print(f"run: what went wrong? {lacuna.again('why', append)}",
              file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
