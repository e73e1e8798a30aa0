# SPDX-License-Identifier: MIT
"""test_run.py - what somebody sees who types `make run`"""

import pathlib
import re
import subprocess
import time

import pytest

import ktap
import lacuna

# All of them write build/run.ktap.
pytestmark = pytest.mark.xdist_group("run")

FOLDED = re.compile(r"\[4\] Self-tests: (\d+) of (\d+) passed"
                    r"(?:, (\d+) skipped)? in (\d+) suites   \(\S+run\.ktap\)$",
                    re.MULTILINE)
# Each command of the monitor, with a text that its answer contains.
COMMANDS = [
    ("help", "explain"),
    ("help pt", "hexadecimal"),
    ("zones", "NORMAL"),
    ("buddy", "DMA"),
    ("slabs", "kmalloc"),
    ("vmlist", "guard"),
    ("callers", "monitor_run"),
    ("kmap", "512 slots"),
    ("vmalloc 64K", "16 pages"),
    ("vfree 10", "bad address"),
    ("alloc 2", "frames"),
    ("free 0", "never allocated"),
    ("frag", "in crumbs"),
    ("frag", "given back"),
    ("peek C0100000 16", "  c0100000  "),
    ("poke 10 41", "BAD WRITE CAUGHT"),
    ("test list.*", "fail:0"),
    ("bench page.order0.pair", "ticks"),
    ("log 2", "bench: page.order0.pair"),
    ("map", "direct map"),
    ("pt C0100000", "PDPT"),
    ("page 256", "frame"),
    ("explain C0100000", "direct map"),
    ("nosuch", "help"),
]
ENVIRONMENT = lacuna.clean_environment()
# tools/run.py as make calls it.
TOOL = [lacuna.python(), lacuna.ROOT / "tools/run.py", lacuna.kernel()]


def run_tool(append="", **more):
    """The same with nobody at the terminal."""
    return subprocess.run(TOOL, stdin=subprocess.DEVNULL, text=True,
                          env={**ENVIRONMENT, "APPEND": append, **more},
                          capture_output=True, timeout=60, check=False)


def as_displayed(text):
    """The lines as they stand on the screen when all is done."""
    return [line.split("\r")[-1] for line in text.rstrip("\n").split("\n")]


@pytest.mark.quick
def test_make_run_without_a_terminal(detail):
    begin = time.monotonic()
    run = subprocess.run(["make", "-s", "-C", lacuna.ROOT, "run"], text=True,
                         stdin=subprocess.DEVNULL, env=ENVIRONMENT,
                         capture_output=True, timeout=60, check=False)
    seconds = time.monotonic() - begin
    last = (run.stdout + run.stderr).splitlines()[-12:]
    assert run.returncode == 0, "\n".join(last)
    assert seconds < 40
    passed, total, skipped, suites = FOLDED.search(run.stdout).groups()
    detail(f"{passed} of {total} passed in {suites} suites")
    assert int(passed) + int(skipped or 0) == int(total)

    log = (lacuna.build_dir() / "run.ktap").read_text(encoding="ascii")
    report = ktap.read(log)
    assert report.problems() == []
    assert (int(total), int(suites)) == (len(report.cases), len(report.suites))


@pytest.mark.quick
def test_a_session_at_the_prompt(talk):
    terminal = talk(TOOL, env={**ENVIRONMENT, "APPEND": "seed=1"})
    screen = as_displayed(terminal.wait_for_prompt())
    demand_one_screen(screen)
    assert FOLDED.search("\n".join(screen))
    for command, text in COMMANDS:
        answer = terminal.ask(command)
        assert text in answer, command
        assert "panic: " not in answer
    terminal.type("exit\r")
    assert terminal.wait() == 0


def demand_one_screen(lines):
    """At most 48 lines of at most 80 printable characters."""
    assert len(lines) <= 48, "\n".join(lines)
    for line in lines:
        assert len(line) <= 80, line
        assert line.isprintable(), line


def test_ctrl_a_x_leaves(talk):
    terminal = talk(TOOL, env=ENVIRONMENT)
    terminal.wait_for_prompt()
    terminal.type("\x01x")
    assert terminal.wait() == 0


def frames(output):
    return re.findall(r"frame ([0-9a-f]+) ", output)


def test_the_seed_chooses_the_frames():
    one, again, two = (run_tool(f"seed={seed}").stdout for seed in (1, 1, 2))
    assert len(frames(one)) >= 3
    assert frames(one) == frames(again)
    assert frames(one) != frames(two)


def test_the_report_names_files_and_lines():
    place = re.search(r"^  who .* (\S+\.c):(\d+)$", run_tool("seed=1").stdout,
                      re.MULTILINE)
    assert place
    source = (lacuna.ROOT / place[1]).read_text(encoding="ascii").splitlines()
    assert 0 < int(place[2]) <= len(source)


def test_append_chooses_what_runs():
    run = run_tool("test=list.*")
    assert run.returncode == 0, run.stdout
    assert "  KTAP version 1" in run.stdout     # who asks for tests sees them
    assert "[1]" not in run.stdout


def test_a_failure_is_passed_on():
    run = run_tool("test=planted.failed_expectation")
    assert run.returncode == 1
    assert "run: " in run.stderr


def test_a_panic_is_passed_on():
    run = run_tool("test=planted.panic")
    assert run.returncode == 1
    assert "run: panic: " in run.stderr


@pytest.mark.quick
def test_a_missing_qemu_is_named():
    run = run_tool(QEMU="qemu-that-is-not-there")
    assert run.returncode == 1
    assert "qemu-that-is-not-there not found" in run.stderr


@pytest.mark.quick
def test_a_qemu_that_does_not_start_is_named():
    run = run_tool(CPU="nosuchcpu")
    assert run.returncode == 1
    assert "unable to find CPU model" in run.stderr
    assert "the command was" in run.stderr


def fake_qemu(folder, script):
    path = pathlib.Path(folder) / "qemu"
    path.write_text("#!/bin/sh\n" + script, encoding="ascii")
    path.chmod(0o755)
    return str(path)


@pytest.mark.quick
def test_a_hang_ends_in_time_and_names_the_last_lines(tmp_path):
    qemu = fake_qemu(tmp_path, "echo hello; echo there; exec sleep 60\n")
    program = "import run, sys; run.TIME_LIMIT = 1; sys.exit(run.main())"
    run = subprocess.run(
        [lacuna.python(), "-c", program], stdin=subprocess.DEVNULL, text=True,
        env={**ENVIRONMENT, "QEMU": qemu}, cwd=lacuna.ROOT / "tools",
        capture_output=True, timeout=20, check=False)
    assert run.returncode == 1
    assert re.search(r"run: no end after .*hello\n *there\n", run.stderr,
                     re.DOTALL)


@pytest.mark.quick
def test_a_reset_is_no_success(tmp_path):
    run = run_tool(QEMU=fake_qemu(tmp_path, "echo hello; exit 0\n"))
    assert run.returncode == 1
    assert "before the kernel was done" in run.stderr
