# SPDX-License-Identifier: MIT
"""progress.py - a pytest plugin: one line for each test that took its time

Loaded by tools/test.py with `-p progress`. Works where pytest-xdist spreads the
tests over processes: reports arrive in the one that was started.
"""

import re

import pytest

QUICK = 0.5                     # seconds; a test that passes faster says nothing
NAME = re.compile(r"(?:.*/)?test_(\w+)\.py::(?:test_)?(.*?)(?:@\w+)?$")


class Progress:
    """Writes past pytest's capture, as its own reporter does."""

    def __init__(self, terminal):
        self._terminal = terminal

    def pytest_runtest_logreport(self, report):
        passed = report.passed and report.when == "call"
        if not (report.failed or report.skipped or passed):
            return
        if passed and report.duration < QUICK:
            return
        file, test = NAME.match(report.nodeid).groups()
        verdict = "ok" if passed else "FAILED" if report.failed else "SKIP"
        detail = dict(report.user_properties).get("detail", "")
        self._terminal.line(f"{verdict:6} {file:11} {report.duration:5.1f} s  "
                            f"{test}  {detail}".rstrip())
        self._terminal.flush()


@pytest.hookimpl(trylast=True)
def pytest_configure(config):
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Progress(config.get_terminal_writer()))


@pytest.hookimpl(tryfirst=True)
def pytest_report_teststatus(report):
    """No dots between our lines."""
    if report.when == "call" or not report.passed:
        return report.outcome, "", ""
    return None
