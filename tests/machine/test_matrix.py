# SPDX-License-Identifier: MIT
"""test_matrix.py - every self-test on every kind of machine

Each amount of memory gives other zones: 8 MiB has only DMA, 16 ends with it,
64 and 512 add NORMAL, 1 GiB the first HIGHMEM, 3.5 GiB and more RAM beyond the
hole below 4 GiB. Each CPU gives other features: pentium3 no NX, n270 and qemu32
only 32 bits of physical address. CPUs without PAE are refused in one line.

The logs stay in build/test/; that of 2 GiB is the reference for claims.
"""

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
NAMES = [f"{mem}-{cpu}" for mem, cpu in MACHINES]


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
def test_every_case_passes(boot, detail, mem, cpu):
    run = boot(mem=mem, cpu=cpu, append="test=* exit", timeout=120)
    log = keep(run, f"{mem}-{cpu}")
    detail(run.report.summary())
    assert run.problems() == []
    assert run.report.benches["boot.instructions"] > 0
    demand_prove_agrees(log)
    if (mem, cpu) == REFERENCE:
        assert run.report.skipped == []
        assert len(run.report.cases) >= 150


@pytest.mark.quick
@pytest.mark.parametrize("cpu", ["486", "pentium", "max,-pae"])
def test_a_cpu_without_pae_is_refused(boot, live, cpu):
    run = boot(mem="64M", cpu=cpu, append="test=* exit", timeout=20)
    assert run.status == lacuna.FAIL
    assert len(run.lines) == 1
    assert "PAE" in run.lines[0]

    machine = live(mem="64M", cpu=cpu, append="exit", exit_device=False)
    machine.wait_for_power_off()
    assert [line for line in machine.screen() if line] == run.lines
