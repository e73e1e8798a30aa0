#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""why.py - what `make why` does: boot once more, and explain how it ends

    tools/why.py build/lacuna.elf       MEM, CPU, SMP, APPEND, MODULES, QEMU,
                                        WHY_SECONDS (30)
Problem     A kernel with a broken IDT, stack or page table dies without a word:
            the machine resets, or stands still.
Idea        QEMU knows everything. It notes each interrupt in a log, keeps the
            machine as it is after a triple fault, and can be stopped and asked.
            What it knows is put into words: of the CPU, and of this kernel.
Invariants  Y1  It ends within WHY_SECONDS and some.
            Y2  The first sentence is the most important one.
Failure     Only QEMU and the ELF file can make it fail: status 1, and a line
            that says what to do. A kernel that dies is a success.
Read first  watch, then main
See         tools/autopsy/, tests/machine/test_why.py
"""

import collections
import dataclasses
import os
import pathlib
import re
import shlex
import socket
import sys
import tempfile
import textwrap
import time

from autopsy import cpu, death, hang, intlog, words
import elf
import ktap
import lacuna
import locate
import qmp
import run

SECONDS = 30                    # for the kernel
FIRMWARE = 20                   # at most as many more for what runs before it
INTERVAL = 0.05                 # between two looks at the machine
PATIENCE = 20                   # for an answer of QEMU
MAX_LOG = 64 << 20              # a log that is longer repeats itself
LAST_LINES = 8
REPORT = re.compile(r"(?:# )?(BAD \w+ CAUGHT|EXCEPTION|STACK OVERFLOW)\b")
EARLY_REPORT = "lacuna: "       # of the low part, which has no printk

ENDED, SHUT_DOWN, STUCK = "ended", "shut down", "stuck"


class Failed(Exception):
    """Why nothing could be found out, and what to do."""


@dataclasses.dataclass
class Files:
    """What the run leaves beside the ELF file."""
    log: pathlib.Path
    serial: pathlib.Path

    @property
    def printed(self):
        return self.serial.stat().st_size if self.serial.exists() else 0

    def lines(self):
        """The serial port's, without empty ones."""
        text = self.serial.read_text(encoding="ascii", errors="replace") \
            if self.serial.exists() else ""
        return [line for line in text.replace("\r", "").split("\n")
                if line.strip()]


# --- the machine ------------------------------------------------------------

def start(elf_path, append, files, socket_path):
    for path in (files.log, files.serial):
        path.unlink(missing_ok=True)
    argv = lacuna.machine(
        elf_path, append=append, serial=f"file:{files.serial}",
        extra=["-S", "-no-shutdown", "-d", "int,cpu_reset,guest_errors",
               "-D", str(files.log),
               "-qmp", f"unix:{socket_path},server=on,wait=off"],
        **lacuna.chosen())
    missing = lacuna.find_command(argv)
    if missing:
        raise Failed(missing)
    return lacuna.Process(argv)


def connect(process, socket_path):
    """To QEMU's monitor, as soon as it is there."""
    try:
        return qmp.connect(socket_path, process.running, PATIENCE)
    except ConnectionError:
        process.close(patience=0)
    command = shlex.join(process.argv)
    raise Failed(f"QEMU did not start (status {process.status}); the command "
                 f"was\n  {command}\n{process.errors}".rstrip())


def look(machine, files):
    registers = machine.registers()
    return hang.Sample(registers, machine.callers(registers), files.printed)


def is_stuck(samples):
    """Halted for good: seen twice, so it was not on its way."""
    last = [sample.registers for sample in list(samples)[-2:]]
    return len(last) == 2 and last[0].at == last[1].at and \
        all(one.halted and not one.interrupts for one in last)


def kernel_runs(image, registers):
    """Is the firmware done? The kernel brings a GDT of its own."""
    return image.is_code(registers.at) or \
        image.segment_at(registers.gdt.base) is not None


def watch(monitor, machine, image, files, seconds):
    """Until it ends, dies, stands still or is late; how, and the last looks."""
    samples = collections.deque(maxlen=hang.SAMPLES)
    late, begun = time.monotonic() + FIRMWARE + seconds, False
    try:
        while True:
            monitor.command("cont")
            time.sleep(INTERVAL)
            monitor.command("stop")
            samples.append(look(machine, files))
            if not begun and kernel_runs(image, samples[-1].registers):
                late, begun = time.monotonic() + seconds, True
                samples = collections.deque([samples[-1]], hang.SAMPLES)
            if monitor.seen("SHUTDOWN"):
                return SHUT_DOWN, samples
            if is_stuck(samples) or time.monotonic() > late or \
                    files.log.stat().st_size > MAX_LOG:
                return STUCK, samples
    except ConnectionError:
        return ENDED, samples


# --- what to say ------------------------------------------------------------

def say(text, file=sys.stdout):
    """In 80 columns; what does not fit goes on indented."""
    indent = len(text) - len(text.lstrip()) + 4
    print(textwrap.fill(text, locate.COLUMNS, subsequent_indent=" " * indent,
                        break_long_words=False, break_on_hyphens=False)
          if len(text) > locate.COLUMNS else text, file=file)


def say_lines(lines):
    for line in lines:
        say(line)


def say_last_lines(files):
    lines = files.lines()[-LAST_LINES:]
    print("Last lines of the serial port:" if lines else
          "The serial port printed nothing.")
    for line in lines:
        print(f"  {line}"[:locate.COLUMNS])


