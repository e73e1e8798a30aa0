# SPDX-License-Identifier: MIT
"""test_trace.py - what trace= writes to COM2, and what is made of it

One run of the demonstration and one of the self-tests of vmalloc and buddy are
recorded as `make timelapse` does it; what each test looks at is one of these.
"""

import collections
import fcntl
import html
import json
import os
import re
import shutil
import sys

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


AREA = (b'{"seq":0,"t":1,"e":"area_take","addr":"f8800000","size":8192,'
        b'"guard":4096,"asked":1,"caller":"x"}')
FREE = '{{"seq":0,"t":1,"e":"block_free","zone":"DMA","pfn":{},"order":{}}}'


@pytest.mark.quick
@pytest.mark.parametrize("text, says", [
    (b"5", "line 1: it is no object of JSON"),
    (b'{"seq":0}', "line 1: there is no event None"),
    (b'{"seq":0,"t":1,"e":"play"}', "line 1: there is no event 'play'"),
    (b'{"seq":0,"t":1,"e":["end"]}', "line 1: there is no event ['end']"),
    (b'{"t":1,"e":"flush","all":true}', "M1: line 1 has seq None and t 1"),
    (b'{"seq":0,"t":1,"e":"flush"}', "line 1: flush: `addr` is missing"),
    (AREA, "no `machine` stands before it; event 0"),
    (AREA.replace(b"f8800000", b"8"), "area_take: `addr` is missing, or"),
    (AREA.replace(b"x", b"\xff"), "line 1: it is no object of JSON in ASCII"),
    (FREE.format(1 << 40, 0).encode(), "block_free: `pfn` is missing, or"),
    (FREE.format(0, "true").encode(), "block_free: `order` is missing, or"),
    (FREE.format(0, 0).replace("free", "split").encode(), "M2: a single frame"),
    (b"[" * 100000, "line 1: it is no JSON"),
    (b"", "0 events, and no `machine` among them"),
    (None, "No such file or directory; `make timelapse` makes"),
], ids=lambda value: str(value)[:40])
def test_what_is_no_trace_is_answered_with_a_sentence(text, says, tmp_path):
    path = tmp_path / "damaged.jsonl"
    if text is not None:
        path.write_bytes(text + b"\n" * (text != b""))
    run = lacuna.run([sys.executable, lacuna.ROOT / "tools/replay.py", path],
                     60)
    assert run.status == 1, run.why()
    assert len(run.errors.splitlines()) == 1, run.errors
    assert run.errors.startswith(f"replay: {path}: ") and says in run.errors


@pytest.mark.quick
def test_a_damaged_answer_in_the_log_is_answered_with_a_sentence(demo):
    for good, bad in (("  DMA          0", "  AMD          0"),
                      ("  start     guard", "  start     guard\n  x")):
        assert good in demo.log
        with pytest.raises(replay.Broken, match="M8: an answer in the log is"):
            replay.check(demo.trace, demo.log.replace(good, bad))


@pytest.mark.quick
def test_chrome_wants_a_machine_too():
    with pytest.raises(replay.Broken, match="no `machine`"):
        chrome_trace.export([])


@pytest.mark.quick
def test_what_qemu_left_from_another_run_is_not_drawn(tmp_path):
    """It ends before it has opened its files: `make timelapse` too."""
    qemu = tmp_path / "qemu"
    qemu.write_text("#!/bin/sh\nexit 1\n", "ascii")
    qemu.chmod(0o755)
    (tmp_path / "trace.jsonl").write_text("of another run", "ascii")
    run = lacuna.run([sys.executable, lacuna.ROOT / "tools/timelapse.py",
                      lacuna.kernel()], 60, env={
                          **os.environ, "O": str(tmp_path), "QEMU": str(qemu)})
    assert run.status == 1 and "Traceback" not in run.errors, run.why()
    assert "the run ended with status 1, so nothing is drawn" in run.errors
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "qemu", "timelapse.log"]


# --- with the guard menu --------------------------------------------------------

