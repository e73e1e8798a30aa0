# SPDX-License-Identifier: MIT
"""test_build.py - the build itself: complete, incremental, reproducible

Everything here happens in copies of the tree, so that the build under test is
never the one that other tests boot.
"""

import hashlib
import os
import re
import subprocess

import pytest

import lacuna

# One build serves most of these tests: they stay together.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("build")]


def make(folder, *words, expect=0):
    """Run make in a copy; returns what it printed, errors included."""
    done = lacuna.run(["make", "-j2", *words], 300, cwd=folder,
                      env=lacuna.clean_environment("O", "DEBUG"),
                      stderr=subprocess.STDOUT)
    assert done.status == expect, done.why()
    return done.log


def compiled(log):
    """The sources that a make compiled, from its own words: CC mm/buddy.c"""
    return set(re.findall(r"^ +(?:CC|AS) +(\S+)$", log, re.MULTILINE))


def complaints(log):
    return [line for line in log.splitlines()
            if re.search(r"\b(warning|error):", line)]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A copy of the tree, built once; and what make printed."""
    folder = tmp_path_factory.mktemp("copy")
    lacuna.copy_tree(folder)
    return folder, make(folder)


def test_a_full_build_has_no_warnings(built):
    _, log = built
    assert len(compiled(log)) > 50
    assert complaints(log) == []


def test_two_folders_give_the_same_bytes(built, tmp_path):
    folder, _ = built
    other = tmp_path / "another" / "deeper"
    lacuna.copy_tree(other)
    make(other)
    # Compared by digest: pytest takes minutes to show how large files differ.
    digests = {hashlib.sha256((where / "build/lacuna.elf").read_bytes())
               .hexdigest() for where in (folder, other)}
    assert len(digests) == 1


def test_nothing_changed_does_nothing(built):
    folder, _ = built
    elf = folder / "build/lacuna.elf"
    before = elf.stat().st_mtime_ns
    log = make(folder)
    assert compiled(log) == set() and "LINK" not in log
    assert elf.stat().st_mtime_ns == before


def test_a_header_rebuilds_its_dependents_only(built):
    folder, _ = built
    header = "include/mm/buddy.h"
    dependents = {
        str(path.relative_to(folder / "build").with_suffix(".c"))
        for path in (folder / "build").rglob("*.d")
        if header in path.read_text(encoding="ascii")}
    os.utime(folder / header)
    log = make(folder)
    assert compiled(log) == dependents
    assert 0 < len(dependents) < len(compiled(built[1]))
    assert "LINK" in log


def test_without_git_the_version_comes_from_a_file(built, boot):
    folder, _ = built
    release = (lacuna.ROOT / "VERSION").read_text(encoding="ascii").split()[0]
    (folder / "VERSION").write_text(f"{release}\nabc1234\n", encoding="ascii")
    make(folder)
    run = boot(elf=folder / "build/lacuna.elf", mem="64M", append="exit")
    assert f"Lacuna {release} (git abc1234" in run.log


def test_a_changed_flag_rebuilds(built):
    folder, _ = built
    target = "build/kernel/lib/glob.o"
    for flags, expected in [("", set()), ("-DOTHER", {"kernel/lib/glob.c"}),
                            ("-DOTHER", set()), ("", {"kernel/lib/glob.c"})]:
        log = make(folder, target, f"CFLAGS={flags}")
        assert compiled(log) == expected, flags


def test_the_debug_build_stands_apart_and_works(built, boot, detail):
    folder, _ = built
    elf = folder / "build/lacuna.elf"
    before = elf.stat().st_mtime_ns
    assert complaints(make(folder, "DEBUG=1")) == []
    assert elf.stat().st_mtime_ns == before
    run = boot(elf=folder / "build/debug/lacuna.elf", mem="256M",
               append="test=* exit", timeout=90)
    detail(run.report.summary())
    assert run.problems() == []


@pytest.mark.quick
def test_it_is_a_multiboot_kernel():
    grub = subprocess.run(["grub-file", "--is-x86-multiboot", lacuna.kernel()],
                          check=False)
    assert grub.returncode == 0


@pytest.mark.quick
def test_no_segment_is_writable_and_executable():
    headers = subprocess.run(
        [lacuna.cross("readelf"), "-lW", lacuna.kernel()], text=True,
        capture_output=True, check=True).stdout
    flags = re.findall(r"^ +LOAD +(?:0x\w+ +){5}([R WE]{3}) ", headers,
                       re.MULTILINE)
    assert {"R E", "R  ", "RW "} == set(flags)


@pytest.mark.quick
def test_help_names_the_targets():
    text = make(lacuna.ROOT, "help")
    for target in ("all", "run", "check", "test", "gdb", "break", "size"):
        assert re.search(rf"^  {target} ", text, re.MULTILINE), target
