# SPDX-License-Identifier: MIT
"""test_picture.py - the picture of memory: as a page, and live at the prompt

The page must be whole and stand alone, and show of the machine what its own
monitor says; a core and a log of one machine must give the same. What is
missing or damaged is answered with one line, and the old picture stays.
"""

import html.parser
import pathlib
import re
import shutil
import subprocess
import tempfile
import xml.etree.ElementTree as xml

import pytest

import book
import core
import lacuna
import picture_facts
import picture_html
import qmp
import timelapse
from gdbsession import TIMEOUT, elf, environment, tool      # noqa: F401
from test_book import ask_monitor
from test_gdb import Console

gdb_group = pytest.mark.xdist_group("gdb")

# What `make run` answers, cut down: enough for a picture.
LOG = """lacuna> map
addresses: a cell is 16 MiB; below it the last 128 MiB, a cell is 2 MiB
  c0000000 |{}WWWWWWWW|
  f8000000 |....{}K.F|
  D direct map  W window at f8800000  K kmap  F fixed slots  . hole
DMA: 15.6 MiB, 13.4 free, largest block 4096 KiB; a cell is 128 KiB
         0 |{}|
       800 |{}|
HIGHMEM: no RAM
window: pages 5, guards 2, kept 2, free 29173; a cell is 1024 KiB
  f8800000 |a{}|
  fc800000 |{}|
  . free  a areas  A half full or more  # as many guards as pages  , kept, busy
lacuna> vmlist
  start     guard         asked   pages  kind      caller
  f8800000  f8803000      10000       3  vmalloc   demo_buffer+0xd
  f8804000  f8806000       8192       2  ioremap   show+0x1, phys fe000000
  f8807000  f8808000       4096       0  kept      demo_neighbour+0xd
lacuna> pt f8800000
  PDPT    3  00000000001f5021
  PMD   452  0000000000000000  not present
  f8800000 is not mapped
lacuna> exit
""".format("D" * 56, "W" * 57, "rr__" + "K" * 60, "." * 64, "." * 63, "." * 50)


# --- what a page must be ------------------------------------------------------

class Reader(html.parser.HTMLParser):
    """Demands that what begins ends; notes what it saw."""

    EMPTY = {"meta"}

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self._open = [], [], []
        self.feed(text)
        self.close()
        assert not self._open

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        self._open += [tag] * (tag not in self.EMPTY)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self._open.pop() == tag


def drawings(text):
    return [xml.fromstring(one) for one in
            re.findall(r"<svg .*?</svg>", text, re.DOTALL)]


def boxes(drawing):
    """[(title, x, y, width)]"""
    space = "{http://www.w3.org/2000/svg}"
    return [(box.find(f"{space}title").text,
             *(float(box.get(name)) for name in ("x", "y", "width")))
            for box in drawing.iter(f"{space}rect")
            if box.find(f"{space}title") is not None]


def demand_whole(text):
    """It parses, stands alone and runs nothing; returns all its boxes."""
    reader = Reader(text)
    assert text.startswith("<!DOCTYPE html>") and text.isascii()
    assert not {"script", "link", "img", "iframe", "object"} & {*reader.tags}
    for name, value in reader.attributes:
        assert not name.startswith("on"), name
        assert name not in ("src", "href", "xlink:href", "data"), value
        assert name == "xmlns" or "//" not in (value or ""), value
    assert "url(" not in text and "@import" not in text
    found = [boxes(drawing) for drawing in drawings(text)]
    assert len(found) >= 6
    for title, x, _, width in sum(found, []):
        assert title and x >= 0 and width > 0
        assert x + width <= picture_html.WIDTH + 1, title
    return found


def demand_areas(text, areas, size=1):
    """Each area has its box, and behind it the one of its guard of so many
    pages; returns how many there are."""
    nearby = next(found for found in demand_whole(text)
                  if any("guard of area" in one[0] for one in found)
                  and not any(one[3] < 2 for one in found))
    titles = [one[0] for one in nearby]
    live = [area for area in areas if area.live]
    for area in live:
        begin = next(i for i, title in enumerate(titles)
                     if title.startswith(f"{area.start:08x} to "))
        assert area.caller in titles[begin]
        assert titles[begin + 1].startswith(
            f"{area.guard:08x} to {area.guard + size * 4096 - 1:08x}, "
            f"{4 * size} KiB: the guard of area {area.start:08x}")
        _, x, y, width = nearby[begin]
        _, its_x, its_y, _ = nearby[begin + 1]
        assert its_y > y or its_x >= x + width - 0.11
    assert sum("the guard of area" in title for title in titles) == len(live)
    return len(live)


