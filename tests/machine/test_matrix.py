# SPDX-License-Identifier: MIT
"""test_matrix.py - every self-test on every kind of machine

Each amount of memory gives other zones: 8 MiB has only DMA, 16 ends with it,
64 and 512 add NORMAL, 1 GiB the first HIGHMEM, 3.5 GiB and more RAM beyond the
hole below 4 GiB, 61 and 64 GiB a mem_map of 256 MiB; their memory is reserved
lazily, so the host need not have it. Each CPU gives other features: pentium3 no
NX, n270 and qemu32 only 32 bits of physical address. CPUs without PAE are
refused in one line.

The logs stay in build/test/; that of 2 GiB is the reference for claims.
"""

import re
import resource
import subprocess

import pytest

import ktap
import lacuna

REFERENCE = ("2G", "max")
MEMORIES = ["8M", "16M", "64M", "512M", "1G", "2G", "3584M", "5G", "16G"]
CPUS = ["pentium3", "n270", "qemu32", "core2duo"]
MACHINES = ([(mem, "max") for mem in MEMORIES]
            + [("256M", cpu) for cpu in [*CPUS, "max"]])
QUICK = ("512M", "max")
LARGE = [("61G", "qemu-system-i386"), ("64G", "qemu-system-x86_64")]
NAMES = [f"{mem}-{cpu}" for mem, cpu in MACHINES]

# KiB: 1 GiB of frames that tests may touch, mem_map, and QEMU itself.
HOST_MEMORY = (1024 + 256 + 128) << 10
LOW_FREE = 600 << 8                 # pages: 600 MiB


def keep(run, name):
    """The log, and the report as JUnit XML, under build/test."""
    folder = lacuna.build_dir() / "test"
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / f"{name}.ktap"
    log.write_text(run.log, encoding="ascii", errors="replace")
    broken = run.report.broken(run.status, run.timed_out)
    ktap.write_junit(folder / f"{name}.xml",
                     ktap.junit(run.report, name, broken))
    return log


def demand_prove_agrees(log):
    """An ordinary TAP reader finds no fault with the top level."""
    prove = subprocess.run(["prove", "-e", "cat", log], text=True,
                           capture_output=True, check=False)
    assert prove.returncode == 0, prove.stdout + prove.stderr


@pytest.mark.parametrize(
    "mem, cpu",
    [pytest.param(*machine, id=name,
                  marks=[pytest.mark.quick] if machine == QUICK else [])
     for machine, name in zip(MACHINES, NAMES)])
def test_every_case_passes(boot, detail, row, mem, cpu):
    run = boot(mem=mem, cpu=cpu, append="test=* exit", timeout=120)
    log = keep(run, f"{mem}-{cpu}")
    detail(run.report.summary())
    row(f"qemu-system-i386, {cpu}, {mem}", run.report.summary(), "QEMU")
    assert run.problems() == []
    assert run.report.benches["boot.instructions"] > 0
    demand_prove_agrees(log)
    if (mem, cpu) == REFERENCE:
        assert ({case.reason for case in run.report.skipped}
                <= {"boot with page_poison", "no COM2"})
        assert len(run.report.cases) >= 150


def free_low_pages(log):
    """The free column of DMA and NORMAL in the table of zones."""
    rows = re.findall(r"^ +(DMA|NORMAL)((?: +\w+)+)$", log, re.MULTILINE)
    return sum(int(numbers.split()[4]) for _, numbers in rows)


@pytest.mark.slow
@pytest.mark.parametrize("mem, qemu", LARGE)
def test_a_large_machine(boot, detail, row, monkeypatch, mem, qemu):
    """All tests pass, and most of the machine's memory is never touched."""
    monkeypatch.setenv("QEMU", qemu)
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    run = boot(mem=mem, append="test=* exit", timeout=240)
    keep(run, f"{mem}-max")
    used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    detail(f"{run.report.summary()}; the host gave {used >> 10} MiB")
    row(f"{qemu}, max, {mem}", run.report.summary(), "QEMU")
    assert run.problems() == []
    assert used < max(before + 1, HOST_MEMORY)
    assert free_low_pages(run.log) >= LOW_FREE


@pytest.mark.quick
@pytest.mark.parametrize("cpu", ["486", "pentium", "max,-pae"])
def test_a_cpu_without_pae_is_refused(boot, live, row, cpu):
    run = boot(mem="64M", cpu=cpu, append="test=* exit", timeout=20)
    assert run.status == lacuna.FAIL
    assert len(run.lines) == 1
    assert "PAE" in run.lines[0]

    machine = live(mem="64M", cpu=cpu, append="exit", exit_device=False)
    machine.wait_for_power_off()
    assert [line for line in machine.screen() if line] == run.lines
    row(f"qemu-system-i386, {cpu}", "refused in one line", "QEMU")
