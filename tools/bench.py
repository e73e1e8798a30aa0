#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""bench.py - what each operation costs, in instructions: `make bench`

    tools/bench.py [--only GLOBS] [--check] ELF COUNTING_ELF

Problem     Time on an emulated machine says nothing, and differs on each run.
Idea        Under -icount shift=0,sleep=off one tick of the TSC is one
            instruction, so a cost is a number that never changes. What an
            instruction hides (flushes, page-table writes, locks) a second
            kernel counts, which does the same. Each index has its turn.
Picture     ELF, each index ----> instructions --.
            ELF, vmalloc=512M --> of what asked   >-- joined by name --> table,
            ELF, elsewhere -----> a few         |    JSON, plots
            COUNTING_ELF -------> events --------'
Failure     A kernel that fails ends it. With --check so does a missed goal.
Read first  measure, then main
See         docs/book/bench.md, tests/bench/bench.c
"""

import argparse
import concurrent.futures
import os
import re
import sys

import bench_figures
import bench_plots
import bench_table
import ktap
import lacuna

FOLDER = lacuna.build_dir() / "bench"
TIME_LIMIT = 400
ICOUNT = ["-icount", "shift=0,sleep=off"]
INDEXES = ("list", "rbtree", "vmem")
# name -> (what it is called there, memory, command line)
ELSEWHERE = {
    "boot.lowmem.free.8G": ("boot.lowmem.free", "8G", ""),
    "vmalloc.1p.lazy.pair": ("vmalloc.1p.pair", "2G", "vmap_purge=lazy")}
BENCH = re.compile(r"^bench: (\S+) (\d+) (\S+)$", re.MULTILINE)
NEEDS_WINDOW = re.compile(r"^# bench: (\S+): needs vmalloc=512M$",
                          re.MULTILINE)
INDEX = re.compile(r"^# bench: areas are found by (\S+)$", re.MULTILINE)


class Failed(Exception):
    """The kernel reports a failure: there are no figures."""


def boot(elf, globs, mem="2G", more=""):
    """The log of one machine that measured what globs pick."""
    append = " ".join(filter(None, [f"bench={globs}", more, "exit",
                                    os.environ.get("APPEND")]))
    run = lacuna.boot(timeout=TIME_LIMIT, elf=elf, mem=mem, append=append,
                      extra=ICOUNT)
    report = ktap.read(run.log)
    if run.status != lacuna.PASS or report.panics:
        raise Failed(f"bench: the kernel reports a failure\n{run.why(40)}")
    return run.log


def read(log):
    """name -> (value, unit)"""
    found = {}
    for name, value, unit in BENCH.findall(log):
        if name in found:
            raise Failed(f"bench: two benchmarks are named {name}")
        found[name] = (int(value), unit)
    return found


def measure(elf, globs, index=None):
    """(name -> (value, unit), the index) of one kernel, by one index.

    What needs a larger window gets it in a second machine: a larger window
    leaves less low memory, and most want the usual machine.
    """
    more = f"vmap={index}" if index else ""
    log = boot(elf, globs, more=more)
    found = read(log)
    wide = ",".join(NEEDS_WINDOW.findall(log))
    if wide:
        larger = read(boot(elf, wide, more=f"{more} vmalloc=512M"))
        found = {**found, **{name: pair for name, pair in larger.items()
                             if name not in found}}
    return found, INDEX.search(log)[1]


def measure_elsewhere(elf):
    """The same on other machines, by the names that ELSEWHERE gives it."""
    return {name: read(boot(elf, known_as, mem, more))[known_as]
            for name, (known_as, mem, more) in ELSEWHERE.items()}


def measure_all(elf, counting_elf, globs, peers):
    """Every machine there is to boot; returns Figures."""
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        default = pool.submit(measure, elf, globs)
        counts = pool.submit(measure, counting_elf, globs)
        measured, index = default.result()
        runs = {name: pool.submit(measure, elf, globs, name)
                for name in INDEXES if name != index}
        other = pool.submit(measure_elsewhere, elf) if globs == "*" else None
        by_index = {name: runs[name].result()[0] if name in runs else
                    dict(measured) for name in INDEXES}
        for name, run in runs.items():
            if run.result()[1] != name:
                raise Failed(f"bench: vmap={name} was asked for, and "
                             f"{run.result()[1]} searched")
        counted = counts.result()[0]
        measured.update(other.result() if other else {})
    if globs != "*":
        peers = {name: peer for name, peer in peers.items()
                 if name in measured}
    return bench_figures.Figures(measured, by_index, counted, peers, index)


def main():
    parser = argparse.ArgumentParser(description="measure and compare")
    parser.add_argument("--only", default="*", help="as in bench=")
    parser.add_argument("--check", action="store_true",
                        help="a missed goal is a failure")
    parser.add_argument("--folder", default=FOLDER, help="for the results")
    parser.add_argument("--figures", default=bench_figures.SOURCE,
                        help="goals and Linux's figures")
    parser.add_argument("elf")
    parser.add_argument("counting_elf")
    options = parser.parse_args()
    lacuna.die_cleanly()
    peers = bench_figures.read_peers(lacuna.pathlib.Path(options.figures))
    try:
        figures = measure_all(options.elf, options.counting_elf, options.only,
                              peers)
    except Failed as failed:
        sys.exit(str(failed))
    table = bench_table.text(figures)
    folder = lacuna.pathlib.Path(options.folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "bench.txt").write_text(table, encoding="ascii")
    (folder / "bench.json").write_text(figures.json(), encoding="ascii")
    plots = bench_plots.write(figures, folder)
    print(table, end="")
    files = ", ".join(["bench.txt", "bench.json", *plots])
    print(f"in {lacuna.shown(folder)}: {files}")
    complaints = figures.complaints()
    if options.check and complaints:
        sys.exit("\n".join(f"bench: {text}" for text in complaints))


if __name__ == "__main__":
    main()