@pytest.mark.quick
def test_a_log_becomes_a_page():
    facts = picture_facts.read(LOG)
    text = picture_html.page(facts, "a log")
    assert demand_areas(text, facts.areas) == 2
    assert "kept: addresses that are nobody's" in text
    assert "f8800000 is not mapped" in text and "PMD 452" in text
    assert [name for *_, name in facts.regions] == [
        "direct map", "hole", "vmalloc window", "kmap slots", "hole",
        "fixed slots"]
    assert facts.window_end == 0xff9fe000


@pytest.mark.quick
@pytest.mark.parametrize("guard, size", [("both", 2), ("right", 1)])
def test_guards_are_as_large_as_the_menu_makes_them(guard, size, tmp_path,
                                                    monkeypatch):
    monkeypatch.setattr(timelapse, "QUESTIONS", (
        "vmalloc 10000", "vmalloc 4096", "map", "vmlist", "exit"))
    status, log = timelapse.record(
        lacuna.kernel(), tmp_path / "trace.jsonl",
        f"monitor highmem=4M guard={guard} exit", 60, mem="24M")
    assert status == lacuna.PASS, log[-2000:]
    facts = picture_facts.read(log)
    assert (facts.guard_pages, facts.counts["guards"]) == (size, 3 * size)
    text = picture_html.page(facts, "a log")
    assert demand_areas(text, facts.areas, size) == 3
    # From one guard's end to the next area there is nothing between.
    assert len(re.findall("<title>[^<]*: hole<", text.split(
        "<h2>The vmalloc window")[1].split("From nearby")[1])) == 1


@pytest.mark.quick
def test_kernel_gdb_and_page_have_the_same_letters():
    letters = [re.search(pattern, (lacuna.ROOT / name).read_text("ascii"))[1]
               for name, pattern in (
                   ("modules/monitor/map_frames.c",
                    r'map_kind_letters\[.*\] = "(.*)";'),
                   ("tools/gdb/cells.py", r'\) = KINDS = "(.*)"'))]
    assert letters == ["".join(picture_html.KINDS)] * 2
    legend = re.findall(r"(?:^|  )(\S) [a-z]", (lacuna.ROOT / "docs/map.md")
                        .read_text("ascii"), re.MULTILINE)
    assert set(letters[0]) <= set(legend)


@pytest.mark.quick
def test_names_from_a_log_do_no_harm():
    text = picture_html.page(picture_facts.read(
        LOG.replace("demo_buffer+0xd", "<script>alert(1)</script>&")), "a log")
    demand_whole(text)


@pytest.mark.quick
@pytest.mark.parametrize("old, new, says", [
    ("addresses: ", "", "no answer to `map`"),
    ("  . free  a areas", "", "no answer to `map`"),
    ("       800 |", "       400 |", "line 8 is not the next row"),
    ("  fc800000 |", "  fc900000 |", "line 12 is not the next row"),
    ("free 29173", "free 39173", "`map` in it is not whole"),
    ("  f8000000 |....", "  f8000000 |...", "`map` in it is not whole"),
    ("window: pages", "window: page", "line 11 is not the next row"),
    ("  start     guard", "  start", "no answer to `vmlist`"),
    ("f8800000  f8803000", "f8800000  f8703000", "ends before it begins"),
    ("window: pages 5", "window: pages " + 5000 * "5", "line 11 is not"),
    ("free 29173", "free " + 5000 * "7", "line 11 is not"),
    ("a cell is 1024 KiB", "a cell is 0 KiB", "line 11 is of cells of no size"),
    ("a cell is 128 KiB", "a cell is 3 KiB", "line 7 is of cells of no size"),
    ("a cell is 128 KiB", "a cell is " + 5000 * "8" + " KiB", "not whole"),
], ids=lambda value: value[:30])
def test_a_damaged_log_is_recognised(old, new, says):
    assert old in LOG
    with pytest.raises(picture_facts.Damaged, match=re.escape(says)):
        picture_facts.read(LOG.replace(old, new))


