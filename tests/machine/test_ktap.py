# SPDX-License-Identifier: MIT
"""test_ktap.py - the judge is judged: tools/ktap.py accepts what it should

Each fault is planted into a report that is accepted without it. No machine is
booted here.
"""

import subprocess
import xml.etree.ElementTree as xml

import pytest

import ktap
import lacuna

pytestmark = pytest.mark.quick

GOOD = """\
boot: a line from before the report
KTAP version 1
1..2
  KTAP version 1
  # Subtest: buddy
  1..2
  # buddy.splits: seed 1
  ok 1 splits
  ok 2 merges # SKIP no highmem
ok 1 buddy
  KTAP version 1
  1..1
# a comment, flush left
    # a comment, indented
bench: vmalloc.pair 1234 instructions
  ok 1 guards
ok 2 vmalloc
# totals: pass:2 fail:0 skip:1 suites:2
bench: boot.instructions 19000000 instructions
a line from after the report
"""


def problems(log, **how):
    return ktap.read(log).problems(**how)


def test_a_good_report_is_accepted():
    report = ktap.read(GOOD)
    assert report.problems(status=33) == []
    assert [case.full_name for case in report.cases] == [
        "buddy.splits", "buddy.merges", "vmalloc.guards"]
    assert report.named("buddy.merges").reason == "no highmem"
    assert report.benches == {"vmalloc.pair": 1234,
                              "boot.instructions": 19000000}
    assert report.summary() == "2 of 3 passed, 1 skipped in 2 suites"


def test_carriage_returns_do_not_matter():
    assert problems(GOOD.replace("\n", "\r\n")) == []


@pytest.mark.parametrize("old, new, says", [
    ("KTAP version 1\n1..2", "1..2", "expected KTAP version 1"),
    ("\n1..2\n", "\n", "number of suites"),
    ("\n1..2\n", "\n1..0\n", "number of suites"),
    ("\n1..2\n", "\n1..3\n", "3 suites were announced"),
    ("  1..2\n", "", "number of cases"),
    ("  1..2\n", "  1..0\n", "number of cases"),
    ("  1..2\n", "  1..3\n", "announced 3 cases and had 2"),
    ("  ok 2 merges", "  ok 3 merges", "expected number 2"),
    ("  ok 2 merges", "  ok 1 merges", "expected number 2"),
    ("  ok 2 merges", "  ok 2 splits", "was there before"),
    ("ok 2 vmalloc", "ok 2 buddy", "was there before"),
    ("Subtest: buddy", "Subtest: slab", "began as slab"),
    ("ok 2 vmalloc", "ok 1 vmalloc", "expected number 2"),
    ("ok 1 buddy", "not ok 1 buddy", "not that of its cases"),
    ("  ok 1 guards", "  not ok 1 guards", "failed: vmalloc.guards"),
    ("  ok 1 guards", "  not ok 1 guards", "not that of its cases"),
    ("  ok 1 guards\n", "", "announced 1 cases and had 0"),
    ("  ok 1 guards\n", "  ok 1 guards\nboo\n", "expected a result"),
    ("  ok 1 guards\n", "\n  ok 1 guards\n", "expected a result"),
    ("  ok 1 guards\n", "    ok 1 guards\n", "expected a result"),
    ("ok 2 vmalloc\n", "ok 2 vmalloc\nboo\n", "expected a suite"),
    ("# totals: pass:2 fail:0 skip:1 suites:2\n", "", "expected a suite"),
    ("pass:2", "pass:3", "totals differ"),
    ("skip:1 suites:2", "skip:1 suites:3", "totals differ"),
    ("a line from after", "KTAP version 1", "a second report"),
    ("a line from after", "ok 3 late", "a second report"),
    ("  # buddy.splits", "# panic: no", "panic: no"),
    ("a line from before", "x\npanic: early", "panic: early"),
    ("a line from after", "panic: late", "panic: late"),
])
def test_a_fault_is_found(old, new, says):
    assert old in GOOD
    found = problems(GOOD.replace(old, new, 1))
    assert any(says in sentence for sentence in found), found


def test_no_truncated_report_is_accepted():
    end = GOOD.index("bench: boot.instructions")
    for size in range(end):
        assert problems(GOOD[:size]), f"accepted the first {size} bytes"


def test_a_truncated_report_names_its_last_line():
    cut = GOOD[:GOOD.index("    # a comment, indented")]
    assert any("a comment, flush left" in sentence
               for sentence in problems(cut))


def test_status_and_time_are_part_of_the_verdict():
    assert any("35" in s for s in problems(GOOD, status=35))
    assert any("0, not 33" in s for s in problems(GOOD, status=0))
    assert any("time" in s for s in problems(GOOD, timed_out=True))


def test_a_failed_case_must_end_in_status_35():
    bad = GOOD.replace("  ok 1 guards\nok 2", "  not ok 1 guards\nnot ok 2")
    bad = bad.replace("pass:2 fail:0", "pass:1 fail:1")
    assert problems(bad, status=35) == ["failed: vmalloc.guards"]
    assert any("33, not 35" in s for s in problems(bad, status=33))


def test_cases_of_an_unfinished_suite_are_kept():
    cut = ktap.read(GOOD[:GOOD.index("ok 2 vmalloc")])
    assert cut.named("(unfinished).guards")
    cut = ktap.read(GOOD[:GOOD.index("ok 1 buddy")])
    assert cut.named("buddy.splits")


def test_junit_has_a_suite_each_and_the_machine():
    bad = GOOD.replace("  ok 1 guards\nok 2", "  not ok 1 guards\nnot ok 2")
    bad = bad.replace("pass:2 fail:0", "pass:1 fail:1")
    root = ktap.junit(ktap.read(bad), "2G max", ["late"])
    assert [suite.get("name") for suite in root] == ["buddy", "vmalloc",
                                                     "report"]
    assert root.find("testsuite/properties/property").get("value") == "2G max"
    assert root.find("testsuite[@name='vmalloc']").get("failures") == "1"
    assert "indented" in root.find(".//testcase[@name='guards']/failure").text
    assert root.find(".//testcase[@name='merges']/skipped") is not None


def test_the_command_line(tmp_path):
    log, junit = tmp_path / "log", tmp_path / "junit.xml"
    tool = [lacuna.python(), lacuna.ROOT / "tools/ktap.py", log]
    log.write_text(GOOD)
    good = subprocess.run([*tool, "--junit", junit], capture_output=True,
                          text=True, check=False)
    assert (good.returncode, good.stdout) == (
        0, "2 of 3 passed, 1 skipped in 2 suites\n")
    assert xml.parse(junit).getroot().tag == "testsuites"
    log.write_text(GOOD[:-1])
    bad = subprocess.run(tool, capture_output=True, text=True, check=False)
    assert bad.returncode == 1
    assert "middle of a line" in bad.stdout
