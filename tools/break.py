#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""break.py - put a known fault into a copy of the kernel, see who notices

    tools/break.py                  lists the faults
    tools/break.py NAME             builds and boots a copy with that fault
    tools/break.py --check NAME     fails unless the tests it names catch it
    tools/break.py --all            the same for every fault, all tests asked

Problem     A test that has never failed may be unable to.
Idea        tests/bugs/NAME.patch is one mistake that somebody might make. A
            copy of the tree with that mistake is built in build/break/NAME and
            runs all self-tests (not with --check), on two machines. The patch
            begins with
                # NAME: what is wrong, in one line
                # Caught by: suite.case
            and each test named there must fail also when it runs alone.
Speaking    A case speaks when one of its own expectations fails. After some
            faults the books of the kernel never balance again, and every case
            fails: that alone is not counted.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys

import ktap
import lacuna

BUGS = lacuna.ROOT / "tests/bugs"
MACHINES = ["64M", "1G"]
TIME_LIMIT = 30                     # seconds for one boot
CAUGHT_BY = re.compile(r"# Caught by: (.*)")
EXPECTATION = re.compile(r"# \S+\.[ch]:\d+: ")
SHOWN = 6                           # names for one machine


def names():
    return sorted(patch.stem for patch in BUGS.glob("*.patch"))


def header(name):
    """The first comment line of a patch, and the tests that catch it."""
    lines = (BUGS / f"{name}.patch").read_text(encoding="ascii").splitlines()
    tests = [match[1].split(", ") for match in map(CAUGHT_BY.match, lines)
             if match]
    return lines[0].removeprefix("# "), tests[0] if tests else []


def copy_objects(folder):
    """What is built already need not be built again, save what is broken."""
    built, copy = lacuna.ROOT / "build", folder / "build"
    if lacuna.build_dir() != built or copy.exists():
        return
    copy.mkdir()
    for name in ("flags", "link-flags"):
        shutil.copy2(built / name, copy)
    for path in lacuna.ROOT.glob("*/objs.mk"):
        shutil.copytree(built / path.parent.name, copy / path.parent.name)


def build(name):
    """Build the copy; returns its kernel, or None when that failed."""
    folder = lacuna.ROOT / "build/break" / name
    lacuna.copy_tree(folder)
    copy_objects(folder)
    patch = ["patch", "-p1", "-s", "--no-backup-if-mismatch", "-r", "-",
             "-i", str(BUGS / f"{name}.patch")]
    make = ["make", "-s", "-j", str(os.cpu_count())]
    for argv in (patch, make):
        done = lacuna.run(argv, 300, cwd=folder, stderr=subprocess.STDOUT,
                          env=lacuna.clean_environment("O", "DEBUG", "WERROR"))
        if done.status != 0:
            print(f"  {done.command} failed:\n{done.log}")
            return None
    return folder / "build/lacuna.elf"


def spoken(elf, mem, tests):
    """Boot the copy; the names of the tests that spoke, and the report."""
    run = lacuna.boot(TIME_LIMIT, elf=elf, mem=mem, append=f"test={tests} exit")
    report = ktap.read(run.log)
    said = [case.full_name for case in report.failed
            if any(map(EXPECTATION.match, case.notes))]
    said += report.panics
    if not report.complete and not report.panics:
        said.append("no complete report" + " in time" * run.timed_out)
    return said, report


def tell(elf, mem):
    """Boot the copy with all tests and print who spoke."""
    said, report = spoken(elf, mem, "*")
    print(f"  {mem:>4}  {len(report.failed)} of {len(report.cases)} failed; "
          "these spoke:")
    for name in said[:SHOWN] or ["none"]:
        print(f"        {name}")
    if len(said) > SHOWN:
        print(f"        and {len(said) - SHOWN} more", flush=True)


def demonstrate(name, all_tests=True):
    """Build, boot, tell who speaks; returns whether it was caught as the patch
    says. Without all_tests only those that it names are asked."""
    title, expected = header(name)
    print(title, flush=True)
    elf = build(name)
    if not elf:
        return False
    if all_tests:
        for mem in MACHINES:
            tell(elf, mem)
    missed = [test for test in expected if all(
        test not in spoken(elf, mem, test)[0] for mem in MACHINES)]
    if missed or not expected:
        print(f"  NOT CAUGHT by {', '.join(missed) or 'any test named'}")
        return False
    print(f"  caught by {', '.join(expected)}, as it should be")
    return True


def main():
    parser = argparse.ArgumentParser(description="break the kernel on purpose")
    parser.add_argument("name", nargs="?", choices=names())
    parser.add_argument("--check", action="store_true",
                        help="only: is the fault caught by whom it should?")
    parser.add_argument("--all", action="store_true", help="check every fault")
    options = parser.parse_args()
    lacuna.die_cleanly()
    if options.all:
        return 0 if all([demonstrate(name) for name in names()]) else 1
    if options.name:
        caught = demonstrate(options.name, all_tests=not options.check)
        return 1 if options.check and not caught else 0
    print("make break BUG=<name>, where <name> is one of")
    for name in names():
        print(f"  {header(name)[0]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
