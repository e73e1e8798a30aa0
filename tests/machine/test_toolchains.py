# SPDX-License-Identifier: MIT
"""test_toolchains.py - every compiler builds the same kernel, and it runs

Problem     Compilers agree on C and on little else: the order of what is put
            into a section, what they call instead of compiling it, how a
            linker reads a script.
Idea        Each toolchain builds into a folder of its own, which stays, so
            that make compiles what changed. A warning is an error. Then the
            file is looked at, and the self-tests run.
The first of TOOLCHAINS is what this make built, whatever that is: test_build.py
saw that it has no warnings, and the others are held against it.
"""

import dataclasses
import os
import re
import shutil
import struct
import subprocess

import pytest

import elf
import lacuna
from conftest import make

ENTRY = struct.Struct("<6I")        # struct ktest_case, tests/ktest.h
PLAIN = 0                           # its flags: not slow, not planted
TABLES = ("exports", "ktests", "kbenches")

TOOLS = [  # what is said to make, and what follows from it
    (["CROSS_COMPILE=i686-elf-"], "gcc: i686-elf-gcc i686-elf-ld i686-elf-nm"),
    (["CROSS_COMPILE="], "gcc: gcc ld nm"),
    (["CC=gcc -m32"], "gcc: gcc -m32 ld nm"),
    (["CC=/opt/x/bin/i686-elf-gcc"], "gcc: /opt/x/bin/i686-elf-gcc "
     "/opt/x/bin/i686-elf-ld /opt/x/bin/i686-elf-nm"),
    (["CC=clang", "CROSS_COMPILE=x-"], r"clang: clang \S*ld\.lld\S* x-nm"),
    (["CC=clang"], r"clang: clang \S*ld\.lld\S* (llvm-)?nm"),
]


@dataclasses.dataclass
class Toolchain:
    """{elf} stands for where tools/i686-elf has put its compiler."""
    name: str
    words: list                     # said to make; none: what make built is it
    compiler: list
    linker: str
    needs: str                      # how it is installed


TOOLCHAINS = [
    Toolchain("reference", [], [],
              os.environ.get("LD") or lacuna.cross("ld"), ""),
    Toolchain("i686-elf-gcc", ["CROSS_COMPILE={elf}"], ["{elf}gcc"],
              "{elf}ld", "`tools/i686-elf` builds it"),
    Toolchain("gcc -m32", ["CC=gcc -m32"], ["gcc", "-m32"], "ld",
              "apt-get install gcc, on a PC"),
    Toolchain("clang", ["CC=clang"], ["clang", "--target=i686-elf"], "ld.lld",
              "apt-get install clang lld"),
    Toolchain("clang, DEBUG=1", ["CC=clang", "DEBUG=1"],
              ["clang", "--target=i686-elf"], "ld.lld",
              "apt-get install clang lld"),
]


