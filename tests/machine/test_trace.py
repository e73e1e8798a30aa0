# SPDX-License-Identifier: MIT
"""test_trace.py - what trace= writes to COM2, and what is made of it

One run of the demonstration and one of the self-tests of vmalloc and buddy are
recorded as `make timelapse` does it; what each test looks at is one of these.
"""

import collections
import fcntl
import json
import os
import re
import shutil

import pytest

import chrome_trace
import ktap
import lacuna
import replay
import timelapse
import timelapse_page

SMALL = {"mem": "48M"}
PLAYER = lacuna.ROOT / "tests/machine/play.mjs"

Recorded = collections.namedtuple("Recorded", "status log trace")


def recorded(tmp_path_factory, append):
    trace = tmp_path_factory.mktemp("trace") / "trace.jsonl"
    status, log = timelapse.record(lacuna.kernel(), trace,
                                   timelapse.command_line(append), 120, **SMALL)
    return Recorded(status, log, trace)


# Both are made once, on the core that has these tests.
pytestmark = pytest.mark.xdist_group("trace")


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    return recorded(tmp_path_factory, "demo highmem=16M")


@pytest.fixture(scope="module")
def tests(tmp_path_factory):
    return recorded(tmp_path_factory,
                    "test=vmalloc.*,buddy.* highmem=16M")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["demo", "tests"])
def test_model_holds_and_comes_to_the_kernels_sums(name, request, detail):
    run = request.getfixturevalue(name)
    assert run.status == lacuna.PASS, run.log[-2000:]
    memory, sentence = replay.check(run.trace, run.log)
    assert "sums as in the kernel's buddy, vmlist, zones" in sentence
    assert memory.nr_events > 10000 and not memory.open
    detail(sentence)


def test_self_tests_report_on_com1_as_ever(tests):
    """The trace is on COM2 alone; it has a scene for each case."""
    report = ktap.read(tests.log)
    assert report.problems() == []
    assert '{"seq"' not in tests.log
    names = [event["name"] for event in replay.read(tests.trace)
             if event["e"] == "begin" and "." in event["name"]]
    assert names == [f"{case.suite}.{case.name}" for case in report.cases]


def test_every_kind_of_event_is_written(demo, tests):
    kinds = {event["e"] for run in (demo, tests)
             for event in replay.read(run.trace)}
    text = (lacuna.ROOT / "modules/trace/trace.c").read_text("ascii")
    names = set(re.findall(r'\[TRACE_\w+\] = "(\w+)"', text))
    # These need the suites kmap and vrealloc, which the kernel's tests look at.
    assert names - kinds <= {"kmap", "kunmap", "area_asked"}
    described = (lacuna.ROOT / "docs/trace.md").read_text("ascii")
    for name in names:
        assert f"| `{name}` |" in described


def lines_of(run):
    return run.trace.read_text("ascii").splitlines()


