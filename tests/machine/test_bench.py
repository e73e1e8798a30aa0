# SPDX-License-Identifier: MIT
"""test_bench.py - what operations may cost, and whether the scale is right

Problem     A change that makes vmalloc twice as dear breaks no self-test.
Idea        Measure in instructions, which are the same on every run, and hold
            each figure against its goal (tests/bench/figures.txt). Before that,
            costs that are known beforehand are measured: 0, 1000, one that
            leaks, one that cannot be.
See         tools/bench.py, tests/bench/bench.c
"""

import subprocess
import sys
import xml.etree.ElementTree as xml

import pytest

import bench
import bench_figures
import bill
import elf
import lacuna
import trace
from conftest import make

pytestmark = pytest.mark.xdist_group("bench")

PEERS = bench_figures.read_peers()
GOALS = [name for name, peer in PEERS.items() if peer.goal]
TOOLS = lacuna.ROOT / "tools"


@pytest.fixture(scope="module")
def counting():
    """A kernel that counts what instructions hide."""
    folder = lacuna.build_dir() / "variants" / "count"
    log = make("-j2", "WERROR=1", f"O={folder}", "COUNT=1")
    assert "warning:" not in log, log
    return folder / "lacuna.elf"


@pytest.fixture(scope="module")
def figures():
    measured, index = bench.measure(lacuna.kernel(), "*")
    measured.update(bench.measure_elsewhere(lacuna.kernel()))
    return bench_figures.Figures(measured, {}, {}, PEERS, index)


def tool(name, *argv, expect=0):
    done = subprocess.run([sys.executable, TOOLS / name, *map(str, argv)],
                          cwd=lacuna.ROOT, env=lacuna.clean_environment(),
                          capture_output=True, text=True, check=False)
    assert (done.returncode != 0) == (expect != 0), done.stdout + done.stderr
    return done.stdout + done.stderr


def measured(log):
    return {name: value for name, (value, _) in bench.read(log).items()}


# --- the figures ---------------------------------------------------------------

@pytest.mark.parametrize("name", GOALS)
def test_a_goal_holds(figures, name, detail):
    assert name in figures, f"no benchmark measured {name}"
    figure = figures[name]
    detail(f"{figure.value}, goal {figure.goal}")
    if figure.value > figure.allowed:
        pytest.fail(figure.complaint(), pytrace=False)


def test_all_that_is_quoted_of_linux_is_measured_here(figures):
    assert figures.missing == []


def test_vmalloc_takes_frames_from_either_zone_for_the_same(figures):
    assert figures["vmalloc.16p.highmem.pair"].value == \
        figures["vmalloc.16p.normal.pair"].value


def test_the_list_gets_slower_by_the_area_and_no_other_index_does():
    def cost(index):
        found, used = bench.measure(
            lacuna.kernel(), "vmalloc.1p.live0.alloc,"
            "vmalloc.1p.live10000.alloc", index)
        assert used == index
        return [value for value, _ in found.values()][-2:]
    alone, among = cost("list")
    assert among >= 10 * alone
    for index in ("rbtree", "vmem"):
        alone, among = cost(index)
        assert among <= 1.2 * alone, index


# --- the scale -----------------------------------------------------------------

def test_known_costs_are_measured_exactly(figures):
    assert {name: figures[name].value for name in
            ("empty", "empty.1000", "empty.1000.each")} == \
        {"empty": 0, "empty.1000": 1000, "empty.1000.each": 100}
    assert 2 <= figures["empty.call"].value <= 10
    assert figures["empty.call.amortised"].value == \
        figures["empty.call"].value


def test_what_was_put_off_is_part_of_the_mean(figures):
    assert figures["empty.1000.amortised"].value == 1


@pytest.mark.quick
def test_the_cost_does_not_depend_on_memory(boot):
    names = "page.order0.pair,kmalloc.64.pair,vmalloc.16p.pair"
    logs = [boot(mem=mem, append=f"bench={names} exit",
                 extra=bench.ICOUNT).log for mem in ("64M", "1G")]
    first, second = ({name: value for name, value in measured(log).items()
                      if not name.startswith("boot.")} for log in logs)
    assert first == second and len(first) == 3


@pytest.mark.quick
@pytest.mark.parametrize("name, says", [
    ("planted.leak", "books: pages:"),
    ("planted.failure", "# bench: planted.failure: it fails here: no figure"),
    ("planted.needy", "needs 70000 MiB of free memory"),
    ("vmalloc.1p.live40000.alloc", "needs vmalloc=512M")])
def test_what_cannot_be_measured_fails_when_named(boot, name, says):
    run = boot(mem="2G", append=f"bench={name} exit", extra=bench.ICOUNT)
    assert run.status == lacuna.FAIL
    assert says in run.log


@pytest.mark.quick
def test_what_cannot_be_measured_fails_nothing_else(boot):
    run = boot(mem="64M", append="bench=planted*,empty*,vmalloc.1p.live4* exit",
               extra=bench.ICOUNT)
    assert run.status == lacuna.PASS
    assert "planted" not in run.log.split("areas are found by")[1]


# --- what is counted beside instructions -----------------------------------------

