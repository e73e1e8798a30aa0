# SPDX-License-Identifier: MIT
"""test_variants.py - the kernel under its sanitizers: all of it holds there too

Problem     A check that nobody runs finds nothing, and a file that is left out
            of the checks is one where nothing will be found.
Idea        KASAN=1 and UBSAN=1 build into folders of their own, which stay, so
            that make compiles what changed. A warning is an error. Then all
            self-tests run, with those of the sanitizer itself among them, and
            what is compiled without checks is counted.
"""

import re

import pytest

import lacuna
from conftest import make

VARIANTS = ["KASAN=1", "UBSAN=1"]
MACHINES = [("1G", "max", ""), ("64M", "pentium3", "vmap=list"),
            ("256M", "max", "vmap=rbtree vmap_purge=lazy")]
UNCHECKED_MOST = 7                  # files


def value(variant, name):
    """What a variable of the Makefile is in that build."""
    return make("-s", variant, "--eval", f"show:;@echo $({name})",
                "show").split()


def folder_of(variant):
    return lacuna.build_dir() / "variants" / variant.split("=")[0].lower()


@pytest.fixture(scope="module", params=VARIANTS)
def built(request):
    """(what is said to make, the kernel)"""
    folder = folder_of(request.param)
    log = make("-j2", "WERROR=1", f"O={folder}", request.param)
    assert "warning:" not in log, log
    return request.param, folder / "lacuna.elf"


@pytest.mark.slow
@pytest.mark.xdist_group("variants")
@pytest.mark.parametrize("mem, cpu, option", MACHINES)
def test_all_self_tests_hold(built, mem, cpu, option, boot, row, detail):
    variant, kernel = built
    run = boot(elf=kernel, mem=mem, cpu=cpu, append=f"test=* {option} exit",
               timeout=400)
    detail(run.report.summary())
    assert run.problems() == []
    suite = variant.split("=")[0].lower()
    own = [case for case in run.report.cases if case.suite == suite]
    assert len(own) > 10, "the sanitizer's own cases did not run"
    row(f"{mem}, {cpu}, {variant} {option}".strip(), run.report.summary(),
        section="QEMU")


@pytest.mark.quick
@pytest.mark.parametrize("variant", VARIANTS)
def test_what_is_not_checked_is_listed_and_counted(variant):
    listed = set(value(variant, "UNCHECKED"))
    assert len(listed) <= UNCHECKED_MOST, listed
    commands = make("-n", "-B", "-s", variant, f"O={folder_of(variant)}")
    compiled = re.findall(r"^.* -c (\S+)\.c -o .*$", commands, re.MULTILINE)
    unchecked = {match[1] + ".o" for match in re.finditer(
        r"^(?!.* -fsanitize=).* -c (\S+)\.c -o .*$", commands, re.MULTILINE)}
    assert len(compiled) > 100, commands
    assert unchecked == listed


@pytest.mark.quick
@pytest.mark.parametrize("variant", VARIANTS)
def test_clang_is_refused_in_one_line(variant):
    lines = make(variant, "CC=clang", "help", expect=2).splitlines()
    assert len(lines) == 1
    assert "need gcc" in lines[0]


@pytest.mark.quick
def test_help_names_them():
    said = make("help")
    for variant in VARIANTS:
        assert variant in said
