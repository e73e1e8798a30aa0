#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""ktap.py - reads the kernel's test report and accepts nothing incomplete

    tools/ktap.py build/run.ktap [--machine NAME] [--junit FILE]

Problem     A kernel that dies half way through its tests prints a report that
            looks fine up to there. A reader that only looks for "not ok" would
            call it a success.
Idea        A state machine that knows what may come next. What does not fit is
            a problem, and a report with a problem has failed.
Picture     KTAP version 1
            1..2                       plan: two suites
              KTAP version 1
              # Subtest: buddy
              1..1                     plan of the first suite: one case
              # buddy.splits: seed 1   comment, any indentation
              ok 1 splits              case
            ok 1 buddy                 suite, ok when no case failed
              ...
            ok 2 vmalloc
            # totals: pass:3 fail:0 skip:0 suites:2
            bench: boot.instructions 19000000 instructions
Invariants  K1  Plans come first and are kept to the number.
            K2  Numbers count 1, 2, 3 ...; no case or suite has a name twice.
            K3  A suite is ok exactly when each of its cases is.
            K4  The totals line stands at the end and agrees with the count.
            K5  No line says "panic:".
            K6  The log ends with the end of a line.
Failure     Report.problems() lists sentences; empty means passed.
Read first  Reader.line, then the methods in the order of the picture
See         tests/machine/test_ktap.py
"""

import argparse
import dataclasses
import re
import sys
import xml.etree.ElementTree as xml

VERSION = "KTAP version 1"
PLAN = re.compile(r"1\.\.(\d+)$")
RESULT = re.compile(r"(ok|not ok) (\d+) (\S+)(?: # SKIP ?(.*))?$")
TOTALS = re.compile(r"# totals: pass:(\d+) fail:(\d+) skip:(\d+) suites:(\d+)$")
SUBTEST = re.compile(r"  # Subtest: (\S+)$")
COMMENT = re.compile(r"\s*#( |$)")
BENCH = re.compile(r"bench: (\S+) (\d+) (\S+)$")
PANIC = re.compile(r"\s*(?:# )?(panic: .*)")
FLAWS_SHOWN = 5
# Outside a report none of these may stand: half a report would look whole.
STRAY = re.compile(r"\s*(KTAP version |1\.\.\d+$|(not )?ok \d+ )")


@dataclasses.dataclass
class Case:
    suite: str
    name: str
    status: str                     # "pass", "fail" or "skip"
    reason: str = ""                # why it was skipped
    notes: list = dataclasses.field(default_factory=list)

    @property
    def full_name(self):
        return f"{self.suite}.{self.name}"


@dataclasses.dataclass
class Report:
    nr_planned: int = 0             # suites
    suites: list = dataclasses.field(default_factory=list)
    cases: list = dataclasses.field(default_factory=list)
    benches: dict = dataclasses.field(default_factory=dict)
    panics: list = dataclasses.field(default_factory=list)
    flaws: list = dataclasses.field(default_factory=list)
    complete: bool = False

    def with_status(self, status):
        return [case for case in self.cases if case.status == status]

    def named(self, full_name):
        return next((case for case in self.cases
                     if case.full_name == full_name), None)

    @property
    def failed(self):
        return self.with_status("fail")

    @property
    def skipped(self):
        return self.with_status("skip")

    def summary(self):
        """One line: 213 of 214 passed, 1 skipped in 31 suites."""
        text = f"{len(self.with_status('pass'))} of {len(self.cases)} passed"
        if self.skipped:
            text += f", {len(self.skipped)} skipped"
        if self.failed:
            text += f", {len(self.failed)} FAILED"
        return f"{text} in {len(self.suites)} suites"

    def problems(self, status=None, timed_out=False):
        """Why the run failed, in sentences; an empty list means it passed.

        status is QEMU's exit status where it is known.
        """
        return ([f"failed: {case.full_name}" for case in self.failed]
                + self.broken(status, timed_out))

    def broken(self, status=None, timed_out=False):
        """The same without the failed cases: why not to trust the report."""
        found = self.panics + self.flaws[:FLAWS_SHOWN]
        if len(self.flaws) > FLAWS_SHOWN:
            found.append(f"and {len(self.flaws) - FLAWS_SHOWN} more such lines")
        if timed_out:
            found.append("the machine did not end in time")
        expected = 35 if self.failed else 33
        if not timed_out and status not in (None, expected):
            found.append(f"QEMU's exit status is {status}, not {expected}")
        return found


class Reader:
    """Feed it line by line, without line ends; then call close()."""

    def __init__(self):
        self.report = Report()
        self._next = self._before
        self._nr = 0                # lines so far
        self._last = ""
        self._suite = []            # cases of the suite being read
        self._name = ""             # what it calls itself
        self._planned = 0           # cases it announced
        self._notes = []            # comments since the last result

    def line(self, text):
        text = text.rstrip("\r")
        self._nr += 1
        self._last = text or self._last
        panic = PANIC.match(text)
        if panic:
            self.report.panics.append(panic[1])
            self._next = self._after_panic
        elif not self._set_aside(text):
            self._next(text)

    def close(self, unfinished=""):
        """End of the log; unfinished is what stood behind the last line end."""
        if unfinished:
            self._nr += 1
            self._last = unfinished
            self._flaw("the log ends in the middle of a line")
        for case in self._suite:
            case.suite = self._name or "(unfinished)"
        self.report.cases += self._suite
        if not self.report.complete:
            what = "no report" if self._next == self._before else "cut off"
            self._flaw(f"{what}; the log ends with")
        return self.report

    # --- what may stand anywhere ---------------------------------------------

    def _set_aside(self, text):
        bench = BENCH.match(text)
        if bench:
            self.report.benches[bench[1]] = int(bench[2])
        elif SUBTEST.match(text):
            self._name = SUBTEST.match(text)[1]
        elif COMMENT.match(text) and not TOTALS.match(text):
            self._notes.append(text.strip())
        else:
            return False
        return True

    def _flaw(self, sentence):
        self.report.flaws.append(f"line {self._nr}: {sentence}: {self._last}")

    # --- the states, in the order of the report ------------------------------

    def _before(self, text):
        if text == VERSION:
            self._next = self._plan
        elif STRAY.match(text):
            self._flaw(f"expected {VERSION}")

    def _plan(self, text):
        plan = PLAN.match(text)
        if not plan or int(plan[1]) == 0:
            self._flaw("expected the number of suites as 1..N")
        else:
            self.report.nr_planned = int(plan[1])
        self._next = self._between_suites

    def _between_suites(self, text):
        if text == f"  {VERSION}":
            self._next = self._suite_plan
        elif TOTALS.match(text):
            self._totals(text)
        else:
            self._flaw("expected a suite or the totals")

    def _suite_plan(self, text):
        plan = text.startswith("  ") and PLAN.match(text[2:])
        if not plan or int(plan[1]) == 0:
            self._flaw("expected the number of cases as 1..N")
        self._planned = int(plan[1]) if plan else 0
        self._next = self._cases

    def _cases(self, text):
        indented = text.startswith("  ")
        result = RESULT.match(text[2:] if indented else text)
        if not result:
            self._flaw("expected a result or a comment")
        elif indented:
            self._case(result)
        else:
            self._end_of_suite(result)

    def _case(self, result):
        verdict, number, name, skip = result.groups()
        status = "pass" if verdict == "ok" else "fail"
        if skip is not None and status == "pass":
            status = "skip"
        case = Case("", name, status, skip or "", self._notes)
        self._notes = []
        self._suite.append(case)
        if int(number) != len(self._suite):
            self._flaw(f"expected number {len(self._suite)}")
        if [other.name for other in self._suite].count(name) > 1:
            self._flaw("this name was there before")

    def _end_of_suite(self, result):
        verdict, number, name, _ = result.groups()
        for case in self._suite:
            case.suite = name
        if len(self._suite) != self._planned:
            self._flaw(f"the suite announced {self._planned} cases and had "
                       f"{len(self._suite)}")
        failed = any(case.status == "fail" for case in self._suite)
        if failed == (verdict == "ok"):
            self._flaw("the suite's verdict is not that of its cases")
        if name in self.report.suites:
            self._flaw("this name was there before")
        if name != (self._name or name):
            self._flaw(f"the suite began as {self._name}")
        self.report.suites.append(name)
        self.report.cases += self._suite
        if int(number) != len(self.report.suites):
            self._flaw(f"expected number {len(self.report.suites)}")
        self._suite, self._name, self._notes = [], "", []
        self._next = self._between_suites

    def _totals(self, text):
        report = self.report
        counted = [len(report.with_status(status))
                   for status in ("pass", "fail", "skip")]
        counted.append(len(report.suites))
        if [int(n) for n in TOTALS.match(text).groups()] != counted:
            self._flaw("the totals differ from the count")
        if len(report.suites) != report.nr_planned:
            self._flaw(f"{report.nr_planned} suites were announced, there are "
                       f"{len(report.suites)}")
        report.complete = True
        self._next = self._after

    def _after(self, text):
        if STRAY.match(text):
            self._flaw("a second report")

    def _after_panic(self, _):
        """Whatever follows belongs to the panic's own report."""

    # --- for a display of progress -------------------------------------------

    @property
    def reading(self):
        """Within the report?"""
        return self._next not in (self._before, self._after,
                                  self._after_panic)

    @property
    def nr_done(self):
        return len(self.report.cases) + len(self._suite)


