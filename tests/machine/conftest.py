# SPDX-License-Identifier: MIT
"""conftest.py - what every test from outside begins with: a machine

boot    boots the kernel, waits for its end and returns a Run with its report:
                run = boot(mem="64M", append="test=* exit")
                assert run.problems() == []
live    starts a machine that stays, to be looked at through QMP or GDB's
        protocol while it runs; it is ended with the test.
talk    starts a command on a terminal of its own and talks to the monitor in
        it: talk(lacuna.machine(append="monitor exit")).ask("zones")

row     what the test has shown about a machine, for docs/machines.md:
                row("256 MiB, pentium3", "650 passed", section="QEMU")

A test that fails prints for each of its machines the command that repeats it
and the last lines of its log. Tests marked quick are part of `make check`;
those marked slow begin before all others, so that no core waits for them.
"""

import dataclasses
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time

import pexpect
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
sys.dont_write_bytecode = True

import gdbstub                          # noqa: E402 - they need the path
import ktap                             # noqa: E402
import lacuna                           # noqa: E402
import qmp                              # noqa: E402


def make(*words, expect=0):
    """Everything a make prints, with no build and no compiler chosen but in
    words."""
    done = lacuna.run(["make", *words], 600, cwd=lacuna.ROOT,
                      env=lacuna.clean_environment(
                          "O", "DEBUG", "CC", "CROSS_COMPILE", "LD", "NM"),
                      stderr=subprocess.STDOUT)
    assert done.status == expect, done.why()
    return done.log


@dataclasses.dataclass
class Booted(lacuna.Run):
    """A Run whose log has been read as KTAP."""

    def __post_init__(self):
        self.report = ktap.read(self.log)

    def problems(self):
        return self.report.problems(self.status, self.timed_out)

    def line_with(self, text):
        """The first line that contains text; fails when there is none."""
        found = [line for line in self.lines if text in line]
        assert found, f"no line says {text!r}"
        return found[0]


class Live:
    """A machine that runs beside the test."""

    def __init__(self, folder, timeout=30, **options):
        self._folder = pathlib.Path(folder)
        self._log = self._folder / "serial"
        self._timeout = timeout
        extra = ["-no-shutdown", "-qmp", self._socket("qmp"),
                 "-gdb", self._socket("gdb"), *options.pop("extra", [])]
        options.setdefault("serial", f"file:{self._log}")
        argv = lacuna.machine(extra=extra, **options)
        self._process = lacuna.Process(argv, timeout)
        self.monitor = qmp.Monitor(self._connect("qmp"))
        self._stub = None

    def _connect(self, name):
        """To a socket of QEMU, which may still be about to make it."""
        patience = time.monotonic() + self._timeout
        while True:
            connection = socket.socket(socket.AF_UNIX)
            connection.settimeout(self._timeout)
            try:
                connection.connect(str(self._folder / name))
                return connection
            except (FileNotFoundError, ConnectionRefusedError):
                connection.close()
                if time.monotonic() > patience:
                    raise
            time.sleep(0.01)

    def _socket(self, name):
        return f"unix:{self._folder / name},server=on,wait=off"

    @property
    def stub(self):
        if not self._stub:
            self._stub = gdbstub.Stub(self._connect("gdb"))
        return self._stub

    @property
    def log(self):
        if not self._log.exists():
            return ""
        return self._log.read_text(encoding="ascii", errors="replace")

    def screen(self):
        return self.monitor.screen(self._folder / "screen")

    def so_far(self):
        """How it went up to now, as boot() would return it."""
        process = self._process
        return Booted(process.argv, process.status,
                      self.log.replace("\r\n", "\n"), process.errors,
                      process.seconds, process.timed_out)

    def wait(self):
        """Until it ends by itself; returns what boot() would."""
        for _ in self._process.chunks():
            pass
        return self.so_far()

    def wait_for_power_off(self):
        """Until the kernel has switched it off; QEMU then keeps it as it is."""
        self.monitor.wait_for("SHUTDOWN")

    def close(self):
        self.monitor.close()
        if self._stub:
            self._stub.close()
        self._process.close(patience=0)


class Talk:
    """A terminal of 80 columns with the kernel's monitor on it."""

    PROMPT = "lacuna> "

    def __init__(self, argv, env=None, timeout=40):
        argv = [str(word) for word in argv]
        self._child = pexpect.spawn(
            argv[0], argv[1:], env=env, dimensions=(50, 80), timeout=timeout,
            encoding="ascii", codec_errors="strict")
        self.output = ""

    def wait_for_prompt(self):
        """Returns what came before the prompt, with simple line ends."""
        self._child.expect_exact(self.PROMPT)
        return self._read()

    def ask(self, command):
        """Type a command; returns the answer."""
        self._child.sendline(command)
        return self.wait_for_prompt()

    def type(self, keys):
        self._child.send(keys)

    def type_bytes(self, data):
        """What is no text; as much at a time as fits on its way."""
        while data:
            data = data[os.write(self._child.child_fd, data[:64]):]

    def wait(self):
        """Until it ends; returns its exit status."""
        self._child.expect(pexpect.EOF)
        self._read()
        self._child.close()
        return self._child.exitstatus

    def _read(self):
        text = self._child.before.replace("\r\n", "\n")
        self.output += text
        return text

    def why(self):
        return f"{self._child.command}: {self.output}{self._child.buffer}"

    def close(self):
        self._child.close(force=True)


@pytest.fixture
def machines(request):
    """What to say about each machine of a test that fails."""
    request.node.machines = []
    return request.node.machines


@pytest.fixture
def boot(machines):
    def boot_and_note(timeout=60, **options):
        run = lacuna.boot(timeout, **options)
        booted = Booted(**dataclasses.asdict(run))
        machines.append(booted.why)
        return booted
    return boot_and_note


@pytest.fixture
def live(machines):
    started = []

    def start(**options):
        # Not tmp_path: a socket's path has at most 107 characters.
        folder = tempfile.TemporaryDirectory(prefix="lacuna")
        started.append((folder, Live(folder.name, **options)))
        machine = started[-1][1]
        machines.append(lambda: machine.so_far().why())
        return machine
    yield start
    for folder, machine in started:
        machine.close()
        folder.cleanup()


@pytest.fixture
def talk(machines):
    started = []

    def start(argv, **options):
        started.append(Talk(argv, **options))
        machines.append(started[-1].why)
        return started[-1]
    yield start
    for terminal in started:
        terminal.close()


@pytest.fixture
def detail(record_property):
    """Say something behind PASSED: detail("214 of 214 passed")."""
    return lambda text: record_property("detail", text)


@pytest.fixture
def row(record_property):
    """A line for the table of machines; the same in every run that passes."""
    def note(what, result, section):
        record_property("row", json.dumps([section, what, result]))
    return note


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    if report.when == "call" and report.failed:
        for number, why in enumerate(getattr(item, "machines", []), 1):
            report.sections.append((f"machine {number}", why()))


def pytest_report_teststatus(report):
    if report.when == "call" and report.passed:
        detail = dict(report.user_properties).get("detail", "")
        return "passed", ".", f"ok {report.duration:5.1f} s  {detail}".rstrip()
    return None


def pytest_configure(config):
    lacuna.die_cleanly()
    config.addinivalue_line("markers", "quick: part of `make check`")
    config.addinivalue_line("markers", "slow: takes ten seconds or more")
    config.addinivalue_line("markers", "xdist_group: stays on one core")
