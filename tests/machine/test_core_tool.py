# SPDX-License-Identifier: MIT
"""test_core_tool.py - `make core`: whatever the kernel does, there is a core

It may end, panic, hang or reset the machine; the reader may lose patience, the
disk may be full, the file may be another.
"""

import re
import shlex
import shutil
import struct
import subprocess

import pexpect
import pytest

import core
import lacuna
from gdbsession import (TIMEOUT, batch, elf, environment,  # noqa: F401
                        is_alive, noted_qemu, terminal, tool)
from shrink import elfcore

pytestmark = pytest.mark.xdist_group("gdb")


@pytest.fixture
def copy(elf, tmp_path):
    """The kernel in a folder of its own: its core will lie there."""
    return shutil.copy(elf, tmp_path / "lacuna.elf")


def run(*arguments, before=(), **more):
    return lacuna.run([*before, *tool("core", *arguments)], TIMEOUT,
                      stderr=subprocess.STDOUT, env=environment(**more))


def frames(kernel, path):
    (answer,) = batch(kernel, f"core-file {path}", ["backtrace"])
    return re.sub(r"\n +", " ", answer).splitlines()


def demand_stack(kernel, path, *names):
    lines = iter(frames(kernel, path))
    for name in [*names, "kmain", "boot_high", "high_start"]:
        assert any(name in line for line in lines), (name, frames(kernel, path))


# --- how it ends ------------------------------------------------------------

# QEMU stops the CPU some instructions after it was switched off.
AT_THE_END = r"\b(power_exit|cpu_halt) "

def test_a_panic_leaves_a_core(copy, noted_qemu):
    """The whole way: `make core`, and both ways to open what it made."""
    qemu, note = noted_qemu
    made = run(copy, QEMU=qemu, MEM="64M", APPEND="test=planted.panic")
    assert made.status == 0, made.why()
    assert "panic: planted" in made.log and "the kernel has ended" in made.log
    assert not is_alive(int(note.read_text()))

    path = copy.with_name("lacuna.core")
    demand_stack(copy, path, "power_exit", "panic", "planted_panic")
    assert path.stat().st_blocks * 512 < path.stat().st_size / 2

    by_hand = shlex.split(made.lines[-1])
    opened = lacuna.run([*by_hand, "-batch"], TIMEOUT, cwd=lacuna.ROOT)
    assert re.search(AT_THE_END, opened.log), opened.why()
    with terminal(tool("core", copy, path)) as reader:
        reader.expect(f"{AT_THE_END}.*\\(gdb\\) ")
        assert "another build" not in reader.before
        reader.sendline("lacuna zones")
        reader.expect("NORMAL +1000")
        reader.sendline("quit")
        reader.expect(pexpect.EOF)


def test_ctrl_c_leaves_a_core(copy, noted_qemu):
    qemu, note = noted_qemu
    with terminal(tool("core", copy), QEMU=qemu, MEM="64M",
                  APPEND="test=planted.hang") as reader:
        reader.expect("# Subtest: planted")
        reader.sendintr()
        reader.expect("stopped by Ctrl-C")
        reader.expect(pexpect.EOF)
        reader.wait()
        assert reader.exitstatus == 0
    assert not is_alive(int(note.read_text()))
    demand_stack(copy, copy.with_name("lacuna.core"), "planted_hang")


def test_a_hang_leaves_a_core(copy, monkeypatch):
    monkeypatch.setattr(core, "TIME_LIMIT", 3)
    monkeypatch.setenv("MEM", "64M")
    monkeypatch.setenv("APPEND", "test=planted.hang")
    path = copy.with_name("lacuna.core")
    assert "no end after 3 s" in core.make(copy, path)
    demand_stack(copy, path, "planted_hang")


def test_a_triple_fault_leaves_a_core(copy, live):
    """No interrupt table, and an undefined instruction: the CPU gives up."""
    machine = live(elf=copy, mem="64M", extra=["-S"], exit_device=False)
    kmain = next(one.address for one in core.elf.Image(copy).symbols
                 if one.name == "kmain")
    machine.stub.run_to(kmain)
    lidt_zeros = b"\x0f\x01\x1d" + struct.pack("<I", kmain + 16)
    machine.stub.write_memory(kmain, lidt_zeros + b"\x0f\x0b")
    machine.stub.write_memory(kmain + 16, bytes(6))
    machine.stub.leave()
    assert "triple fault" in core.wait_for_the_end(machine.monitor)
    path = copy.with_name("lacuna.core")
    core.write_core(machine.monitor, path)
    assert "kmain" in frames(copy, path)[0]


# --- what goes wrong --------------------------------------------------------

def test_without_room_there_is_no_core(copy):
    no_file_above_a_mebibyte = ["sh", "-c", 'ulimit -f 2048; exec "$@"', "sh"]
    made = run(copy, before=no_file_above_a_mebibyte, MEM="64M")
    assert made.status == 1
    assert re.search("lacuna.core: .*less MEM=", made.log), made.log
    assert [path.name for path in copy.parent.iterdir()] == ["lacuna.elf"]


def test_a_machine_that_does_not_start_is_said(copy):
    made = run(copy, CPU="nosuch")
    assert made.status == 1 and "no core was written" in made.log
    assert "unable to find CPU model" in made.log


@pytest.mark.parametrize("content, says", [
    (None, "No such file or directory; `make core` makes one"),
    (b"", "it ends after 0 bytes"),
    (b"not an ELF file, but a text\n" * 9, "it is no ELF file"),
    ("lacuna.elf", "it is no core of a 32-bit PC"),
], ids=["missing", "empty", "text", "program"])
def test_what_is_no_core_is_refused(copy, content, says):
    path = copy.with_name("some.core")
    if content == "lacuna.elf":
        content = copy.read_bytes()
    if content is not None:
        path.write_bytes(content)
    opened = run(copy, path)
    assert opened.status == 1 and says in opened.log, opened.log


def test_a_core_of_another_build_is_recognised(copy):
    assert "the kernel has ended" in run(copy, MEM="64M").log
    image = core.elf.Image(copy)
    old = elfcore.Core(copy.with_name("lacuna.core"))
    assert core.is_of(old, image)
    text = next(one for one in image.segments
                if one.executable and one.start >= core.elf.PAGE_OFFSET)
    data = bytearray(copy.read_bytes())
    data[text.offset + text.file_size - 1] ^= 1
    copy.write_bytes(data)
    assert not core.is_of(old, core.elf.Image(copy))
