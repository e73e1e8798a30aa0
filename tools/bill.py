#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""bill.py - which function takes which part of a figure: `make bill`

    tools/bill.py [--folder FOLDER] [--write] ELF [BENCHMARK ...]

Problem     65 instructions instead of 675: what does the other kernel do there?
Idea        One run of the benchmark, instruction by instruction (trace.py).
            Each belongs to a function, also to one that was inlined: the debug
            information knows. Linux's bill was recorded in the same way by
            `make bench-linux`, by its functions in /proc/kallsyms.
Invariants  B1  The bill adds up: it is the figure, which a boot without a
                debugger has printed, and the one instruction that an empty run
                takes (its ret).
Read first  trace_ours, then main
See         docs/linux.md (The bill), tests/bench/bill-linux.txt
"""

import argparse
import collections
import itertools
import os
import re
import struct
import subprocess
import sys
import tempfile

import bench
import elf
import lacuna
import trace

LINUX = lacuna.ROOT / "tests/bench/bill-linux.txt"
BENCHMARKS = ("page.order0.pair", "vmalloc.1p.pair", "vmalloc.256p.pair")
HARNESS = "(the benchmark)"
EMPTY_RUN = 1                       # instructions of tests/bench: empty()
FROM_RUN = 250                      # of 1 + 64 + 201: all is warm
TIME_LIMIT = 200
COLUMN = 38
SHOWN = 25                          # functions; bill.txt has all
PAGE = lacuna.ROOT / "docs/linux.md"
BLOCK = re.compile(r"(?<=<!-- bill: begin -->\n).*(?=<!-- bill: end -->)",
                   re.DOTALL)

# What instructions are for: ours by the file they come from, or the function
# where that has something of everything; Linux's by the function. The first that
# fits; what fits none has the last name.
SHARED = "mm/internal.h"
PURPOSES = ("the benchmark", "locks", "lists and their checks",
            "accounting, tests of rules, hooks", "objects", "addresses",
            "page tables", "flushes", "slack", "frames", "the rest")
OURS = {"the benchmark": r"tests/",
        "locks": r"include/x86/(spinlock|percpu|cpu)|include/lib/assert",
        "lists and their checks": r"include/lib/(list|rbtree)|.*rbtree",
        "accounting, tests of rules, hooks": r".*(failnth|page_free|owner)",
        "objects": r".*(slab|kmem_cache|kmalloc|magazine)",
        "page tables": r".*(pgtable|kspace|fixmap|highmem)|pte_",
        "flushes": r".*tlb",
        "slack": r".*(slack|string)",
        "addresses": r".*(vmap|vmalloc|vm_|vfree|area_stock|layout|bits)",
        "frames": r".*(page|zone|buddy|pcp|gfp|phys)"}
THEIRS = {"the benchmark": r"\(",
          "locks": r"_raw_spin|mutex",
          "lists and their checks": r"__list_|rb_",
          "accounting, tests of rules, hooks":
              r"__rcu|_*SCT_|__cond_resched|should_fail|page_address"
              r"|__x86_indirect|free_pcp_prepare",
          "flushes": r".*flush_tlb|do_kernel_range_flush|smp_call|on_each_cpu"
                     r"|_find_(next|first)|flush_tlb",
          "page tables": r".*pages_range_noflush|__vunmap_range_noflush"
                         r"|p[mu]d_clear|atomic64_xchg",
          "objects": r".*kmem_cache|.*kmalloc|kfree|memset",
          "addresses": r".*vmap_area|.*vm_area|.*vunmap|.*vmalloc|vfree|kvfree"
                       r"|.*vm_unmap|purge_|remove_vm",
          "frames": r".*page|__next_zones"}


class Wrong(Exception):
    """A bill that cannot be made, or does not add up."""


def pick(runs, figure, empty_run, name):
    """The run that nothing interrupted: B1."""
    for run in runs:
        if len(run) == figure + empty_run:
            return run
    raise Wrong(f"bill: {name}: the figure is {figure} and an empty run takes "
                f"{empty_run}, but the runs traced have "
                f"{[len(run) for run in runs]} instructions")


def figure_in(log, name):
    found = re.search(rf"bench: {re.escape(name)} (\d+) ", log)
    if not found:
        raise Wrong(f"bill: the kernel did not measure {name}")
    return int(found[1])


def purpose_of(table, word):
    for purpose in PURPOSES[:-1]:
        if purpose in table and re.match(table[purpose], word):
            return purpose
    return PURPOSES[-1]


# --- ours ----------------------------------------------------------------------

def run_function(image, name):
    """The address of a benchmark's run(), from the list of all of them."""
    start = image.address_of("kbenches_start")
    end = image.address_of("kbenches_end")
    first, second = sorted(
        one.address for one in image.symbols if one.name.startswith("kbench_")
        and start <= one.address < end)[:2]
    size = second - first
    for at in range(start, end, size):
        text, _, run = struct.unpack("<3I", image.code(at, at + 12))
        if image.code(text, text + len(name) + 1) == name.encode() + b"\0":
            return run
    raise Wrong(f"bill: no benchmark is named {name}")


