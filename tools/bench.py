#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""bench.py - what each operation costs, in instructions: `make bench`

    tools/bench.py ELF

Problem     Time on an emulated machine says nothing, and differs on each run.
Idea        Under -icount shift=0,sleep=off one tick of the TSC is one
            instruction, so a cost is a number that never changes. Where
            Linux 6.1 was measured the same way, its figure stands beside.
Source      Linux: Debian's 686-pae kernel with mitigations=off init_on_alloc=0
            page_alloc.shuffle=0 slub_debug=-, 2 GiB, one CPU, median.
"""

import os
import sys

import ktap
import lacuna

TIME_LIMIT = 300
LINUX = {
    "page.order0.pair": 675, "page.order0.highmem.pair": 597,
    "page.order10.pair": 35719, "kmalloc.64.pair": 215,
    "kmalloc.1024.pair": 215, "vmalloc.1p.pair": 3770,
    "vmalloc.16p.pair": 9801, "vmalloc.256p.pair": 119544,
    "vmalloc.1024p.pair": 470922,
}


def row(name, cost):
    linux = LINUX.get(name)
    if linux is None:
        return f"{name:28} {cost:>10}"
    return f"{name:28} {cost:>10} {linux:>10} {cost / linux:>9.2f}"


def main():
    run = lacuna.boot(timeout=TIME_LIMIT, elf=sys.argv[1], mem="2G",
                      append=f"bench=* exit {os.environ.get('APPEND', '')}",
                      extra=["-icount", "shift=0,sleep=off"])
    if run.status != lacuna.PASS:
        sys.exit(f"bench: the kernel reports a failure\n{run.why()}")
    figures = ktap.read(run.log).benches
    table = [f"{'instructions, 2 GiB':28} {'Lacuna':>10} {'Linux 6.1':>10}"
             f" {'ratio':>9}"]
    table += [row(name, cost) for name, cost in figures.items()]
    print("\n".join(table))


if __name__ == "__main__":
    main()
