#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""guards.py - what each option of the guard menu finds, and what it costs

    tools/guards.py                     compare docs/guards.md with what is seen
    tools/guards.py --quick             only what is found, and without KASAN=1
    tools/guards.py --write             write it

Problem     A table that says which option finds which mistake is soon wrong,
            and nobody sees it.
Idea        A self-test makes each mistake and prints whether it was noticed,
            and when (tests/mm/test_guards.c). Boot it with each option, measure
            the same three operations with each, and make the table of that.
Invariants  GU1 Each cell between the marks is what a kernel said.
See         tests/machine/test_guards.py, docs/guards.md
"""

import argparse
import re
import sys

import lacuna

PAGE = lacuna.ROOT / "docs/guards.md"
OPTIONS = ["", "guard=both", "guard=right", "quarantine=256", "page_poison",
           "page_owner"]
KASAN = "KASAN=1"
HEADS = ["default", "both", "right", "quarantine", "poison", "owner", "KASAN=1"]
FOUND = re.compile(r"^guards: (.*): (never|later|at once)$", re.MULTILINE)
AREA = re.compile(r"^guards: an area of 10000 bytes: (\d+) frames, "
                  r"(\d+) pages of addresses$", re.MULTILINE)
FRAMES = re.compile(r"^guards: frames of the machine: (\d+)$", re.MULTILINE)
BENCH = re.compile(r"^bench: (\S+) (\d+) ticks$", re.MULTILINE)
MEASURED = ["vmalloc.1p.pair", "vmalloc.16p.pair", "page.order0.pair"]
ICOUNT = ["-icount", "shift=0,sleep=off"]


class Wrong(Exception):
    """A kernel that did not do what was asked."""


def kernels(quick):
    """(kernel, option) for each column."""
    yield from ((lacuna.kernel(), option) for option in OPTIONS)
    if not quick:
        yield lacuna.ROOT / "build/kasan/lacuna.elf", ""


def boot(elf, append, mem, extra=()):
    run = lacuna.boot(elf=elf, mem=mem, append=f"{append} exit", extra=extra,
                      timeout=300)
    if run.status != 33:
        raise Wrong(f"{lacuna.shown(elf)} {append}: status {run.status}\n"
                    + run.log[-2000:])
    return run.log


def found(elf, option):
    """The log of a kernel in which each mistake was made."""
    return boot(elf, f"test=guards.table {option}", "64M")


def cost(elf, option):
    """name -> instructions"""
    log = boot(elf, f"bench={','.join(MEASURED)} {option}", "64M", ICOUNT)
    figures = {name: int(value) for name, value in BENCH.findall(log)}
    return [figures[name] for name in MEASURED]


def row(*cells):
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def head(first, heads):
    return [row(first, *heads), row(*["---"] * (1 + len(heads)))]


def table_of_mistakes(logs):
    columns = [dict(FOUND.findall(log)) for log in logs]
    heads = HEADS[:len(logs)]
    shown = {"never": "", "later": "later", "at once": "at once"}
    return head("mistake", heads) + [
        row(name, *(shown[column[name]] for column in columns))
        for name in columns[0]]


def table_of_costs(logs, costs):
    areas = [AREA.search(log).groups() for log in logs]
    frames = [int(FRAMES.search(log)[1]) for log in logs]
    lines = head("cost", HEADS)
    lines += [row(f"`{name}`, instructions", *(column[i] for column in costs))
              for i, name in enumerate(MEASURED)]
    lines.append(row("frames of an area of 10000 bytes",
                     *(area[0] for area in areas)))
    lines.append(row("pages of addresses of it", *(area[1] for area in areas)))
    return lines + [row("memory of 64 MiB, KiB",
                        *((frames[0] - count) * 4 for count in frames))]


def between(text, name):
    """What stands in the page between the marks of that name."""
    begin, end = f"<!-- {name}: begin -->\n", f"<!-- {name}: end -->"
    return text.split(begin)[1].split(end)[0]


def replaced(text, name, lines):
    begin = f"<!-- {name}: begin -->\n"
    old = begin + between(text, name)
    return text.replace(old, begin + "\n".join(lines) + "\n")


def columns_of(lines, number):
    """The first columns of a table: KASAN=1 is the last."""
    return ["|".join(line.split("|")[:2 + number]) for line in lines]


def complaints(quick):
    """What the page says otherwise than the kernels do."""
    text = PAGE.read_text(encoding="ascii")
    columns = list(kernels(quick))
    logs = [found(*column) for column in columns]
    seen = columns_of(table_of_mistakes(logs), len(columns))
    said = columns_of(between(text, "mistakes").splitlines(), len(columns))
    if not quick:
        seen += table_of_costs(logs, [cost(*column) for column in columns])
        said += between(text, "costs").splitlines()
    return [f"docs/guards.md: says  {old}\n  the kernels say     {new}"
            for old, new in zip(said, seen) if old != new] + (
                ["docs/guards.md: the tables have not as many rows"]
                if len(said) != len(seen) else [])


def write():
    columns = list(kernels(False))
    logs = [found(*column) for column in columns]
    text = PAGE.read_text(encoding="ascii")
    text = replaced(text, "mistakes", table_of_mistakes(logs))
    text = replaced(text, "costs", table_of_costs(
        logs, [cost(*column) for column in columns]))
    PAGE.write_text(text, encoding="ascii")


def main():
    parser = argparse.ArgumentParser(description="the table of the guard menu")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    lacuna.die_cleanly()
    try:
        if options.write:
            write()
        wrong = complaints(options.quick)
    except Wrong as wrong:
        sys.exit(str(wrong))
    print(*wrong, f"guards: {len(wrong)} rows differ", sep="\n")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
