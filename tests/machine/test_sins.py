# SPDX-License-Identifier: MIT
"""test_sins.py - each sin is caught by the means that it names, and by no other

tests/sins/ commits them, tools/sins.py judges; docs/trust.md is the table.
"""

import concurrent.futures

import pytest

import ktap
import lacuna
import sins

BUILDS = {build.name: build for build in sins.builds()}


def judge(name, detail):
    build = BUILDS[name]
    try:
        build.make()
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            found = build.judge(pool)
    except sins.Wrong as wrong:
        pytest.fail(str(wrong), pytrace=False)
    sins.keep(build, found)
    caught = sum(map(bool, found.values()))
    detail(f"{caught} of {len(found)} sins caught")
    return found


@pytest.mark.quick
def test_what_can_be_survived_is_caught_and_survived(boot, detail):
    run = boot(mem="64M", append="test=sins.* highmem=16M exit")
    assert run.problems() == []
    detail(run.report.summary())


@pytest.mark.slow
def test_the_default_build_catches_what_it_is_to_catch(detail):
    assert len(judge("default", detail)) >= 60


@pytest.mark.slow
def test_without_any_means_only_the_cpu_notices_anything(detail):
    found = judge("bare", detail)
    assert set(found.values()) == {"", "CPU"}


@pytest.mark.slow
def test_on_a_cpu_without_nx_smep_smap_they_catch_nothing(detail):
    found = judge("pentium3", detail)
    assert not set(found.values()) & {"nx", "smep", "smap", "writable code"}


# Each on the core where others make the same folder.
@pytest.mark.slow
@pytest.mark.xdist_group("gdb")
def test_the_debug_build_catches_what_was_never_set(detail):
    assert "pattern" in judge("debug", detail).values()


@pytest.mark.slow
@pytest.mark.xdist_group("variants")
@pytest.mark.parametrize("name", ["ubsan", "kasan"])
def test_a_sanitizer_catches_what_it_is_to_catch(name, detail):
    assert name.upper() in judge(name, detail).values()


@pytest.mark.quick
def test_whoever_asks_for_everything_asks_for_no_sin(boot):
    run = boot(mem="64M", append="test=*double_free exit")
    assert run.status == lacuna.FAIL            # an empty union is a failure
    assert not run.report.cases
    run = boot(mem="64M", append="test=*double_free,sins.none exit")
    assert "sins.page.double_free" in [case.full_name
                                       for case in run.report.cases]


# --- the judge is judged -----------------------------------------------------

NAME = "sins.page.double_free"
HEAD = """\
KTAP version 1
1..1
  KTAP version 1
  # Subtest: sins.page
  1..1
  # sins.page.double_free: page free must say "free already"
"""
LOGS = [
    # what the log says further on,            who caught it; None: refused
    ("  # sins.page.double_free: caught by page free\n  ok 1 double_free\n",
     "page free"),
    ("  # tests/sins/page.c:22: unnoticed\n  not ok 1 double_free\n", ""),
    ("  # tests/sins/page.c:22: noticed, but not as announced\n"
     "  not ok 1 double_free\n", None),
    ("# panic: it is free already\n", "page free"),
    ("# panic: something else\n", None),
    ("  # page_alloc: it is free already\n", None),     # and then silence
    ("", None),
]


@pytest.mark.quick
@pytest.mark.parametrize("log, means", LOGS)
def test_who_caught_it_is_read_from_the_log(log, means):
    run = lacuna.Run(["qemu"], log=HEAD + log)
    if means is None:
        with pytest.raises(sins.Wrong):
            sins.who_caught(NAME, run, ktap.read(run.log))
    else:
        assert sins.who_caught(NAME, run, ktap.read(run.log)) == means


@pytest.mark.quick
def test_names_go_into_lines_that_the_kernel_can_read():
    names = [sins.Sin(ktap.Case("sins.a", f"{i:030}", "skip"))
             for i in range(200)]
    groups = list(sins.in_lines(names))
    assert [sin for group in groups for sin in group] == names
    assert all(len(",".join(sin.name for sin in group)) < 950
               for group in groups)


@pytest.mark.quick
def test_each_means_has_its_patch_or_is_compiled_in():
    header = (lacuna.ROOT / "include/tests/sin.h").read_text("ascii")
    names = {line.split('"')[1] for line in header.splitlines()
             if line.startswith("\tX(")} - {"nobody"}
    patches = {sins.means_of(name) for name in sins.patches()}
    assert names == patches | set(sins.COMPILED)
