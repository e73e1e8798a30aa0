# SPDX-License-Identifier: MIT
"""test_hostile.py - loaders that lie, seen from outside

Problem     A frame that no entry of the memory map gave may be a device, the
            firmware, or nothing. A kernel that takes it works, for a while.
Idea        The memory of QEMU's machine is a file. In it lies what crafted.py
            wrote; the kernel boots on that and writes into every frame that it
            can get (tests/mm/test_frames.c). When it is done we read the file
            again: what no entry gave must be as it was.
Invariants  H1  Whatever it is told, the kernel boots, or says in a sentence why
                not: no exception, no reset, no hang.
            H2  Memory that no entry gave is not written.
            H3  RAM that surely is there is found, to the page.
            H4  What the loader left, its own words and the modules, is not
                written, and a module is refused only for the reason named.
Read first  judge

    HOSTILE_FIRST=300 HOSTILE_SEEDS=1000 pytest tests/machine/test_hostile.py
"""

import mmap
import os
import random
import re
import tempfile

import pytest

import lacuna
from conftest import Booted
import lies_form                        # noqa: F401 - these two fill the
import lies_memory                      # noqa: F401 - lists of lies.py
from crafted import (
    GIB, KERNEL, MIB, MMAP_LENGTH, PAGE, RAM, REAL, RESERVED, WORLD,
    Description, Machine, memory_file)
from lies import MOOT, UGLY, UNTRUE, WORK, make_up
from oracle import Oracle, contain, overlap, size_of

FIRST = int(os.environ.get("HOSTILE_FIRST", "0"))
SEEDS = int(os.environ.get("HOSTILE_SEEDS", "300"))
NR_SEEDS = 15                           # in one test
CHUNK = 1 << 16                         # bytes compared at a time
CPUS = ["max", "max", "pentium3", "qemu32"]
TIMEOUT = 60                            # seconds; a boot takes a quarter of one

IDLE = b"Nothing more to do."           # without a command line it stays
REFUSAL = re.compile(r"^(lacuna: cannot start: |panic: mem(map|block): )",
                     re.MULTILINE)
ZONE = re.compile(r"^ +(?:DMA|NORMAL|HIGHMEM) +\w+ +\w+ +(\d+)", re.MULTILINE)
WIDTH = re.compile(r"(\d+) address bits")
UNAFFORDABLE = re.compile(r"page: (\d+) KiB of RAM above \w+ are not used")
IGNORED = re.compile(r"module '.*' at \[(\w+), (\w+)\) (.+), ignored")


@pytest.fixture(scope="module")
def machine():
    return Machine(lacuna.kernel().read_bytes())


@pytest.fixture(scope="module")
def enter():
    """Boot a Machine; returns how it went, and the memory afterwards."""
    loader = lacuna.build_dir() / "tests/loader/loader.elf"
    assert loader.exists(), "`make loader` builds it"
    with tempfile.NamedTemporaryFile(prefix="lacuna") as ram:
        ram.truncate(REAL)
        after = mmap.mmap(ram.fileno(), WORLD, access=mmap.ACCESS_READ)

        def boot(machine, cpu="max"):
            machine.save(ram.name)
            argv = lacuna.machine(elf=loader, mem="64M", cpu=cpu,
                                  extra=memory_file(ram.name))
            with lacuna.Process(argv, TIMEOUT) as process:
                log = b""
                for chunk in process.chunks():
                    log += chunk
                    if IDLE in log:
                        break
                run = Booted(argv, process.status,
                             log.decode("ascii", "replace").replace("\r", ""),
                             process.errors, process.seconds,
                             process.timed_out)
            return run, after
        yield boot


# --- the verdict --------------------------------------------------------------

def has_booted(run):
    return run.status == lacuna.PASS or IDLE.decode() in run.log


def ending(run, truth):
    """H1"""
    if run.timed_out:
        yield "it hangs"
    elif has_booted(run):
        if truth.runs_tests:
            yield from run.problems()
    elif run.status != lacuna.FAIL or not REFUSAL.search(run.log):
        yield "neither has it booted nor does it say why not"
    elif truth.enough:
        yield "there is enough RAM, and yet it refuses"


def changes(before, after, ranges):
    """The first changed address of each range that is not as it was."""
    for start, end in ranges:
        for at in range(start, end, CHUNK):
            to = min(at + CHUNK, end)
            if before[at:to] != after[at:to]:
                yield next(i for i in range(at, to) if before[i] != after[i])
                break


def ram_found(run, truth):
    """H3"""
    found = sum(int(pages) for pages in ZONE.findall(run.log)) * PAGE
    dropped = UNAFFORDABLE.search(run.log)
    if dropped:
        found += int(dropped[1]) * 1024
    most, least = size_of(truth.given), size_of(truth.there)
    if not least <= found <= most:
        yield f"{found:#x} bytes of RAM found, not {least:#x} to {most:#x}"


def refused_modules(run):
    return {(int(start, 16), int(end, 16)): why
            for start, end, why in IGNORED.findall(run.log)}


def modules_judged(refused, truth, image_end):
    """H4"""
    for module in truth.modules:
        why = refused.get(module, "kept")
        outside = not contain(truth.given, *module)
        over = overlap([(KERNEL, image_end)], *module)
        if ("outside RAM" in why and contain(truth.there, *module)
                or "in the kernel" in why and not over
                or why == "kept" and (outside or over)):
            yield f"the module from {module[0]:#x} to {module[1]:#x} {why}"