@pytest.mark.quick
@pytest.mark.parametrize("guard, pages", [("both", 2), ("right", 1)])
def test_each_area_has_the_guard_of_the_menu(guard, pages, tmp_path,
                                             monkeypatch):
    """Two areas at the prompt, in 24 MiB: half a second."""
    monkeypatch.setattr(timelapse, "QUESTIONS", (
        "vmalloc 10000", "vmalloc 4096", *timelapse.QUESTIONS))
    path = tmp_path / "trace.jsonl"
    status, log = timelapse.record(
        lacuna.kernel(), path, timelapse.command_line(
            f"monitor highmem=4M guard={guard}"), 60, mem="24M")
    assert status == lacuna.PASS, log[-2000:]
    assert "vmlist" in replay.check(path, log)[1]
    made = timelapse_page.Page(replay.read(path))
    areas = list(made.memory.areas.values())
    assert [area.asked for area in areas] == [10000, 10000, 4096]
    for area in areas:
        assert area.start + area.size - area.guard == pages * replay.PAGE
        assert area.guard - area.start == len(area.pages) * replay.PAGE
    wide = {float(x) for x in re.findall(
        r'width="([\d.]+)" height="40" fill="#c00"', made.text("a run"))}
    scale = 900 / (made.window["to"] - made.window["from"])
    assert max(wide) == pytest.approx(pages * replay.PAGE * scale, abs=0.02)

    # Mapped to something, each page of a guard breaks M5.
    lines = path.read_text("ascii").splitlines()
    for number in range(pages):
        event = {"seq": len(lines), "t": 1 << 60, "e": "map", "pages": 1,
                 "addr": f"{areas[0].guard + number * replay.PAGE:08x}",
                 "runs": [[0, 1]]}
        changed = tmp_path / "changed.jsonl"
        at = next(index for index, line in enumerate(lines)
                  if '"area_free"' in line)
        event["seq"], event["t"] = at, json.loads(lines[at])["t"]
        changed.write_text("\n".join([*lines[:at], json.dumps(event)]) + "\n",
                           "ascii")
        with pytest.raises(replay.Broken, match="M5: page .* or on a guard"):
            replay.check(changed)


# --- what is made of it ---------------------------------------------------------

@pytest.fixture(scope="module")
def page(demo):
    return timelapse_page.Page(replay.read(demo.trace)).text("a run")


def test_still_picture_shows_most_areas_and_says_when(demo, page):
    """P2: the state that it names, of the events that can be drawn."""
    still = int(re.search(r"<noscript>.*after event (\d+), in \[2\]", page)[1])
    drawn = [event for event in replay.read(demo.trace)
             if timelapse_page.short(event)]
    memory = replay.Memory()
    memory.on_machine(next(event for event in replay.read(demo.trace)
                           if event["e"] == "machine"))
    memory.play(drawn[:still])
    assert len(memory.areas) == 3
    assert max(len(area.pages) for area in memory.areas.values()) == 512
    for name, (free, _, _) in memory.zones().items():
        assert f'id="f-{name}">{free} frames free' in page
    static = re.search(r'<ul id="list">(.*)</ul>', page)[1]
    assert [item[:8] for item in static.split("<li>")[1:]] == [
        f"{start:08x}" for start in sorted(memory.areas)]
    assert page.count('height="40" fill="#c00"') == 3
    assert "first scene" not in (lacuna.ROOT / "docs/trace.md").read_text(
        "ascii").split("## Events")[0]


def test_page_that_is_cut_says_so(demo, monkeypatch, capsys):
    whole = timelapse_page.Page(replay.read(demo.trace))
    assert f"<p>This page has {len(whole.events)} events" in whole.text("a run")
    monkeypatch.setattr(timelapse_page, "MOST_EVENTS", 5000)
    cut = timelapse_page.Page(replay.read(demo.trace))
    assert len(cut.events) == 5000 and cut.still <= 5000
    extent = f"the first 5000 of {len(whole.events)} events"
    assert f"<p>This page has {extent}" in cut.text("a run")
    assert cut.extent() == extent
    assert "the first 400000 of" in (
        lacuna.ROOT / "docs/trace.md").read_text("ascii")


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
    assert played["areas"] == [
        [start, len(area.pages), start + area.size - area.guard]
        for start, area in memory.areas.items()]
    assert played["listed"] == [html.unescape(item) for item in re.findall(
        "<li>([^<]*)</li>", re.search(r'<ul id="list">.*</ul>', page)[0])]


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
