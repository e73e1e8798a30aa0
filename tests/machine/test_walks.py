# SPDX-License-Identifier: MIT
"""test_walks.py - a random walk that fails can be taken again, step by step

The walks themselves run in `make host-tests`. Here one goes through a copy of
the tree with a known fault, and must find it.
"""

import os
import re
import subprocess

import pytest

import lacuna

FOLDER = lacuna.ROOT / "build/break/walk"
PATCH = lacuna.ROOT / "tests/bugs/merge-dropped.patch"
REPEAT = re.compile(r"^# (SEED=\d+ OPS=\d+) TRACE=\d+ (\S+)$", re.MULTILINE)


def in_copy(*argv):
    return lacuna.run(argv, 300, cwd=FOLDER, stderr=subprocess.STDOUT,
                      env=lacuna.clean_environment("O", "DEBUG"))


@pytest.fixture(scope="module")
def walk():
    """walk_pages of a tree in which blocks do not merge as they should."""
    lacuna.copy_tree(FOLDER)
    if in_copy("make", "-s", "build/pc/.ready").status != 0:
        assert not os.environ.get("CI"), "CI makes programs of 32 bits"
        pytest.skip("no programs of 32 bits here: "
                    "apt-get install libc6-dev-i386-cross")
    for argv in (["patch", "-p1", "-s", "--no-backup-if-mismatch", "-r", "-",
                  "-i", PATCH],
                 ["make", "-s", "build/pc/walk_pages"]):
        done = in_copy(*argv)
        assert done.status == 0, done.log
    return "build/pc/walk_pages"


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 7])
def test_a_failure_is_repeated_bit_for_bit(walk, seed, detail):
    run = in_copy("env", f"SEED={seed}", walk)
    assert run.status == 1 and "# tests/host/pc/walk_pages.c:" in run.log
    told = REPEAT.search(run.log)
    assert told and told[2] == walk, run.log
    again = in_copy("env", *told[1].split(), walk)
    assert again.log == run.log
    detail(re.search(r"operation \d+, digest \w+", run.log)[0])
