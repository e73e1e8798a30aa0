# SPDX-License-Identifier: MIT
"""test_gdb_server.py - `make gdb-server`: a machine that waits for a front end
"""

import contextlib
import json
import re
import shlex
import signal
import socket
import subprocess

import pexpect
import pytest

import lacuna
from gdbsession import (TIMEOUT, elf, environment,      # noqa: F401
                        gdb_command, is_alive, noted_qemu, terminal, tool)

pytestmark = pytest.mark.xdist_group("gdb")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def server(elf, **more):
    """(its terminal, the command that it prints)"""
    more = {"PORT": str(free_port()), "MEM": "64M", **more}
    with terminal(tool("gdb", "--server", elf), **more) as shown:
        shown.expect("waits at port (\\d+) .*\r\n +(gdb .*?)\r\n")
        assert shown.match[1] == more["PORT"]
        command = shown.match[2]
        shown.expect("Ctrl-C ends it")
        yield shown, command


def ask(command, *commands):
    """What GDB answers when it is started as the server says."""
    run = lacuna.run([*shlex.split(command), "-batch", *(
        word for one in commands for word in ("-ex", one))],
        TIMEOUT, cwd=lacuna.ROOT, stderr=subprocess.STDOUT, env=environment())
    assert run.status == 0, run.why()
    return run.log


def test_one_front_end_after_the_other(elf, noted_qemu):
    qemu, note = noted_qemu
    with server(elf, QEMU=qemu) as (shown, command):
        assert "-nx -x tools/gdb/lacuna.gdb -ex 'target remote :" in command
        assert "_start () at boot/start.S" in ask(
            command, "tbreak *_start", "continue", "disconnect")
        assert "kmain" in ask(command, "tbreak *kmain", "continue",
                              "lacuna pt c0100000", "detach")
        shown.expect_exact("[3] p[12288] = 'X', too far")
        pid = int(note.read_text())
        assert is_alive(pid)
        shown.sendintr()
        shown.expect(pexpect.EOF)
        shown.wait()
        assert shown.exitstatus == 0 and "Traceback" not in shown.before
        assert not is_alive(pid)


def test_the_server_takes_qemu_along_when_it_is_killed(elf, noted_qemu):
    qemu, note = noted_qemu
    with server(elf, QEMU=qemu) as (shown, command):
        ask(command, "disconnect")
        pid = int(note.read_text())
        assert is_alive(pid)
        shown.kill(signal.SIGTERM)
        shown.expect(pexpect.EOF)
        shown.wait()
        assert not is_alive(pid)


def test_it_ends_with_the_machine(elf):
    with server(elf, APPEND="exit") as (shown, command):
        ask(command, "detach")
        shown.expect("the machine has ended .QEMU's status is 33")
        shown.expect(pexpect.EOF)
        shown.wait()
        assert shown.exitstatus == 0


def test_it_listens_to_this_machine_only(elf):
    """Whoever listens at all addresses leaves no other to anybody."""
    port = free_port()
    with server(elf, PORT=str(port)) as (_, command):
        ask(command, "disconnect")
        with socket.socket() as other:
            other.bind(("127.0.0.2", port))


def refused(elf, port):
    run = lacuna.run(tool("gdb", "--server", elf), TIMEOUT,
                     env=environment(PORT=str(port)))
    assert run.status != 0 and not run.log
    return run.errors


def test_a_port_that_is_taken_is_named(elf):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        errors = refused(elf, port)
        assert f"port {port}: somebody has it" in errors
        assert "make gdb-server PORT=1235" in errors


@pytest.mark.parametrize("port, says", [
    (0, "there is no such port"), (65536, "there is no such port"),
    (-1, "there is no such port"), ("gdb", "invalid int value: 'gdb'")])
def test_a_port_that_is_none_is_named(elf, port, says):
    assert says in refused(elf, port)


def test_the_registers_of_qemu_system_x86_64(elf):
    with server(elf, QEMU="qemu-system-x86_64") as (_, command):
        said = ask(command, "tbreak oops", "continue", "backtrace",
                   "info registers eip cs", "set $eax = 1",
                   "lacuna explain $cr2", "output/x $cr0")
    assert re.search(r"in demo_overrun \((.*\n)+.* in high_start \(", said)
    assert re.search(r"eip +0xc01\w+ .*<oops>\ncs +0x8 ", said)
    assert "0x8001001" in said and "past the end of vmalloc area" in said
    assert "Writing to registers is not allowed" in said


# --- a front end, as docs/debugging.md sets it up ---------------------------

def launch_json():
    text = (lacuna.ROOT / "docs/debugging.md").read_text(encoding="ascii")
    (fragment,) = re.findall("```json\n(.*?)```", text, re.DOTALL)
    folder = "${workspaceFolder}"
    (one,) = json.loads(fragment)["configurations"]
    assert one["cwd"] == folder
    assert one["program"] == f"{folder}/build/debug/lacuna.elf"
    return one


def test_a_front_end_with_gdbs_machine_interface(elf):
    """Breakpoints by absolute path, as editors set them."""
    one = launch_json()
    address = one["miDebuggerServerAddress"]
    port = free_port()
    commands = [
        *(f'-interpreter-exec console "{setup["text"]}"'
          for setup in one["setupCommands"]),
        f"-file-exec-and-symbols {elf}",
        f"-target-select remote {address.replace('1234', str(port))}",
        f"-break-insert -f {lacuna.ROOT}/mm/vmalloc.c:vmalloc",
        "-exec-continue"]
    with server(elf, PORT=str(port)):
        argv = [*gdb_command(), "-q", "-i=mi", one["miDebuggerArgs"]]
        gdb = pexpect.spawn(argv[0], argv[1:], timeout=TIMEOUT, echo=False,
                            encoding="ascii", cwd=str(lacuna.ROOT),
                            env=environment(TERM="dumb"))
        try:
            for command in commands:
                gdb.expect_exact("(gdb)")
                gdb.sendline(command)
                gdb.expect(r"\^(done|connected|running)")
            gdb.expect("stopped,reason=\"breakpoint-hit\"")
            gdb.expect(f"fullname=\"{lacuna.ROOT}/mm/vmalloc.c\"")
            gdb.sendline('-interpreter-exec console "lacuna vmlist"')
            gdb.expect("asked   pages  kind")
        finally:
            gdb.close(force=True)
