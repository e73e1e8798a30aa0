# SPDX-License-Identifier: MIT
"""test_ktest.py - the judges are judged: a fault in a case fails the run

Each planted case (tests/planted.c) does one thing that no case may do. They run
only when named exactly, so test=* stays clean.
"""

import pytest

import ktap
import lacuna

pytestmark = pytest.mark.quick

PLANTED = [
    # case,               what its notes in the report say
    ("failed_expectation", "EXPECT_EQ(1 == 2)"),
    ("failed_requirement", "REQUIRE(1 == 2)"),
    ("leak", "books: pages: "),
    ("leaked_object", "books: slab_objects: "),
    ("leaked_area", "books: areas: "),
    ("interrupts_left_off", "books: interrupts_on: 1 before the case, 0 after"),
    ("report", "reports that the case did not expect"),
    ("missing_report", "no report said"),
    ("unexpected_fault", "an exception ended the case: vector 14"),
    ("missing_fault", "it did not"),
]


@pytest.mark.parametrize("case, says", PLANTED)
def test_a_planted_fault_fails_its_case(boot, case, says):
    run = boot(mem="64M", append=f"test=planted.{case} exit")
    assert run.status == lacuna.FAIL
    assert run.report.complete and run.report.flaws == []
    assert [entry.full_name for entry in run.report.failed] == [
        f"planted.{case}"]
    notes = "\n".join(run.report.failed[0].notes)
    assert says in notes


def test_a_failed_case_prints_the_command_that_repeats_it(boot):
    run = boot(mem="64M", append="test=planted.failed_expectation seed=7 exit")
    notes = "\n".join(run.report.failed[0].notes)
    assert "test=planted.failed_expectation" in notes
    assert "seed=7" in notes


@pytest.mark.parametrize("case, says", [
    ("panic", "panic: planted"),
    ("assertion", "assertion failed: 1 == 2"),
    ("wrong_lock_order", "rank"),
])
def test_a_panic_fails_the_run(boot, case, says):
    run = boot(mem="64M", append=f"test=planted.{case} exit")
    assert run.status == lacuna.FAIL
    assert says in run.report.panics[0]
    assert not run.report.complete


def test_a_hang_fails_the_run(boot):
    run = boot(mem="64M", append="test=planted.hang exit", timeout=4)
    assert run.timed_out
    assert "the machine did not end in time" in run.problems()
    assert not run.report.complete


def test_globs_leave_the_planted_cases_alone(boot):
    run = boot(mem="64M", append="test=planted.* exit")
    assert run.status == lacuna.FAIL            # an empty union is a failure
    assert not run.report.cases


def test_a_truncated_log_is_never_accepted(boot):
    log = boot(mem="64M", append="test=buddy.*,list.* exit").log
    assert ktap.read(log).problems() == []
    end = log.index("# totals:") + len("# totals: ")
    step = max(1, end // 2000)
    for size in [*range(0, end, step), *range(max(0, end - 200), end)]:
        assert ktap.read(log[:size]).problems(), f"the first {size} bytes"