def breakpoint_at(teller, addresses, paging):
    """What GDB's break takes for the first of them that has a name."""
    for at in addresses:
        place = teller.place(at, paging)
        symbol = teller.image.symbol_at(at)
        if symbol and ".h:" in place:   # inlined, here and elsewhere
            return symbol.name
        if place:
            return place
    return "kmain"


def say_next(place, append):
    print("Next:")
    print(f"  {lacuna.again('gdb', append)}")
    print(f"  (gdb) break {place}")
    print("  (gdb) continue")


def explain_shut_down(monitor, teller, log, samples):
    """Returns where GDB should break."""
    last = samples[-1]
    if log.triple is not None:
        story = death.Death(log, teller)
        say("why: " + story.sentence())
        say_lines(story.lines())
        return breakpoint_at(teller, story.where, story.paging)
    reason = monitor.wait_for("SHUTDOWN").get("reason", "unknown")
    what = {"guest-reset": "the kernel asked for a reset",
            "guest-shutdown": "the kernel switched the machine off"}
    say(f"why: {what.get(reason, 'QEMU stopped it: ' + reason)}; no exception "
        f"led to it. The CPU stands at {teller.stands(last.registers)}.")
    say_lines(teller.caller_lines(last.callers, "  called by  "))
    return breakpoint_at(teller, [last.registers.at], last.registers.paging)


def explain_stuck(teller, log, samples, seconds):
    story = hang.Hang(samples, log, teller, seconds)
    say("why: " + story.headline())
    say_lines(story.lines())
    return breakpoint_at(teller, story.where, story.paging)


def report_of(lines):
    """The report that ends in a panic, or the low part's last words."""
    first = next((number for number, line in enumerate(lines)
                  if line.startswith(EARLY_REPORT)), None)
    panic = next((number for number, line in enumerate(lines)
                  if ktap.PANIC.match(line)), None)
    if panic is not None:
        # A report in front of it is indented, but for its first line.
        first = panic
        while first and lines[first - 1].removeprefix("# ").startswith("  "):
            first -= 1
        first = first - 1 if first and REPORT.match(lines[first - 1]) else panic
    return [] if first is None else lines[first:]


def explain_end(status, errors, files, teller, locator, log):
    """The kernel left by itself."""
    lines = files.lines()
    if status not in (lacuna.PASS, lacuna.FAIL):
        raise Failed(f"QEMU ended by itself with status {status}: "
                     f"{errors.strip() or 'it says nothing'}")
    report = report_of(lines)
    ends = "passed" if status == lacuna.PASS else "failed"
    say("why: nothing died: the kernel ended by itself with status "
        f"{status} ({ends})" + (": it says why." if report else "."))
    for line in report:
        print(locator.annotate(line.removeprefix("# ")))
    if report and report[0].startswith(EARLY_REPORT) and log.last:
        say(f"  which is: {teller.event(log.last)}")
    elif status == lacuna.FAIL and not report and log.last and \
            log.last.is_exception:
        say(f"  the last exception was: {teller.event(log.last)}")
    tests = ktap.read("\n".join(lines) + "\n")
    if tests.cases:
        print(f"  self-tests: {tests.summary()}")
    for case in tests.failed:
        print(f"    failed: {case.full_name}")


def seconds_given():
    text = os.environ.get("WHY_SECONDS") or str(SECONDS)
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0
    if not seconds > 0:
        raise Failed(f"WHY_SECONDS={text} is no number of seconds")
    return seconds


def explain(elf_path, append, locator):
    """Boot, watch, and say how it went."""
    image, seconds = elf.Image(elf_path), seconds_given()
    image.demand_multiboot(elf_path)
    files = Files(elf_path.with_name("why.log"),
                  elf_path.with_name("why.serial"))
    with tempfile.TemporaryDirectory(prefix="lacuna") as folder:
        socket_path = pathlib.Path(folder) / "qmp"
        with start(elf_path, append, files, socket_path) as process:
            monitor = connect(process, socket_path)
            machine = cpu.Machine(monitor, image)
            teller = words.Words(image, locator, machine)
            outcome, samples = watch(monitor, machine, image, files, seconds)
            log = intlog.Log(files.log)
            if outcome == ENDED:
                process.close(PATIENCE)
                explain_end(process.status, process.errors, files, teller,
                            locator, log)
                return
            place = (explain_shut_down(monitor, teller, log, samples)
                     if outcome == SHUT_DOWN else
                     explain_stuck(teller, log, samples, seconds))
            say_last_lines(files)
            say(f"Every exception: {lacuna.shown(files.log)}; "
                f"the serial port: {lacuna.shown(files.serial)}")
            say_next(place, append)


def main():
    elf_path = pathlib.Path(sys.argv[1] if len(sys.argv) > 1
                            else lacuna.kernel()).resolve()
    append = run.command_line(os.environ.get("APPEND", ""), False)
    lacuna.die_cleanly()
    locator = locate.Locator(elf_path)
    try:
        explain(elf_path, append, locator)
    except elf.Unusable as reason:
        say(f"why: {reason}", sys.stderr)
        return 1
    except socket.timeout:
        print(f"why: QEMU does not answer within {PATIENCE} s", file=sys.stderr)
        return 1
    except Failed as reason:            # it may have lines of its own
        print(f"why: {reason}", file=sys.stderr)
        return 1
    finally:
        locator.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