def test_events_are_counted_by_a_kernel_of_its_own(counting):
    found = {name: value for name, (value, unit) in
             bench.measure(counting, "page.*,vmalloc.*p.pair")[0].items()
             if unit == "thousandths"}
    assert found["vmalloc.16p.pair.pte_writes"] == 32000
    assert found["vmalloc.16p.pair.page_flushes"] == 16000
    assert found["vmalloc.256p.pair.full_flushes"] == 1000
    assert found["vmalloc.256p.pair.page_flushes"] == 0
    assert found["page.order0.pair.pte_writes"] == 0
    assert found["page.order10.pair.spinlocks"] >= 1000


def test_the_kernel_that_is_measured_counts_nothing(counting):
    counts = [elf.Image(path).address_of("event_counts")
              for path in (lacuna.kernel(), counting)]
    assert counts[0] is None and counts[1]


# --- the tools -------------------------------------------------------------------

def results(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_two_runs_give_the_same_bytes(counting, tmp_path):
    for name in "ab":
        tool("bench.py", "--only", "page.*,vmalloc.*p.pair,vmalloc.1p.live0*",
             "--folder", tmp_path / name, lacuna.kernel(), counting)
    first, second = (results(tmp_path / name) for name in "ab")
    assert first == second
    assert set(first) == {"bench.txt", "bench.json", "areas.svg", "sizes.svg",
                          "ratios.svg"}
    for name, data in first.items():
        if name.endswith(".svg"):
            words = " ".join(xml.fromstring(data).itertext())
            assert "instructions" in words.lower(), name


@pytest.fixture
def missed(tmp_path):
    path = tmp_path / "figures.txt"
    path.write_text("empty.1000 999 - -\nempty.1000.each 2*empty.call - -\n")
    return path


def test_a_missed_goal_is_shown_and_fails_when_checked(counting, missed,
                                                      tmp_path):
    words = ["--only", "empty*", "--figures", missed, "--folder", tmp_path,
             lacuna.kernel(), counting]
    shown = tool("bench.py", *words)
    assert "MISSED empty.1000: 1000 instructions, the goal is at most 999" in \
        shown
    said = tool("bench.py", "--check", *words, expect=1)
    assert "bench: empty.1000: 1000" in said
    assert "bench: empty.1000.each: 100 instructions, the goal is at most 12 " \
        "(2*empty.call)" in said


def test_a_goal_that_is_not_reached_yet_is_shown_and_passes(counting, missed,
                                                          tmp_path):
    missed.write_text("empty.1000 999 - - 1000\n")
    said = tool("bench.py", "--check", "--only", "empty*", "--figures", missed,
                "--folder", tmp_path, lacuna.kernel(), counting)
    assert "MISSED empty.1000" in said


# --- the bill ----------------------------------------------------------------------

def test_the_bill_adds_up(figures):
    ours, purposes, figure = bill.trace_ours(lacuna.kernel(),
                                             "page.order0.pair")
    assert figure == figures["page.order0.pair"].value
    assert sum(ours.values()) == sum(purposes.values()) == \
        figure + bill.EMPTY_RUN
    assert ours["alloc_pages"] and ours["__free_pages"]


@pytest.mark.quick
@pytest.mark.parametrize("name", bill.BENCHMARKS)
def test_linux_s_bill_adds_up_to_its_figure(name):
    recorded = sum(bill.read_linux()[name].values())
    assert abs(recorded - PEERS[name].lean) <= PEERS[name].lean * 0.02
    assert bill.purpose_of(bill.THEIRS, "nobody_knows") == "the rest"


@pytest.mark.quick
def test_a_block_that_was_put_off_is_not_counted_twice():
    log = ("Trace 0: 0x7f [00000000/c0100000/0000c0b3/ff] f\n"
           "Trace 0: 0x7f [00000000/c0100001/0000c0b3/ff] f\n"
           "Stopped execution of TB chain before 0x7f [c0100001] f\n"
           "Trace 0: 0x7f [00000000/c0100001/0000c0b3/ff] f\n")
    assert trace.EXECUTED.findall(log) == ["c0100000", "c0100001"]


@pytest.mark.quick
def test_a_run_ends_behind_its_call_even_through_a_thunk():
    assert list(trace.runs_of([1, 100, 500, 501, 502, 105, 500, 501, 9, 105],
                              500)) == [[500, 501, 502], [500, 501, 9]][:1]
    assert list(trace.runs_of([100, 900, 500, 501, 105], 500)) == [[500, 501]]


def rows_of(page, heading):
    """The cells of each row of the tables under a heading."""
    text = (lacuna.ROOT / page).read_text(encoding="ascii")
    part = text.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return [[cell.strip() for cell in line.strip("|").split(" | ")]
            for line in part.splitlines() if line.startswith("| ")]


@pytest.mark.quick
def test_linux_md_quotes_the_bill_as_recorded():
    linux = bill.read_linux()
    sums = [str(sum(linux[name].values())) for name in bill.BENCHMARKS]
    rows = rows_of("docs/linux.md", "The bill")
    named = [row for row in rows if len(row) == 6 and "`" in row[1]]
    seen = []
    for what, functions, *counts, _ in named:
        names = functions.strip("`").split("`, `")
        seen += names
        assert counts == [str(sum(linux[bench][name] for name in names) or "")
                          for bench in bill.BENCHMARKS], what
    assert sorted(seen) == sorted({name for part in linux.values()
                                   for name in part})
    for row in rows:
        if row[0] == "in all" and len(row) == 7:
            assert row[2::2] == sums