def functions_at(path, addresses):
    """address -> (the innermost function there, inlined or not; its file)"""
    asked = sorted(addresses)
    done = subprocess.run(
        [lacuna.cross("addr2line"), "-f", "-i", "-a", "-e", str(path)],
        input="".join(f"{address:x}\n" for address in asked), text=True,
        capture_output=True, check=True)
    places, lines = {}, iter(done.stdout.splitlines())
    for line in lines:
        if line.startswith("0x"):
            function, file = next(lines), next(lines).split(":")[0]
            places[int(line, 16)] = (function, os.path.relpath(file,
                                                               lacuna.ROOT))
    return places


def trace_ours(path, name):
    """function -> instructions, purpose -> instructions, and the figure."""
    image = elf.Image(path)
    run = run_function(image, name)
    figure = figure_in(bench.boot(path, name), name)
    with tempfile.TemporaryDirectory() as folder:
        argv = lacuna.machine(elf=path, mem="2G", serial=None,
                              append=f"bench={name} exit", extra=bench.ICOUNT)
        with trace.Machine(argv, folder, TIME_LIMIT) as machine:
            runs = trace.runs_of(
                machine.trace(run, FROM_RUN,
                              image.address_of("report_printf")), run)
    executed = pick(list(runs), figure, EMPTY_RUN, name)
    places = functions_at(path, set(executed))
    bill, purposes = collections.Counter(), collections.Counter()
    for address in executed:
        function, file = places[address]
        bill[HARNESS if file.startswith("tests/") else function] += 1
        word = function if file == SHARED else file
        purposes[purpose_of(OURS, word)] += 1
    return bill, purposes, figure


# --- Linux's, as recorded --------------------------------------------------------

def read_linux(path=LINUX):
    """benchmark -> (function -> instructions)"""
    bills = {}
    for line in path.read_text(encoding="ascii").splitlines():
        if line.startswith("["):
            bill = bills[line.strip("[]")] = collections.Counter()
        elif line and not line.startswith("#"):
            count, name = line.split(maxsplit=1)
            bill[name] = int(count)
    return bills


def write_linux(bills, path, source):
    """What read_linux reads."""
    lines = ["# bill-linux.txt - instructions by function, as make bench-linux "
             "recorded them", "#", f"# Source: {source}", "#",
             "# Functions as /proc/kallsyms has them: what was inlined counts "
             "with its caller."]
    for name, bill in bills.items():
        lines += ["", f"[{name}]"]
        lines += [f"{count:7} {function}" for function, count in ordered(bill)]
    path.write_text("\n".join(lines) + "\n", encoding="ascii")


# --- side by side ----------------------------------------------------------------

