#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""claims.py - is every claim of docs/claims.md proved by a test that passed?

    tools/claims.py build/test/2G-max.ktap build/lacuna.elf

Problem     A table that names tests and functions rots: they are renamed, or
            skipped, and the sentence still says "proved".
Idea        A row is | C1 | claim | suite.case | function | proved |. For each
            row that says proved, its tests must have passed in the given report
            and its functions must be in the kernel. Several are separated by
            a comma. An open row is only counted.
"""

import re
import subprocess
import sys

import ktap
import lacuna

ROW = re.compile(r"\| *(C\d+) *\|(.*)\|(.*)\|(.*)\| *(\w+) *\|$")


def words(cell):
    """The names in a cell: separated by commas, with or without `quotes`."""
    return [word.strip(" `()") for word in cell.split(",") if word.strip(" `")]


def functions_of(elf):
    table = subprocess.run([lacuna.cross("nm"), elf], text=True,
                           capture_output=True, check=True).stdout
    entries = (line.split() for line in table.splitlines())
    return {entry[2] for entry in entries if entry[1] in "tTwW"}


def check_row(row, report, functions):
    """What is wrong with one row, in sentences."""
    claim, _, tests, code, state = row.groups()
    if state not in ("proved", "open"):
        yield f"{claim}: the last field is {state}, not proved or open"
    if state != "proved":
        return
    if not words(tests) or not words(code):
        yield f"{claim}: proved, but no test or no function is named"
    for name in words(tests):
        case = report.named(name)
        if not case:
            yield f"{claim}: no test is called {name}"
        elif case.status != "pass":
            yield f"{claim}: {name} did not pass ({case.status})"
    for name in words(code):
        if name not in functions:
            yield f"{claim}: the kernel has no function {name}"


def main():
    log, elf = sys.argv[1:]
    with open(log, encoding="ascii", errors="replace") as file:
        report = ktap.read(file.read())
    with open(lacuna.ROOT / "docs/claims.md", encoding="utf-8") as file:
        lines = [line.rstrip("\n") for line in file]
    found = report.broken()
    rows = [row for row in map(ROW.match, lines) if row]
    numbers = [row[1] for row in rows]
    if not rows or numbers != [f"C{n}" for n in range(1, len(rows) + 1)]:
        found.append("the claims are not C1, C2, C3 ... in order")
    functions = functions_of(elf)
    for row in rows:
        found += check_row(row, report, functions)
    proved = sum(row[5] == "proved" for row in rows)
    print("\n".join([*found, f"claims: {proved} proved, {len(rows) - proved} "
                             f"open, {len(found)} wrong"]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