def test_lost_or_invented_event_is_found(tests, tmp_path):
    """One line less, one line twice: each kind is missed."""
    events = [json.loads(line) for line in lines_of(tests)]
    places = {}
    for number, event in enumerate(events):
        if event["e"] not in ("machine", "begin", "end", "slab_grow",
                              "slab_shrink") and event.get("zone") != "none":
            if event["e"] != "flush" or events[number - 1].get("mapped"):
                places.setdefault(event["e"], []).append(number)
    unseen = []
    for kind, numbers in sorted(places.items()):
        at = numbers[len(numbers) // 2]
        for what, changed in (
                ("lost", events[:at] + events[at + 1:]),
                ("twice", events[:at + 1] + events[at:])):
            path = tmp_path / "changed.jsonl"
            path.write_text("".join(
                json.dumps({**event, "seq": seq}) + "\n"
                for seq, event in enumerate(changed)), encoding="ascii")
            try:
                replay.check(path, tests.log)
                unseen.append(f"{kind} {what}")
            except replay.Broken:
                pass
    assert unseen == ["flush twice"]    # no mistake, and not to be seen


def test_gap_in_the_numbers_is_found(demo, tmp_path):
    lines = lines_of(demo)
    path = tmp_path / "gap.jsonl"
    path.write_text("\n".join(lines[:50] + lines[51:]) + "\n", "ascii")
    with pytest.raises(replay.Broken, match="M1: line 51"):
        replay.check(path)
    path.write_text("\n".join(lines[:50]) + lines[50][:20], "ascii")
    with pytest.raises(replay.Broken, match="line 50"):
        replay.check(path)


# --- what is made of it ---------------------------------------------------------

@pytest.fixture(scope="module")
def page(demo):
    return timelapse_page.Page(replay.read(demo.trace)).text("a run")


def test_page_is_one_file_and_readable_without_a_script(page):
    outside = re.findall(r'(?:src|href)="(?!#)[^"]*"|@import|fetch\(|url\(',
                         page)
    assert outside == []
    assert re.findall(r"https?://[^\"]*", page) == \
        ["http://www.w3.org/2000/svg"]          # a name, not a place
    still = re.sub(r"<script>.*</script>", "", page, flags=re.DOTALL)
    for zone in ("DMA", "NORMAL", "HIGHMEM"):
        assert f"<h2>{zone}</h2>" in still
        assert re.search(rf'id="c-{zone}-0" [^>]*fill="(hsl|#999)', still)
        assert re.search(rf'id="f-{zone}">\d+ frames free', still)
    assert "[2] memory in crumbs" in still


def test_page_plays_to_the_state_of_the_model(demo, page, tmp_path):
    if not shutil.which("node"):
        message = "needs node: apt-get install nodejs"
        pytest.fail(message) if os.environ.get("CI") else \
            pytest.skip(message)
    path = tmp_path / "page.html"
    path.write_text(page, "ascii")
    run = lacuna.run(["node", PLAYER, path], 60)
    assert run.status == 0, run.why()
    played = json.loads(run.log)
    assert played["missing"] == []
    assert played["at"] == played["first"] + 49 + 50
    memory = replay.Memory().play(replay.read(demo.trace))
    assert played["zones"] == {name: [free, counts] for name, (
        free, _, counts) in memory.zones().items()}
    assert played["areas"] == [[start, len(area.pages)]
                               for start, area in memory.areas.items()]


def test_file_for_other_viewers_has_the_documented_fields(demo):
    made = json.loads(json.dumps(
        chrome_trace.export(replay.read(demo.trace))))
    assert set(made) == {"displayTimeUnit", "traceEvents", "otherData"}
    fields = {"X": {"name", "ts", "dur", "pid", "tid", "cat", "args"},
              "C": {"name", "ts", "pid", "args"},
              "i": {"name", "ts", "pid", "tid", "s", "cat", "args"},
              "M": {"name", "pid", "tid", "args"}}
    kinds = collections.Counter()
    for event in made["traceEvents"]:
        wanted = fields[event["ph"]] | {"ph"}
        assert set(event) | {"tid"} == wanted | {"tid"}, event
        kinds[event["ph"]] += 1
    assert min(kinds[ph] for ph in "XCiM") > 0
    taken = sum(event["e"] == "area_take" for event in replay.read(demo.trace))
    areas = [event for event in made["traceEvents"]
             if event.get("cat") == "area"]
    assert len(areas) == taken
    last = {}
    for event in sorted(areas, key=lambda event: event["ts"]):
        assert event["ts"] >= last.get(event["tid"], 0), "a lane holds two"
        last[event["tid"]] = event["ts"] + event["dur"]
    document = (lacuna.ROOT / "docs/trace.md").read_text("ascii")
    for name in ("ph", *fields["X"], "s"):
        assert f"`{name}`" in document, name


# --- trace= ---------------------------------------------------------------------

@pytest.mark.quick
def test_without_com2_there_is_one_line_and_the_books_balance(boot):
    run = boot(mem="64M", append="trace=* test=vmalloc.*,trace.* exit")
    assert run.problems() == []
    said = [line for line in run.lines if "trace" in line and "COM2" in line]
    assert said == ["trace: there is no COM2 to write to; nothing is traced"]


@pytest.mark.quick
def test_damaged_name_is_reported_and_ignored(boot, tmp_path):
    path = tmp_path / "trace.jsonl"
    run = boot(mem="64M", append="trace=area_*,nosuch,flush "
               "test=trace_select.*,vmalloc.guard* exit",
               extra=["-serial", f"file:{path}"])
    assert run.problems() == []
    run.line_with("trace: 'nosuch' names no event, ignored; docs/trace.md")
    traced = [json.loads(line) for line in
              path.read_text("ascii").splitlines()]
    assert {event["e"] for event in traced if event["t"]} >= {
        "area_take", "area_free", "flush"}
    with pytest.raises(replay.Broken, match="not one of all events"):
        replay.check(path)


# --- a port that nobody reads -----------------------------------------------------

F_SETPIPE_SZ = 1031                     # of fcntl since Python 3.10
IN_VAIN = "test=vmalloc.*,serial.a_port_that_takes_nothing_is_waited_for_once"


@pytest.fixture
def unread(tmp_path):
    """A serial port of QEMU, and what to read of it when all is over."""
    ends = [tmp_path / f"port{end}" for end in (".in", ".out")]
    for path in ends:
        os.mkfifo(path)
    held = [os.open(path, os.O_RDWR | os.O_NONBLOCK) for path in ends]
    fcntl.fcntl(held[1], F_SETPIPE_SZ, 4096)
    yield f"pipe:{tmp_path / 'port'}", held[1]
    for end in held:
        os.close(end)


def test_trace_that_nobody_reads_stops_nothing(boot, unread):
    """It is cut where the pipe was full, and the kernel has lost one second."""
    port, end = unread
    run = boot(mem="64M", append=f"trace=* {IN_VAIN} exit",
               extra=["-serial", port], timeout=30)
    assert run.problems() == []
    lines = os.read(end, 1 << 16).decode("ascii").splitlines()[:-1]
    assert [json.loads(line)["seq"] for line in lines] == \
        list(range(len(lines)))
    assert len(lines) > 20


def test_console_that_nobody_reads_stops_nothing(boot, unread):
    port, end = unread
    run = boot(mem="64M", append="test=vmalloc.*,slab.* exit", serial=port,
               timeout=25)
    assert run.status == lacuna.PASS
    assert "Subtest: slab" in os.read(end, 1 << 16).decode("ascii")
