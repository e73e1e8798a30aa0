# SPDX-License-Identifier: MIT
"""test_vmap.py - three indexes, eager and lazy: all agree, and cost differs

What all must do is in the self-tests, which run here with each index; what a
search costs is counted in instructions, so it is the same on every machine.
"""

import pytest

ICOUNT = ["-icount", "shift=0,sleep=off"]


@pytest.mark.parametrize("index", ["list", "rbtree"])
def test_all_self_tests_pass_with_the_other_indexes(boot, index):
    run = boot(mem="256M", append=f"test=* vmap={index} exit")
    assert run.problems() == []


def test_all_self_tests_pass_when_flushes_wait(boot):
    run = boot(mem="256M", append="test=* vmap_purge=lazy exit")
    assert run.problems() == []


def cost(boot, index, names):
    """What each benchmark costs with an index, and that it was this one."""
    append = f"bench={','.join(names)} vmap={index} vmalloc=512M exit"
    run = boot(mem="2G", append=append, extra=ICOUNT, timeout=120)
    assert run.status == 33, run.why()
    run.line_with(f"# bench: areas are found by {index}")
    return [int(run.line_with(f"bench: {name} ").split()[2])
            for name in names]


def live(nr):
    return f"vmalloc.1p.live{nr}.alloc"


def test_list_gets_slower_with_every_area(boot):
    """At least ten times at 10000: it is there to be compared with."""
    alone, among = cost(boot, "list", [live(0), live(10000)])
    assert among >= 10 * alone


@pytest.mark.parametrize("index", ["vmem", "rbtree"])
def test_the_others_hardly_notice(boot, index):
    alone, among = cost(boot, index, [live(0), live(40000)])
    assert among <= 1.05 * alone


def test_frames_cost_the_same_from_either_zone(boot):
    high, normal = cost(boot, "vmem", ["vmalloc.16p.highmem.pair",
                                       "vmalloc.16p.normal.pair"])
    assert high <= 1.05 * normal
