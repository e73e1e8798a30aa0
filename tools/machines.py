# SPDX-License-Identifier: MIT
"""machines.py - the table of machines that the tests have really seen

Problem     "Runs everywhere" is worth what was tried, with which versions.
Idea        A test that boots a machine says so with the fixture `row`: section,
            what it was, how it went. tools/test.py collects the rows from the
            JUnit results, prints them with the time each took, and after a
            whole run that passed writes docs/machines.md: no times there, so
            that it only changes when what was tried changes.
"""

import json
import re
import subprocess

import lacuna

PAGE = lacuna.ROOT / "docs/machines.md"
SECTIONS = ["QEMU", "Loaders", "Emulators", "Compilers", "Hostile loaders"]
HEAD = """\
# Machines
What the kernel has been tried on. `make test` wrote this page when all of its
tests passed; a row is written by the test that did what it says. There are no
times in it, so it changes only with the machines, the tools or the self-tests.
"""

# How each tool of the host says its version.
TOOLS = [
    ("QEMU", ["qemu-system-i386", "--version"]),
    ("GCC", [lacuna.cross("gcc"), "--version"]),
    ("Clang", ["clang", "--version"]),
    ("GRUB", ["grub-mkrescue", "--version"]),
    ("Bochs", ["bochs", "--help"]),
    ("Node", ["node", "--version"]),
    ("GDB", ["gdb", "--version"]),
    ("GNU make", ["make", "--version"]),
]
VERSION = re.compile(r"\d+\.\d+[\w.+~-]*")


def version(argv):
    """The first version number in what a tool says of itself, or none."""
    try:
        said = subprocess.run(argv, text=True, capture_output=True, timeout=20,
                              check=False, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    found = VERSION.search(said.stdout + said.stderr)
    return found[0] if found else ""


class Table:
    """The rows of a run, in sections."""

    def __init__(self, cases):
        self._rows = {section: [] for section in SECTIONS}
        for case in cases:
            failed = {child.tag for child in case} & {"failure", "error"}
            for entry in case.iter("property"):
                if entry.get("name") == "row":
                    section, what, result = json.loads(entry.get("value"))
                    self._rows[section].append(
                        (what, "FAILED" if failed else result,
                         float(case.get("time", 0))))

    @property
    def _sections(self):
        for section, rows in self._rows.items():
            if rows:
                yield section, sorted(rows, key=lambda row: natural(row[0]))

    def text(self):
        """For a terminal, with the seconds that each test took."""
        lines = []
        for section, rows in self._sections:
            lines += ["", section]
            lines += [f"  {what:38} {result:30} {seconds:6.1f} s"
                      for what, result, seconds in rows]
        return "\n".join([*lines, ""])

    def write(self):
        """docs/machines.md"""
        lines = [HEAD]
        for section, rows in self._sections:
            lines += [f"## {section}", "| machine | result |", "|---|---|",
                      *(f"| {what} | {result} |" for what, result, _ in rows),
                      ""]
        lines += ["## Tools", "| tool | version |", "|---|---|",
                  *(f"| {name} | {version(argv)} |" for name, argv in TOOLS
                    if version(argv)), ""]
        PAGE.write_text("\n".join(lines), encoding="ascii")


def natural(text):
    """A key that puts 64M before 512M, and 512M before 1G."""
    def size(match):
        return f"{lacuna.parse_size(match[0]):020}"
    return re.sub(r"\b\d+[KMG]\b", size, text)