def read(log):
    """The report in a whole log."""
    reader = Reader()
    *lines, unfinished = log.split("\n")
    for text in lines:
        reader.line(text)
    return reader.close(unfinished)


def junit(report, machine="", broken=()):
    """The report as the XML tree that test servers read."""
    root = xml.Element("testsuites")
    for name in report.suites:
        cases = [case for case in report.cases if case.suite == name]
        suite = xml.SubElement(
            root, "testsuite", name=name, tests=str(len(cases)),
            failures=str(sum(case.status == "fail" for case in cases)),
            skipped=str(sum(case.status == "skip" for case in cases)))
        properties = xml.SubElement(suite, "properties")
        xml.SubElement(properties, "property", name="machine", value=machine)
        for case in cases:
            _junit_case(suite, case)
    if broken:
        suite = xml.SubElement(root, "testsuite", name="report", tests="1",
                               failures="1", skipped="0")
        entry = xml.SubElement(suite, "testcase", name="complete",
                               classname=f"kernel.{machine}")
        failure = xml.SubElement(entry, "failure", message=broken[0])
        failure.text = "\n".join(broken)
    return root


def _junit_case(suite, case):
    entry = xml.SubElement(suite, "testcase", name=case.name,
                           classname=f"kernel.{case.suite}")
    if case.status == "fail":
        failure = xml.SubElement(entry, "failure", message=case.full_name)
        failure.text = "\n".join(case.notes)
    elif case.status == "skip":
        xml.SubElement(entry, "skipped", message=case.reason)


def write_junit(path, root):
    tree = xml.ElementTree(root)
    xml.indent(tree)
    tree.write(path, encoding="utf-8", xml_declaration=True)


def main():
    parser = argparse.ArgumentParser(description="judge a KTAP log")
    parser.add_argument("log", help="a file, or - for standard input")
    parser.add_argument("--machine", default="", help="its name in the XML")
    parser.add_argument("--junit", help="write JUnit XML to this file")
    options = parser.parse_args()
    if options.log == "-":
        log = sys.stdin.read()
    else:
        with open(options.log, encoding="ascii", errors="replace") as file:
            log = file.read()
    report = read(log)
    problems = report.problems()
    if options.junit:
        write_junit(options.junit, junit(report, options.machine,
                                         report.broken()))
    for sentence in problems:
        print(sentence)
    print(report.summary())
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
