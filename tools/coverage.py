#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""coverage.py - which lines and branches of mm/ the tests reach

    tools/coverage.py           after `make COVERAGE=1`, as `make coverage` does

Problem     A line that no test reaches may be wrong for years, and an error
            path is where nobody looks.
Idea        The kernel is built without optimization, so that each branch of
            the source is one of the code, and counts its arcs. Several machines
            run the self-tests (tools/counted.py); their counters are read out
            of memory (tools/gcda.py). The tests on the host count theirs with
            libgcov. gcovr merges both, line by line.
Picture     machines ---> counters ---> gcov --.
            host tests ---> libgcov ---> gcov ---> gcovr ---> HTML, the verdict
Rule        Every line of mm/ is reached, and 95 % of its branches. What cannot
            be reached stands in tests/coverage.txt, by its text, with the
            reason; an exception that is none any more is a failure as well.
            A failing ASSERT stops the machine: that branch does not count.
Failure     A test that fails ends it: such counts mean nothing.
Read first  main
See         docs/trust.md, docs/testing.md
"""

import json
import shutil
import subprocess
import sys

import counted
import lacuna

FOLDER = lacuna.ROOT / "build" / "coverage"
EXCEPTIONS = lacuna.ROOT / "tests" / "coverage.txt"
# Pure code is compiled for this machine, mm/ as a whole for 32 bits.
HOST_FOLDERS = {FOLDER / "host": "gcov",
                FOLDER / "pc": lacuna.cross("gcov")}
SUBJECT = "mm/"
BRANCHES_WANTED = 95.0              # per cent


def run_host_tests():
    """With counters of their own, which libgcov adds up in files."""
    for folder in HOST_FOLDERS:
        for old in folder.rglob("*.gcda"):
            old.unlink()
    done = subprocess.run(
        ["make", "-s", "COVERAGE=1", f"O={FOLDER.relative_to(lacuna.ROOT)}",
         "host-tests"], cwd=lacuna.ROOT, env=lacuna.clean_environment("O"),
        capture_output=True, text=True, check=False)
    print("ran    tests on the host", flush=True)
    return [] if done.returncode == 0 else [done.stdout + done.stderr]


def gcovr(*arguments):
    done = subprocess.run(["gcovr", "-r", ".", *map(str, arguments)],
                          cwd=lacuna.ROOT, capture_output=True, text=True,
                          check=False)
    if done.returncode != 0:
        sys.exit(f"coverage: gcovr failed: {done.stderr}")


def collect(name, gcov, *folders):
    """What gcov says of the files below folders, as gcovr's JSON."""
    tracefile = FOLDER / f"{name}.json"
    gcovr("--gcov-executable", gcov, "--filter", SUBJECT,
          "--filter", f"include/{SUBJECT}", "--json", tracefile, *folders)
    return tracefile


def merge(tracefiles):
    """The HTML, and what was counted: file -> lines."""
    both = [word for file in tracefiles for word in ("-a", file)]
    html = FOLDER / "html"
    html.mkdir(exist_ok=True)
    gcovr(*both, "--html-details", html / "index.html", "--html-title",
          "Lacuna: what the tests reach")
    gcovr(*both, "--json", FOLDER / "both.json")
    files = json.loads((FOLDER / "both.json").read_text())["files"]
    return {file["file"]: file["lines"] for file in files}


# --- the verdict -------------------------------------------------------------

class Exceptions:
    """tests/coverage.txt: a file, a line's text, and why it is not reached."""

    def __init__(self, text):
        self._reasons = {}
        self._used = set()
        for line in text.splitlines():
            if line and not line.startswith("#"):
                file, code, reason = line.split(" | ")
                self._reasons[file, code.strip()] = reason

    def excuse(self, file, code):
        """Is there a reason why this line is not reached, or not all of it?"""
        key = file, code.strip()
        if key not in self._reasons:
            return False
        self._used.add(key)
        return True

    def stale(self):
        return [f"{file}: '{code}' is reached: no exception"
                for file, code in self._reasons if (file, code)
                not in self._used]


class Verdict:
    """How much was reached, of one file or of all."""

    def __init__(self):
        self.lines = self.reached = self.branches = self.taken = 0

    def __iadd__(self, other):
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)
        return self

    def row(self, name):
        percent = 100 * self.taken / self.branches if self.branches else 100
        return (f"{name:28} {self.reached:5} of {self.lines:5} lines "
                f"{self.taken:5} of {self.branches:5} branches "
                f"{percent:6.1f} %")


def judge(file, lines, exceptions):
    """A file's verdict, and its lines that nobody reaches or excuses."""
    source = (lacuna.ROOT / file).read_text(encoding="utf-8").splitlines()
    verdict, missed = Verdict(), []
    for line in lines:
        code = source[line["line_number"] - 1]
        counts = [branch["count"] for branch in line["branches"]]
        if line["gcovr/noncode"] or line["gcovr/excluded"]:
            continue
        if "ASSERT(" in code:
            counts = [count for count in counts if count]
        if 0 in [line["count"], *counts] and exceptions.excuse(file, code):
            continue
        verdict.lines += 1
        verdict.reached += line["count"] > 0
        verdict.branches += len(counts)
        verdict.taken += sum(count > 0 for count in counts)
        if not line["count"]:
            missed.append(f"{file}:{line['line_number']}: not reached: "
                          f"{code.strip()}")
        elif 0 in counts:
            print(f"note   {file}:{line['line_number']}: a branch not taken: "
                  f"{code.strip()}")
    return verdict, missed


def verdict(files):
    """Prints the table; returns what is wrong."""
    exceptions = Exceptions(EXCEPTIONS.read_text(encoding="utf-8"))
    total, rows, found = Verdict(), [], []
    for name in sorted(files):
        one, missed = judge(name, files[name], exceptions)
        found += missed
        total += one
        rows.append(one.row(name))
    print("\n".join([*rows, total.row("in all")]))
    if total.taken < total.branches * BRANCHES_WANTED / 100:
        found.append(f"fewer than {BRANCHES_WANTED:.0f} % of the branches")
    return found + exceptions.stale()


def main():
    if not shutil.which("gcovr"):
        sys.exit("coverage: no gcovr here; Debian: apt-get install gcovr")
    lacuna.die_cleanly()
    problems = counted.Runner(FOLDER / "lacuna.elf").run_all()
    problems += run_host_tests()
    if problems:
        sys.exit("\n".join([*problems, "coverage: a test failed"]))
    files = merge([collect("kernel", lacuna.cross("gcov"), FOLDER / "mm",
                           FOLDER / "kernel", FOLDER / "tests"),
                   *[collect(folder.name, gcov, folder)
                     for folder, gcov in HOST_FOLDERS.items()
                     if folder.exists()]])
    found = verdict(files)
    print(f"{lacuna.shown(FOLDER / 'html' / 'index.html')} shows each line")
    print("\n".join([*found, f"coverage: {len(found)} findings"]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