@pytest.mark.quick
@pytest.mark.parametrize("old", ["10000       3", "  3  vmalloc", "PMD   452"])
def test_a_number_without_end_is_no_number(old):
    """What is behind it in the answer is left out; nothing breaks."""
    assert LOG.count(old) == 1
    hostile = re.sub(r"\d+", lambda found: 5000 * found[0], old)
    facts = picture_facts.read(LOG.replace(old, hostile))
    assert len(facts.areas) == 0 or len(facts.walks[0xf8800000].entries) == 1
    demand_whole(picture_html.page(facts, "a log"))


@pytest.mark.quick
def test_a_log_with_comment_signs_and_colours_is_read():
    noisy = "\n".join(f"# {line}" for line in LOG.split("\n"))
    assert picture_facts.read("\x1b[H" + noisy.replace("\n", "\r\n")) == \
        picture_facts.read(LOG)


# --- the tool -----------------------------------------------------------------

def draw(kernel, output, **more):
    return lacuna.run(tool("picture", kernel, output), TIMEOUT,
                      stderr=subprocess.STDOUT, cwd=lacuna.ROOT,
                      env={**environment(), "CORE": "", "LOG": "", "ADDR": "",
                           **more})


@pytest.fixture
def kernel(elf, tmp_path):                              # noqa: F811
    """In a folder of its own: cores are made beside it."""
    return pathlib.Path(shutil.copy(elf, tmp_path / "lacuna.elf"))


@gdb_group
def test_make_picture_shows_the_demonstration(kernel, tmp_path):
    output = tmp_path / "picture.html"
    run = draw(kernel, output, MEM="64M")
    assert run.status == 0, run.why()
    text = output.read_text("ascii")
    found = sum(demand_whole(text), [])
    assert len(text) < 1 << 20
    assert "demo_buffer" in text and "demo_neighbour" in text
    assert sum("the guard of area" in one[0] for one in found) == 4  # twice 2
    assert any("kernel image" in one[0] for one in found)
    assert "-&gt; physical" in text

    # The core stays, for another address: the guard.
    guard = re.search(r"<td>([0-9a-f]{8})</td><td>10000<", text)[1]
    run = draw(kernel, output, CORE=str(tmp_path / "picture.core"), ADDR=guard)
    assert run.status == 0, run.why()
    assert f"{guard} is not mapped" in output.read_text("ascii")


@gdb_group
def test_a_core_and_a_log_of_one_machine_give_the_same(elf):    # noqa: F811
    asked = ["map", "layout", "vmlist", "pt f8801000"]
    with tempfile.TemporaryDirectory(prefix="lacuna") as folder:
        folder = pathlib.Path(folder)
        port, control = folder / "serial", folder / "qmp"
        argv = lacuna.machine(
            elf, append="demo monitor", mem="1G",
            serial=f"unix:{port},server=on,wait=on",
            extra=["-qmp", f"unix:{control},server=on,wait=off"])
        with lacuna.Process(argv, TIMEOUT):
            console = Console(port)
            console.answer()
            log = "\n".join(line for one in asked
                            for line in console.answer(one))
            monitor = qmp.connect(control, lambda: True, core.PATIENCE)
            monitor.command("stop")
            core.write_core(monitor, folder / "core")
            monitor.close()
        (folder / "log").write_text(log, "ascii")
        pages = []
        for source in ("core", "log"):
            run = draw(elf, folder / "out.html", ADDR="f8801000",
                       **{source.upper(): str(folder / source)})
            assert run.status == 0, run.why()
            pages.append((folder / "out.html").read_text("ascii"))
    of_core, of_log = pages
    facts = picture_facts.read(log)
    for text in pages:
        assert demand_areas(text, facts.areas) == 1
    # Zones have more cells in a core; their words, and all else, are the same.
    assert re.findall("<h3>.*</h3>", of_core) == re.findall("<h3>.*</h3>",
                                                            of_log)
    for part in ("Addresses", "The vmalloc window", "From an address"):
        one, other = (re.search(f"<h2>{part}.*?(?=<h2>|</body>)", text,
                                re.DOTALL)[0] for text in pages)
        assert one == other, part


