# SPDX-License-Identifier: MIT
"""progress.py - a pytest plugin: one line for each test that took its time

Loaded by tools/test.py with `-p progress`. Works where pytest-xdist spreads the
tests over processes: reports arrive in the one that was started.
"""

import re

QUICK = 0.5                     # seconds; a test that passes faster says nothing
NAME = re.compile(r"(?:.*/)?test_(\w+)\.py::(?:test_)?(.*?)(?:@\w+)?$")


def pytest_runtest_logreport(report):
    passed = report.passed and report.when == "call"
    if not (report.failed or report.skipped or passed):
        return
    if passed and report.duration < QUICK:
        return
    file, test = NAME.match(report.nodeid).groups()
    verdict = "ok" if passed else "FAILED" if report.failed else "SKIP"
    detail = dict(report.user_properties).get("detail", "")
    print(f"{verdict:6} {file:11} {report.duration:5.1f} s  {test}  {detail}"
          .rstrip(), flush=True)


def pytest_report_teststatus(report):
    """No dots between our lines."""
    if report.when == "call" and report.passed:
        return "passed", "", ""
    return None
