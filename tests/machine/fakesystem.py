# SPDX-License-Identifier: MIT
"""fakesystem.py - a system that has exactly what a test gives it

Problem     tools/doctor and tools/setup judge the system they run on, and there
            is only one here.
Idea        A folder of commands as the whole PATH: links to the few real ones
            that the scripts use themselves, and to one script that plays all
            others. A second folder, SETUP_ROOT, has the files: os-release, the
            modules of Python. So nothing of this machine is seen.
Invariants  F1  What stands in no table line and was not given is not found.
            F2  Nothing here installs anything: apt-get is a script that notes
                what it was asked for.
See         test_doctor.py, tools/packages.sh (Hook)
"""

import dataclasses
import pathlib
import shutil
import subprocess

import lacuna

OS_RELEASE = {
    "debian": 'PRETTY_NAME="Debian GNU/Linux 12"\nID=debian\n',
    "ubuntu": 'PRETTY_NAME="Ubuntu 24.04"\nID=ubuntu\nID_LIKE=debian\n',
    "mint": 'PRETTY_NAME="Linux Mint"\nID=linuxmint\nID_LIKE="ubuntu debian"\n',
    "fedora": 'PRETTY_NAME="Fedora Linux 40"\nID=fedora\n',
    "arch": 'PRETTY_NAME="Arch Linux"\nID=arch\n',
    "suse": 'PRETTY_NAME="openSUSE Leap"\nID="opensuse-leap"\nID_LIKE="suse"\n',
}
REAL = ("sh", "cat", "dirname", "sed", "find", "grep", "df")

# Plays every command: says a version, knows no Python module, and is a GDB.
PLAYER = """#!/bin/sh
case "$*" in
--version) echo "${0##*/} (for a test 0.1) 9.8.7" ;;
-print-resource-dir) echo "$SETUP_ROOT/clang" ;;
*python*print*) echo 1 ;;
*import?sys*) ;;
*import*) exit 1 ;;
esac
"""


@dataclasses.dataclass
class Answer:
    status: int
    text: str                           # standard output, then error

    @property
    def lines(self):
        return self.text.splitlines()


class FakeSystem:
    def __init__(self, folder, name, root_user=False):
        self.bin, self.root = folder / "bin", folder / "root"
        self.bin.mkdir(parents=True)
        self.root.mkdir()
        for command in REAL:
            (self.bin / command).symlink_to(shutil.which(command))
        kernel = "Darwin" if name == "macos" else "Linux"
        self.script("uname", f"echo {kernel}")
        self.script("id", f"echo {0 if root_user else 1000}")
        (self.bin / ".player").write_text(PLAYER, encoding="ascii")
        (self.bin / ".player").chmod(0o755)
        if name in OS_RELEASE:
            self.file("/etc/os-release", OS_RELEASE[name])

    def script(self, name, *lines):
        """A command of its own, in place of one played before."""
        path = self.bin / name
        path.unlink(missing_ok=True)
        path.write_text("\n".join(["#!/bin/sh", *lines, ""]), encoding="ascii")
        path.chmod(0o755)

    def file(self, name, text=""):
        path = pathlib.Path(f"{self.root}{name}")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="ascii")

    def place(self, thing):
        """Where that what a line of the table looks for lies here."""
        if thing.startswith("/"):
            return pathlib.Path(f"{self.root}{thing.replace('*', 'any')}")
        kind, _, name = thing.rpartition(":")
        if kind == "python":
            return self.root / "usr/lib/python3/dist-packages" / name
        if kind == "clang":
            return self.root / f"clang/lib/any/libclang_rt.{name}.a"
        return self.bin / name

    def has(self, thing):
        return self.place(thing).exists()

    def give(self, *things):
        for thing in set(things):
            place = self.place(thing)
            place.parent.mkdir(parents=True, exist_ok=True)
            if place.parent == self.bin:
                place.symlink_to(".player")
            elif thing.startswith("python:"):
                place.mkdir()
            else:
                place.touch()
        if "python3" in things:         # Debian's, to whom the modules belong
            (self.root / "usr/bin").mkdir(parents=True, exist_ok=True)
            (self.root / "usr/bin/python3").symlink_to(self.bin / ".player")

    def take(self, *things):
        for thing in things:
            place = self.place(thing)
            if place.is_dir():
                place.rmdir()
            else:
                place.unlink()
        if "python3" in things:
            (self.root / "usr/bin/python3").unlink()

    def run(self, tool, *words, tree=lacuna.ROOT, shell="sh", **variables):
        done = subprocess.run(
            [shutil.which(shell), tree / "tools" / tool, *words],
            env={"PATH": str(self.bin), "HOME": str(self.root),
                 "SETUP_ROOT": str(self.root), **variables},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            encoding="ascii", stdin=subprocess.DEVNULL, timeout=60, check=False)
        return Answer(done.returncode, done.stdout)
