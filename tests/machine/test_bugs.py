# SPDX-License-Identifier: MIT
"""test_bugs.py - known faults are caught by the tests that their patch names"""

import sys

import pytest

import lacuna

FOLDER = lacuna.ROOT / "tests/bugs"
BUGS = sorted(path.stem for path in FOLDER.glob("*.patch"))


@pytest.mark.slow
@pytest.mark.parametrize("bug", BUGS)
def test_a_known_fault_is_caught(bug, detail):
    run = lacuna.run([sys.executable, lacuna.ROOT / "tools/break.py",
                      "--check", bug], 300, env=lacuna.clean_environment())
    assert run.status == 0, run.why()
    detail(run.lines[-1].strip())