def ordered(bill):
    return sorted(bill.items(), key=lambda item: (-item[1], item[0]))


def shorten(bill, shown):
    """The first of them, and the others in one line."""
    rows = ordered(bill)
    if not shown or len(rows) <= shown:
        return rows
    rest = sum(count for _, count in rows[shown:])
    return rows[:shown] + [(f"({len(rows) - shown} others)", rest)]


def text(name, ours, linux, shown=None):
    """Two columns, what costs most first; all functions, or so many."""
    def column(item):
        return f"{item[1]:7} {item[0]}" if item else ""
    heads = [(side, sum(bill.values()))
             for side, bill in (("Lacuna", ours), ("Linux 6.1", linux))]
    lines = [name, "".join(f"{column(head):{COLUMN}}" for head in heads),
             "-" * (2 * COLUMN)]
    for left, right in itertools.zip_longest(shorten(ours, shown),
                                             shorten(linux, shown)):
        lines.append(f"{column(left):{COLUMN}}{column(right)}")
    return "\n".join(line.rstrip() for line in lines) + "\n"


def purposes_of(linux):
    theirs = collections.Counter()
    for function, count in linux.items():
        theirs[purpose_of(THEIRS, function)] += count
    return theirs


def summary(ours, theirs):
    """The same by what it is for."""
    lines = [f"{'by what it is for':{COLUMN}}{'Lacuna':>8}{'Linux':>8}"]
    lines += [f"  {purpose:{COLUMN - 2}}{ours[purpose]:8}{theirs[purpose]:8}"
              for purpose in PURPOSES if ours[purpose] or theirs[purpose]]
    return "\n".join(lines) + "\n"


def block(columns):
    """The summaries as a table for docs/linux.md: (name, ours, theirs)."""
    heads = "".join(f" {name} | Linux |" for name, _, _ in columns)
    lines = [f"| instructions for |{heads}",
             "|---|" + "---|---|" * len(columns)]
    for purpose in PURPOSES:
        cells = [side[purpose] for _, *sides in columns for side in sides]
        if any(cells):
            words = " | ".join(str(cell or "") for cell in cells)
            lines.append(f"| {purpose} | {words} |")
    sums = [sum(side.values()) for _, *sides in columns for side in sides]
    lines.append(f"| in all | {' | '.join(map(str, sums))} |")
    return "\n".join(lines) + "\n"


def write_page(columns):
    text = PAGE.read_text(encoding="ascii")
    PAGE.write_text(BLOCK.sub(lambda _: block(columns), text),
                    encoding="ascii")


def main():
    parser = argparse.ArgumentParser(description="instructions by function")
    parser.add_argument("--folder", default=bench.FOLDER, help="for bill.txt")
    parser.add_argument("--write", action="store_true",
                        help="the summary into docs/linux.md")
    parser.add_argument("elf")
    parser.add_argument("benchmarks", nargs="*", default=BENCHMARKS)
    options = parser.parse_args()
    lacuna.die_cleanly()
    recorded, parts, columns = read_linux(), [], []
    try:
        for name in options.benchmarks:
            ours, purposes, figure = trace_ours(options.elf, name)
            linux = recorded.get(name, {})
            sum_line = (f"Lacuna's is {figure} as measured, and {EMPTY_RUN} of "
                        "an empty run\n")
            columns.append((name, purposes, purposes_of(linux)))
            by_purpose = summary(purposes, columns[-1][2])
            print(text(name, ours, linux, SHOWN), by_purpose, sum_line, sep="")
            parts.append(text(name, ours, linux) + by_purpose + sum_line)
    except (Wrong, elf.Unusable) as wrong:
        sys.exit(str(wrong))
    folder = lacuna.pathlib.Path(options.folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "bill.txt").write_text("\n".join(parts), encoding="ascii")
    if options.write:
        write_page(columns)


if __name__ == "__main__":
    main()