def output(*argv):
    """What a program prints; nothing when it is missing or fails."""
    try:
        return subprocess.run(argv, text=True, check=True, cwd=lacuna.ROOT,
                              capture_output=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return ""


def demand(toolchain):
    """The toolchain as it is here. None: a failure in CI, else skipped."""
    prefix = output("tools/i686-elf", "--where").strip() or "i686-elf-"
    here = dataclasses.replace(
        toolchain, linker=toolchain.linker.format(elf=prefix),
        words=[word.format(elf=prefix) for word in toolchain.words],
        compiler=[word.format(elf=prefix) for word in toolchain.compiler])
    says = output(*here.compiler, "-dM", "-E", "-x", "c", "/dev/null")
    if "__i386__" not in says or not shutil.which(here.linker):
        reason = f"no {here.name} with {here.linker}: {here.needs}"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return here


def build(toolchain):
    """(the kernel, its linker)"""
    if not toolchain.words:
        return lacuna.kernel(), toolchain.linker
    here = demand(toolchain)
    folder = lacuna.build_dir() / "toolchains" / re.sub(r"\W+", "-", here.name)
    log = make("-j2", "WERROR=1", f"O={folder}", *here.words)
    assert "warning:" not in log, log
    return folder / "lacuna.elf", here.linker


def text_at(image, address):
    return image.code(address, address + 200).split(b"\0")[0].decode("ascii")


def cases(image):
    """The self-tests that test=* runs, in the order in which they lie there."""
    start, end = map(image.address_of, ("ktests_start", "ktests_end"))
    for suite, name, file, line, flags, _ in ENTRY.iter_unpack(
            image.code(start, end)):
        if flags == PLAIN:
            yield (f"{text_at(image, suite)}.{text_at(image, name)}",
                   text_at(image, file), line)


def tables(kernel):
    """The names of what is put into sections, as they follow each other."""
    names = [line.split()[2] for line in
             output(lacuna.cross("nm"), "-n", kernel).splitlines()]
    return {table: names[names.index(f"{table}_start") + 1:
                         names.index(f"{table}_end")] for table in TABLES}


def demand_sound_file(kernel):
    undefined = output(lacuna.cross("nm"), "-u", kernel)
    assert undefined == "", undefined
    headers = output(lacuna.cross("readelf"), "-lW", kernel)
    flags = re.findall(r"^ +LOAD +(?:0x\w+ +){5}([R WE]{3}) ", headers,
                       re.MULTILINE)
    assert {"R E", "R  ", "RW "} == set(flags), headers
    for protocol in ("multiboot", "multiboot2"):
        assert subprocess.run(["grub-file", f"--is-x86-{protocol}", kernel],
                              check=False).returncode == 0, protocol


def demand_source_order(found):
    """Within a file each case of a suite stands below the one before it."""
    for (name, file, line), (after, next_file, below) in zip(found, found[1:]):
        same = (file, name.split(".")[0]) == (next_file, after.split(".")[0])
        assert not same or line < below, after


def linker_version(linker):
    """GNU ld 2.40, LLD 14.0.6"""
    first = output(linker, "--version").splitlines()[0]
    name = "LLD" if "LLD" in first else "GNU ld"
    return f"{name} {re.search(r'[0-9]+[.][0-9.]*[0-9]', first)[0]}"


@pytest.mark.slow
@pytest.mark.parametrize("toolchain", TOOLCHAINS, ids=lambda t: t.name)
def test_every_toolchain(toolchain, boot, row, detail):
    kernel, linker = build(toolchain)
    demand_sound_file(kernel)
    found = list(cases(elf.Image(kernel)))
    demand_source_order(found)
    reference = tables(lacuna.kernel())
    for table, names in tables(kernel).items():
        assert [name for name in names
                if not name.endswith("_in_debug_builds")] == reference[table]

    run = boot(elf=kernel, mem="1G", append="test=* exit", timeout=180)
    detail(run.report.summary())
    assert run.problems() == []
    assert [case.full_name for case in run.report.cases] == [
        name for name, _, _ in found]
    compiler = re.search(r"built by (\S+ [0-9.]+)$", run.log, re.MULTILINE)
    assert compiler, run.line_with("built by")
    debug = ", DEBUG=1" if "DEBUG=1" in toolchain.words else ""
    row(f"{compiler[1]}, {linker_version(linker)}{debug}",
        result=f"builds without a warning, boots, {run.report.summary()}",
        section="Compilers")


@pytest.mark.quick
@pytest.mark.parametrize("words, tools", TOOLS,
                         ids=[" ".join(words) for words, _ in TOOLS])
def test_compiler_linker_and_nm_belong_together(words, tools):
    said = make("-s", *words, "--eval",
                "show:;@echo $(KIND): $(CC) $(LD) $(NM)", "show")
    assert re.fullmatch(tools, said.strip())


@pytest.mark.quick
def test_a_make_that_is_too_old_says_what_to_install():
    lines = make("MAKE_VERSION=3.81", "help", expect=2).splitlines()
    assert len(lines) == 1
    assert "GNU make 4" in lines[0] and "brew install make" in lines[0]
