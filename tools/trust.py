#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""trust.py - the long forms of the tests, which take hours: `make trust`

    tools/trust.py [WORD ...]           only steps that have one of the words

Problem     What `make test` tries in ten minutes is a sample. Whoever wants to
            rely on the kernel lets a machine try for a night.
Idea        A list of steps, each a command or a boot that can be run alone.
            They run one after the other, each says what it found, and a table
            at the end says it again.
Failure     A step that fails keeps its log; the others run all the same.
Read first  steps, then main
See         docs/trust.md
"""

import itertools
import os
import sys
import time

import guards
import ktap
import lacuna

FOLDER = lacuna.build_dir() / "trust"
HOUR = 3600


class Command:
    """A step that make or pytest knows."""

    def __init__(self, name, *argv, **environment):
        self.name, self.argv = name, argv
        self.environment = environment

    def run(self, log):
        """Returns the line to show, and whether all is well."""
        environment = {**lacuna.clean_environment("O"), **self.environment}
        last = b""
        with lacuna.Process(self.argv, 8 * HOUR, cwd=lacuna.ROOT,
                            env=environment) as process, log.open("wb") as file:
            for chunk in process.chunks():
                file.write(chunk)
                last = (last + chunk)[-2000:]
            file.write(process.errors.encode())
            good = process.status == 0
        lines = last.decode("utf-8", "replace").strip().splitlines()
        return lines[-1] if lines else "it said nothing", good


class Boot:
    """Self-tests on one machine; the kernel is built before."""

    def __init__(self, name, mem, append, build="build", cpu="max"):
        self.name = f"{name}, {mem}, {cpu}"
        self.told = {"elf": lacuna.ROOT / build / "lacuna.elf", "mem": mem,
                     "cpu": cpu, "append": f"{append} exit"}

    def run(self, log):
        run = lacuna.boot(timeout=2 * HOUR, **self.told)
        log.write_text(run.log, encoding="ascii", errors="replace")
        report = ktap.read(run.log)
        problems = report.problems(run.status, run.timed_out)
        return problems[0] if problems else report.summary(), not problems


def steps():
    """What is tried, what takes longest last."""
    yield Command("the kernel, four ways", "sh", "-ec",
                  "make -s && for v in DEBUG KASAN UBSAN; do "
                  "make -s $v=1; done; echo built")
    yield Command("coverage", "make", "-s", "coverage")
    yield Command("benchmarks, twice the same", "sh", "-ec",
                  "make -s; for n in 1 2; do make -s bench "
                  ">build/trust/bench$n; done; cmp build/trust/bench1 "
                  "build/trust/bench2; echo identical")
    for variant in ["kasan", "ubsan", "debug"]:
        for mem, cpu in [("64M", "max"), ("512M", "pentium3"),
                         ("2G", "max"), ("16G", "max")]:
            yield Boot(f"all self-tests, {variant}", mem, "test=*",
                       f"build/{variant}", cpu)
    yield Command("what the book has one type", lacuna.python(), "-m",
                  "pytest", "-q", "-p", "no:cacheprovider", "-k",
                  "page_has_one_type", "tests/machine/test_book.py",
                  BOOK="all")
    yield Command("sins, without one means at a time", lacuna.python(),
                  "tools/sins.py", "--each")
    for mem in ["16M", "64M", "1G", "2G"]:
        yield Boot("slow self-tests", mem, "test=* slow")
    yield Boot("slow self-tests, kasan", "64M", "test=* slow", "build/kasan")
    for mem, option in itertools.product(["64M", "512M"], guards.OPTIONS[1:]):
        yield Boot(f"all self-tests, guard menu, {option}", mem,
                   f"test=* {option}")
    for option in ["vmap=list", "vmap=rbtree", "vmap_purge=lazy"]:
        yield Boot(f"slow self-tests, {option}", "64M", f"test=* slow {option}")
    for seed in range(1, 11):
        yield Boot(f"refusals and mixtures, seed {seed}", "64M",
                   f"slow test=sweep.*,mixed.* seed={seed}")
    for seed in range(1, 6):
        yield Boot(f"interrupts at any instruction, seed {seed}", "1G",
                   f"slow test=step.* seed={seed}")
    yield Command("deeper reading", "make", "-s", "O=build/trust/deep",
                  "say=", "static", "TIDY_STEPS=225000",
                  "TIDY_STEPS_TESTS=225000")
    yield Command("every state", "make", "-s", "exhaust", ALL="1")
    yield Command("10^7 operations of each module", "make", "-s",
                  "host-tests", OPS="10000000")
    yield Command("10^8 inputs for the parsers", "make", "-s", "fuzz",
                  FUZZ_RUNS="100000000")
    yield Command("10^4 hostile loaders", "sh", "-ec", "make -s loader && "
                  f"{lacuna.python()} -m pytest -q -p no:cacheprovider "
                  "-n 2 -k made_up tests/machine/test_hostile.py",
                  HOSTILE_SEEDS="10000")


def show(verdict, name, seconds, text):
    print(f"{verdict:6} {name:44} {seconds:7.0f} s  {text}", flush=True)


def main():
    words = sys.argv[1:]
    lacuna.die_cleanly()
    os.chdir(lacuna.ROOT)
    FOLDER.mkdir(parents=True, exist_ok=True)
    chosen = [step for step in steps()
              if not words or any(word in step.name for word in words)]
    table, begin = [], time.monotonic()
    for number, step in enumerate(chosen, 1):
        print(f"[{number:2}/{len(chosen)}] {step.name} ...", flush=True)
        log = FOLDER / f"{number:02}.log"
        started = time.monotonic()
        text, good = step.run(log)
        if not good:
            text += f" ({lacuna.shown(log)})"
        table.append(("ok" if good else "FAILED", step.name,
                      time.monotonic() - started, text))
        show(*table[-1])
    print()
    for row in table:
        show(*row)
    failed = sum(verdict != "ok" for verdict, *_ in table)
    print(f"{time.monotonic() - begin:.0f} s; "
          f"{len(table) - failed} passed, {failed} failed")
    return 1 if failed or not table else 0


if __name__ == "__main__":
    sys.exit(main())
