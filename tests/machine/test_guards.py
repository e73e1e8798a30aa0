# SPDX-License-Identifier: MIT
"""test_guards.py - the guard menu: each option finds what docs/guards.md says

And with each of them the self-tests of what it changes pass, or are skipped
with the reason. All of them, on larger machines too: `make trust STEPS=guard`.
"""

import re

import pytest

import guards

NEAR = "guard*,quarantine*,page_*,owners*,claims*,slack*,v*,kvmalloc*"


def test_the_page_says_what_each_option_finds():
    assert guards.complaints(quick=True) == []


@pytest.mark.parametrize("option", guards.OPTIONS[1:])
def test_self_tests_pass_with_each_option(boot, detail, option):
    run = boot(mem="64M", append=f"test={NEAR} {option} exit", timeout=200)
    assert run.problems() == []
    detail(run.report.summary())


def test_records_that_do_not_fit_are_refused_in_one_line(boot):
    run = boot(mem="61G", append="page_owner test=page_owner.* exit",
               timeout=200)
    assert re.search(r"page_owner: refused: records of \d+ KiB", run.log)
