# SPDX-License-Identifier: MIT
"""test_replay.py - what random cases did can be repeated from their seed

And the long forms of the sweep and of the mixed operations, which test=* leaves
out: they take seconds only.
"""

import re

import pytest

import lacuna

MIXED = "mixed.ten_thousand_operations_in_a_shortage"
RESULT = re.compile(r"seed (\d+): \d+ operations, (\d+) requests, "
                    r"(\d+) refused, digest ([0-9a-f]{8})$", re.MULTILINE)


def result(boot, append):
    run = boot(mem="64M", append=f"{append} exit")
    assert run.problems() == []
    found = RESULT.findall(run.log)
    assert len(found) == 1, "one line with the digest"
    return found[0]


@pytest.mark.quick
def test_the_same_seed_gives_the_same_digest(boot, detail):
    alone = result(boot, f"test={MIXED} seed=7")
    detail(f"digest {alone[-1]}")
    assert alone == result(boot, f"test={MIXED} seed=7")
    assert alone == result(boot, f"test=vmalloc.*,kmalloc.*,{MIXED} seed=7")


def test_another_seed_gives_another_digest(boot):
    results = {result(boot, f"test={MIXED} seed={seed}")[-1]
               for seed in range(1, 6)}
    assert len(results) == 5


def test_the_slow_cases_pass(boot, detail):
    run = boot(mem="64M", append="slow test=sweep.*,mixed.*,failnth.* exit",
               timeout=240)
    assert run.problems() == []
    points = re.search(r"(\d+)  failure points in all", run.log)[1]
    million = [refused for _, _, refused, _ in RESULT.findall(run.log)][-1]
    detail(f"{points} failure points; {million} of 10^6 mixed operations "
           "refused")
    assert run.status == lacuna.PASS