def judge(machine, run, after):
    """What is wrong with how the kernel took it: sentences."""
    width = WIDTH.search(run.log)
    truth = Oracle(machine, int(width[1]) if width else 36)
    wrong = list(ending(run, truth))
    before, image_end = machine.memory, machine.image_end
    for at in changes(before, after, truth.not_given(image_end)):
        wrong.append(f"{at:#x}, which no entry gave, was written")
    if has_booted(run):
        refused = refused_modules(run)
        kept = [module for module in truth.modules if module not in refused]
        for at in changes(before, after, truth.to_keep(kept)):
            wrong.append(f"{at:#x}, where the loader's words lie, was written")
        wrong += ram_found(run, truth)
        wrong += modules_judged(refused, truth, image_end)
    return wrong


# --- made up ------------------------------------------------------------------

def try_seed(seed, machine, enter):
    """None, or what somebody needs who has to find out what went wrong."""
    rng = random.Random(seed)
    description, words = make_up(seed, rng)
    machine.clear()
    description.write(rng, machine)
    run, after = enter(machine, cpu=rng.choice(CPUS))
    wrong = judge(machine, run, after)
    if not wrong:
        return None
    return "\n  ".join([
        f"seed {seed}: {'; '.join(wrong)}", *words,
        f"repeat: HOSTILE_FIRST={seed} HOSTILE_SEEDS=1 "
        "pytest tests/machine/test_hostile.py -k made_up",
        f"status {run.status}; last lines:", *run.lines[-12:]])


@pytest.mark.parametrize("first", range(FIRST, FIRST + SEEDS, NR_SEEDS))
def test_made_up(first, machine, enter, row):
    last = min(first + NR_SEEDS, FIRST + SEEDS)
    failures = [try_seed(seed, machine, enter) for seed in range(first, last)]
    if any(failures):
        pytest.fail("\n".join(filter(None, failures)), pytrace=False)
    if first == FIRST:
        row(f"{SEEDS} crafted descriptions, Multiboot 1 and 2",
            result="boots on what is left, or says why not",
            section="Hostile loaders")


# --- by hand ------------------------------------------------------------------

LOW = (0, 0x9FC00, RAM)


@pytest.fixture(params=[1, 2], ids=["multiboot1", "multiboot2"])
def boot_with(request, machine, enter):
    """Boot on a map of these ranges; the verdict on it must be good."""
    def boot(*ranges, cmdline=WORK, **told):
        description = Description(request.param)
        description.ranges, description.cmdline = list(ranges), cmdline
        for name, value in told.items():
            setattr(description, name, value)
        machine.clear()
        description.write(random.Random(0), machine)
        run, after = enter(machine)
        assert judge(machine, run, after) == [], run.why()
        return run
    return boot


def found_mib(run):
    return sum(int(pages) for pages in ZONE.findall(run.log)) // 256


def test_ram_that_is_none_is_dropped(boot_with):
    run = boot_with(LOW, (MIB, 799 * MIB, RAM))
    assert "is no RAM, whatever the loader says" in run.log
    assert found_mib(run) == REAL // MIB - 1


def test_high_ram_that_is_none_is_dropped(boot_with):
    run = boot_with(LOW, (MIB, 29 * MIB, RAM), (GIB, GIB, RAM))
    assert "[040000000, 080000000) is no RAM" in run.log
    assert found_mib(run) == 29


def test_a_hole_that_wraps_is_a_hole(boot_with):
    run = boot_with(LOW, (MIB, 30 * MIB, RAM), (16 * MIB, -8 * MIB, RESERVED))
    assert found_mib(run) == 15


def test_the_129th_range_is_heard_if_it_is_a_hole(boot_with):
    holes = [(0xF0000000 + 8192 * n, 4096, RESERVED) for n in range(126)]
    run = boot_with((MIB, 30 * MIB, RAM), LOW, *holes,
                    (16 * MIB, 8 * MIB, RESERVED))
    assert found_mib(run) == 15


def test_a_length_that_is_a_lie_reserves_nothing(boot_with):
    run = boot_with(LOW, (MIB, 30 * MIB, RAM), (0, 0, RAM),
                    fields={MMAP_LENGTH: 0x7FFFFFFF}, total=0x7FFFFFFF)
    assert found_mib(run) == 30


def test_a_tag_of_no_size_does_not_hold_it_up(boot_with):
    boot_with(LOW, (MIB, 30 * MIB, RAM), tag_sizes={0: 0})


def test_an_empty_map_is_refused_in_words(boot_with):
    run = boot_with((0, 0, RAM))
    assert "panic: memmap: 0 KiB of usable RAM found" in run.log


def test_the_self_tests_pass_on_a_map_of_crumbs(boot_with):
    crumbs = [((16 + n) * MIB, MIB // 2 + 0x800, RAM) for n in range(16)]
    boot_with(LOW, (MIB, 14 * MIB, RAM), *crumbs,
              cmdline=b"test=frames.*,buddy.*,zone.*,memblock.*,vmalloc.* exit")


# --- the judge itself ---------------------------------------------------------

def test_each_lie_is_among_them():
    told = {word for seed in range(300)
            for word in make_up(seed, random.Random(seed))[1]}
    for _, tell, _ in UGLY + UNTRUE + MOOT:
        assert tell.__doc__ in told


def test_a_frame_too_many_is_noticed(machine, enter):
    """The kernel is told of one MiB more than the judge."""
    def tell(size):
        description = Description()
        description.ranges = [LOW, (MIB, size, RAM)]
        description.cmdline = WORK
        machine.clear()
        description.write(random.Random(0), machine)

    tell(16 * MIB)
    run, after = enter(machine)
    assert judge(machine, run, after) == []
    tell(15 * MIB)
    assert [sentence for sentence in judge(machine, run, after)
            if sentence.endswith("which no entry gave, was written")]


def test_the_loader_wants_a_script(machine, enter):
    machine.clear()
    machine.magic = 0
    run, _ = enter(machine)
    assert run.status == 69
    assert run.log == "loader: there is no script for me\n"
