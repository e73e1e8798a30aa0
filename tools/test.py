#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""test.py - every test there is, on all CPUs of this host: `make test`

    tools/test.py [--quick]

Problem     Tests of six kinds report in six ways and take minutes. The reader
            wants progress, the failures, and one line at the end.
Idea        Each kind is a Job: a command, and a way to read what it says into
            (name, outcome) pairs. The jobs run side by side; by far the longest
            is pytest, which boots all the machines, and pytest-xdist spreads
            those over the cores. What a job prints is shown line by line if it
            reports progress, and whole when it failed.
Picture     checkers, host tests ---> outcomes ---> N passed, N failed
            pytest ---> core 1 --'              |-> build/test/junit.xml
                   `--> core 2 --'              `-> docs/machines.md, trust.md
Counting    Each pytest test, host test and checker counts one, and so does each
            self-test of the kernel on the reference machine.
Failure     A job that dies, is late, or reports nothing is a failed test.
Read first  Job and its kinds, then main
See         tests/machine/conftest.py, tools/progress.py, tools/machines.py
"""

import argparse
import concurrent.futures
import os
import re
import sys
import threading
import time
import xml.etree.ElementTree as xml

import ktap
import lacuna
import machines
import sins

FOLDER = lacuna.build_dir() / "test"
REFERENCE, QUICK_REFERENCE = "2G-max", "512M-max"
TIME_LIMIT = 1500                   # seconds for one job
TAP = re.compile(r"(ok|not ok) \d+ (?:- )?(.*?)(?: # SKIP.*)?$")
PROGRESS = re.compile(r"(ok|FAILED|SKIP) +\w+ +\d+\.\d s ")
PYTEST_FAILURES = re.compile(r"^=+ (?:FAILURES|ERRORS) =+$", re.MULTILINE)

output_lock = threading.Lock()


def say(text):
    with output_lock:
        print(text, flush=True)


class Job:
    """A command whose exit status is the test: a checker."""

    def __init__(self, name, *argv):
        self.name, self.argv = name, argv
        self.suites = []                # XML elements, one testsuite each

    def start(self):
        """Run it to the end; fills in the suites."""
        environment = {**lacuna.clean_environment(),
                       "PYTHONPATH": str(lacuna.ROOT / "tools"),
                       "PYTHONDONTWRITEBYTECODE": "1"}
        with lacuna.Process(self.argv, TIME_LIMIT, cwd=lacuna.ROOT,
                            env=environment,
                            start_new_session=True) as process:
            text, rest = [], ""
            for chunk in process.chunks():
                *lines, rest = (rest + chunk.decode("utf-8", "replace")
                                ).split("\n")
                for line in lines:
                    text.append(line)
                    self.progress(line)
            log = "\n".join([*text, rest, process.errors])
            self.read(process, log)
            if self.failures() or process.status != 0:
                self.complain(process, log)

    def progress(self, line):
        """A line of output as it comes."""

    def read(self, process, log):
        """Turn what it said into suites."""
        self.add(self.name, "fail" if process.status else "pass", log)
        if process.status == 0:
            self.tell("ok", "", log.strip().splitlines()[-1])

    def complain(self, process, log):
        if not self.failures():         # it died without naming a test
            late = " (late)" if process.timed_out else ""
            self.add("ends", "fail", f"status {process.status}{late}")
        say(f"--- {self.name} failed:\n{log.strip()}\n---")

    def tell(self, verdict, name, detail):
        """One line of progress."""
        say(f"{verdict:6} {self.name:10} {name} {detail.strip()}".rstrip())

    def add(self, name, status, text=""):
        """Note one outcome."""
        if not self.suites:
            self.suites.append(xml.Element("testsuite", name=self.name))
        entry = xml.SubElement(self.suites[0], "testcase", name=name,
                               classname=self.name)
        if status != "pass":
            tag = {"fail": "failure", "skip": "skipped"}[status]
            # XML has no place for control characters.
            clean = re.sub(r"[^\t\n -~]", "?", text[-10000:])
            xml.SubElement(entry, tag, message=name).text = clean

    def cases(self):
        for suite in self.suites:
            yield from suite.iter("testcase")

    def failures(self):
        return [case for case in self.cases() if outcome(case) == "fail"]


class TapJob(Job):
    """A command that prints TAP: the tests that run on the host."""

    def read(self, process, log):
        for result in filter(None, map(TAP.match, log.splitlines())):
            status = "pass" if result[1] == "ok" else "fail"
            self.add(result[2], "skip" if "# SKIP" in result[0] else status)
        if not self.suites:
            self.add("reports", "fail", "no test reported anything")
        elif process.status == 0:
            self.tell("ok", "", f"{len(list(self.cases()))} passed")


class PytestJob(Job):
    """The tests from outside, as many at a time as there are cores."""

    def __init__(self, quick):
        self.junit = FOLDER / "pytest.xml"
        super().__init__(
            "machine", lacuna.python(), "-m", "pytest", "--tb=short",
            "--no-header", "-p", "no:cacheprovider", "-p", "progress",
            "-n", str(max(2, os.cpu_count() or 2)),
            "--dist", "loadgroup", "-o",
            "junit_family=xunit1", "--junitxml", self.junit,
            *(["-m", "quick"] if quick else []), "tests/machine")

    def start(self):
        self.junit.unlink(missing_ok=True)
        super().start()

    def progress(self, line):
        if PROGRESS.match(line):
            say(line)

    def read(self, process, log):
        if self.junit.exists():
            self.suites = list(xml.parse(self.junit).getroot())
        for suite in self.suites:
            suite.set("name", self.name)
        nr_cases = len(list(self.cases()))
        if process.status == 0 and nr_cases:
            self.tell("ok", "", f"{nr_cases} passed")

    def complain(self, process, log):
        failures = PYTEST_FAILURES.search(log)
        super().complain(process, log[failures.start():] if failures else log)


class KernelJob(Job):
    """The self-tests of the reference machine, as test_matrix.py left them."""

    def __init__(self, machine):
        super().__init__("kernel")
        self.junit = FOLDER / f"{machine}.xml"

    def start(self):
        if self.junit.exists():
            self.suites = list(xml.parse(self.junit).getroot())
        else:
            self.add("reports", "fail", "no report of the reference machine")


def outcome(case):
    tags = {child.tag for child in case}
    if tags & {"failure", "error"}:
        return "fail"
    return "skip" if "skipped" in tags else "pass"


def all_jobs(quick):
    """(jobs that may run side by side, jobs that need their results)"""
    tools = lacuna.ROOT / "tools"
    reference = QUICK_REFERENCE if quick else REFERENCE
    (FOLDER / f"{reference}.xml").unlink(missing_ok=True)

    def tool(name, *arguments):
        return Job(name, sys.executable, tools / f"{name}.py", *arguments)

    jobs = [PytestJob(quick), TapJob("host", "make", "-s", "host-tests"),
            tool("layers"), tool("size", "--brief"), tool("tree"),
            tool("highmem"), tool("messages"), tool("rodata"), tool("book")]
    if not quick:
        jobs += [TapJob("exhaust", "make", "-s", "exhaust"),
                 Job("fuzz", "make", "-s", "fuzz"),
                 Job("static", "make", "-s", "static", "say="),
                 Job("stack", "make", "-s", "stack"),
                 Job("coverage", "make", "-s", "coverage", "say=")]
    after = [KernelJob(reference)]
    if not quick:
        after.append(tool("claims", FOLDER / f"{reference}.ktap",
                          lacuna.kernel()))
    return jobs, after


def write_results(jobs):
    """One JUnit file; returns how many passed, failed and were skipped."""
    root = xml.Element("testsuites", name="lacuna")
    count = {"pass": 0, "fail": 0, "skip": 0}
    for job in jobs:
        for suite in job.suites:
            root.append(suite)
            outcomes = [outcome(case) for case in suite.iter("testcase")]
            for status in outcomes:
                count[status] += 1
            suite.set("tests", str(len(outcomes)))
            suite.set("failures", str(outcomes.count("fail")))
            suite.set("skipped", str(outcomes.count("skip")))
    ktap.write_junit(FOLDER / "junit.xml", root)
    return count


def main():
    parser = argparse.ArgumentParser(description="run the tests")
    parser.add_argument("--quick", action="store_true", help="in a minute")
    options = parser.parse_args()
    lacuna.die_cleanly()
    begin = time.monotonic()
    FOLDER.mkdir(parents=True, exist_ok=True)
    jobs, after = all_jobs(options.quick)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        try:
            list(pool.map(lambda job: job.start(), jobs))
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
    for job in after:
        job.start()

    count = write_results(jobs + after)
    for job in jobs + after:
        for case in job.failures():
            say(f"FAILED {job.name}: {case.get('name')}")
    table = machines.Table(jobs[0].cases())
    say(table.text())
    if not options.quick and not count["fail"]:
        table.write()
        sins.write()
    say(f"{time.monotonic() - begin:.0f} s; all results in "
        f"{lacuna.shown(FOLDER / 'junit.xml')}")
    skipped = f", {count['skip']} skipped" if count["skip"] else ""
    say(f"{count['pass']} passed, {count['fail']} failed{skipped}")
    return 1 if count["fail"] or not count["pass"] else 0


if __name__ == "__main__":
    sys.exit(main())