@gdb_group
@pytest.mark.parametrize("more, says", [
    ({"CORE": "nowhere"}, "No such file or directory; `make core` makes one"),
    ({"CORE": "README.md"}, "it is no ELF file; `make core` makes a good one"),
    ({"CORE": "cut"}, "it ends after"),
    ({"LOG": "nowhere"}, "keep what `make run` prints"),
    ({"LOG": "README.md"}, "type map, vmlist and pt ADDR at the prompt"),
    ({"LOG": "good", "ADDR": "f8802000"}, "no answer to `pt f8802000`"),
    ({"ADDR": "there"}, "ADDR=there is no address"),
    ({"GDB": "no-such-gdb"}, "sudo apt-get install gdb"),
    ({"CPU": "486"}, "`make why` says what the machine does"),
], ids=lambda value: " ".join(value) if isinstance(value, dict) else "")
def test_one_line_says_what_to_do(kernel, tmp_path, more, says):
    (tmp_path / "good").write_text(LOG, "ascii")
    (tmp_path / "cut").write_bytes(
        b"\x7fELF\x01\x01\x01" + bytes(9) + b"\4\0\3\0\1\0\0\0" + bytes(9))
    output = tmp_path / "picture.html"
    output.write_text("the old one", "ascii")
    more = {name: str(tmp_path / value) if value in ("good", "cut") else value
            for name, value in more.items()}
    run = draw(kernel, output, **more)
    assert run.status == 1, run.why()
    assert len(run.lines) == 1 and run.log.startswith("picture: ")
    assert says in run.log, run.log
    assert output.read_text("ascii") == "the old one"


# --- live, and on the page of the book -----------------------------------------

@pytest.mark.quick
def test_map_live_draws_again_in_place(talk):
    terminal = talk(lacuna.machine(mem="64M", append="monitor exit"))
    terminal.wait_for_prompt()
    terminal.type("map live\r x")
    terminal.type("q")
    answer = terminal.wait_for_prompt()
    _, *screens = answer.split("\x1b[H\x1b[J")
    assert len(screens) == 3                # at once, and for each key
    for screen in screens:
        lines = [line.rstrip("\r") for line in
                 screen.rstrip("\r\n").split("\n")]
        assert 15 < len(lines) <= 24
        assert all(len(line) <= 80 for line in lines)
        assert lines[0].startswith("addresses: ")
        assert lines[-1].startswith("any key: look again, q or Ctrl-C")
    assert "DMA" in terminal.ask("zones")


def form(line):
    """Without numbers; of a row, what is there whatever the kernel's size."""
    row = re.match(r" +[0-9a-f]+ \|(.*)\|", line)
    if row and 2 * row[1].count(":") > len(row[1]):
        return "crumbs"
    if row:
        return re.sub(r"(.)\1+", r"\1", re.sub("[-:+,ast]", ".", row[1]))
    return " ".join(re.sub(r"\b(0x)?[0-9a-f]*\d[0-9a-f]*\b", "#",
                           line).split())


def test_the_examples_of_the_page_are_what_the_prompt_says():
    """docs/map.md: to renew it, type the same at the prompt of `make run`."""
    name = "docs/map.md"
    page = book.Page(name, (lacuna.ROOT / name).read_text("ascii"))
    blocks = re.findall(r"^```\n(lacuna> (?:.*\n)*?)```$",
                        "\n".join(page.lines), re.MULTILINE)
    examples = [example.split("\n", 1) for block in blocks
                for example in block.split("lacuna> ")[1:]]
    assert len(examples) >= 8
    answers = ask_monitor([typed for typed, _ in examples])
    for (typed, quoted), answer in zip(examples, answers):
        _, _, answer = answer.partition("\n")
        assert [form(line) for line in quoted.splitlines()] == \
            [form(line) for line in answer.rstrip("\n").splitlines()], typed
