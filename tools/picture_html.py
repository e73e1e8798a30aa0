# SPDX-License-Identifier: MIT
"""picture_html.py - the facts about a machine's memory, drawn: one HTML file

Problem     A picture of memory should open anywhere, offline, in ten years: so
            no script, no style or font from elsewhere.
Idea        SVG in the page. What a box is, its <title> says, which a browser
            shows to whoever points at it; and a letter in it says the same in
            print. Runs of equal cells are one box.
Picture     addresses   |         direct map          |.|  window  |K.F|
            zones       |KKK-::.......................................|
            window      |##..........................................|
                        | area A  |guard| area B |guard|  hole ...
            page tables | CR3 | -> | PDPT 3 | -> | PMD 452 | -> ... -> frame
Read first  page
See         tools/picture_facts.py, tools/svg.py
"""

import re

import svg
from picture_facts import CELLS, PAGE, TOP

WIDTH, LEFT = 976, 76           # of a drawing; where its rows begin
ROOM = WIDTH - LEFT - 4
CELL = ROOM / CELLS
BAR, ROW = 26, 12               # heights
LETTER_ROOM = 9                 # a box as wide as this has room for its letter

# What a cell shows: words, and a fill that differs in lightness as well.
KINDS = {
    ".": ("free, in blocks of 2 MiB or more", "#ffffff"),
    "-": ("free, in smaller blocks", "#e3f1e3"),
    ":": ("free, in crumbs: single frames", "#bfdfbf"),
    "+": ("free, in a CPU's stock", "#9ccf9c"),
    "a": ("used, from alloc_pages", "#f0b860"),
    "s": ("slab: objects", "#d99bd9"),
    "t": ("page table", "#e06060"),
    "v": ("vmalloc", "#6fa8e8"),
    "K": ("kernel image", "#707070"),
    "r": ("reserved at boot", "#a8a8a8"),
    "_": ("no RAM", "#f4efe4"),
}
REGIONS = {"direct map": "#e8d9a8", "hole, never mapped": "#ffffff",
           "hole": "#ffffff", "vmalloc window": "#6fa8e8",
           "KASAN's shadow": "#d99bd9", "kmap slots": "#9ccf9c",
           "fixed slots": "#e06060"}
AREA, GUARD, KEPT, HOLE = "#6fa8e8", "#202020", "#d0d0d0", "#ffffff"

BITS = [(1 << 63, "NX: no execution"), (1 << 8, "G: global"),
        (1 << 7, "PS or PAT"), (1 << 6, "D: written to"),
        (1 << 5, "A: used"), (1 << 4, "PCD: not cached"),
        (1 << 3, "PWT: write through"), (1 << 2, "US: for user code"),
        (1 << 1, "RW: may be written"), (1 << 0, "P: present")]
FRAME = 0x000FFFFFFFFFF000

HEAD = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Lacuna: a picture of memory</title>
<style>
body { font-family: sans-serif; max-width: 61em; margin: 1em auto; }
svg { max-width: 100%; height: auto; }
td, th { padding: 0 1em 0 0; text-align: left; font-family: monospace; }
</style>
</head>
<body>
"""


def size_of(number):
    """Bytes, as one says them."""
    for unit, name in ((1 << 20, "MiB"), (1 << 10, "KiB")):
        if number >= unit:
            return f"{number / unit:.1f} {name}".replace(".0 ", " ")
    return f"{number} bytes"


def pages(number):
    return f"{number} page{'s' * (number != 1)}"


def drawing(height, parts):
    return "\n".join([svg.HEAD.format(w=WIDTH, h=f"{height:.0f}"), *parts,
                      "</svg>\n"])


def lettered(x, y, width, height, fill, title, letter):
    """A box with its letter in it, where there is room."""
    yield svg.box(x, y, width, height, fill, title)
    if letter and width >= LETTER_ROOM * len(letter):
        dark = fill in ("#707070", GUARD)
        yield svg.text_at(x + width / 2, y + height / 2 + 4, letter, "middle",
                          ' font-size="11" pointer-events="none"'
                          + ' fill="white"' * dark)


def span(start, end, what):
    return f"{start:08x} to {end - 1:08x}, {size_of(end - start)}: {what}"


# --- addresses ----------------------------------------------------------------

def scaled(ranges, start, end, y):
    """Boxes on a scale from start to end: (start, end, fill, words, letter)."""
    scale = ROOM / (end - start)
    for first, behind, fill, words, letter in ranges:
        yield from lettered(LEFT + (first - start) * scale, y,
                            max((behind - first) * scale, 0.8), BAR, fill,
                            span(first, behind, words), letter)


def region_bar(regions, start, y):
    yield svg.text_at(LEFT - 6, y + 17, f"{start:08x}", "end")
    inside = [(max(first, start), end, REGIONS.get(name, "#ffffff"), name, name)
              for first, end, name in regions if end > start]
    yield from scaled(inside, start, TOP, y)


def addresses(facts):
    yield "<h2>Addresses</h2>\n<p>To scale: the kernel's gigabyte; below, its "
    yield "last 128 MiB.</p>\n"
    yield drawing(80, [*region_bar(facts.regions, 3 << 30, 6),
                       *region_bar(facts.regions, TOP - (128 << 20), 44)])
    yield table(("from", "to", "size", "what"),
                ((f"{start:08x}", f"{end - 1:08x}", size_of(end - start), name)
                 for start, end, name in facts.regions))


def table(heads, rows):
    head = "".join(f"<th>{svg.escape(one)}</th>" for one in heads)
    body = "\n".join("<tr>" + "".join(f"<td>{svg.escape(one)}</td>"
                                      for one in row) + "</tr>"
                     for row in rows)
    return f"<table>\n<tr>{head}</tr>\n{body}\n</table>\n"


# --- zones --------------------------------------------------------------------

def zone_drawing(zone):
    parts, letters, step = [], zone.grid.letters, zone.grid.step
    for number, at in enumerate(range(0, len(letters), CELLS)):
        y = number * ROW + 2
        label = zone.grid.first + at * step
        parts.append(svg.text_at(LEFT - 6, y + 10, f"{label:x}", "end",
                                 ' font-size="11"'))
        for run in re.finditer(r"(.)\1*", letters[at:at + CELLS]):
            words, fill = KINDS.get(run[1], ("unknown", "#ff0000"))
            first = label + run.start() * step
            behind = label + run.end() * step
            parts += lettered(LEFT + run.start() * CELL, y,
                              len(run[0]) * CELL, ROW, fill,
                              f"frames {first:x} to {behind - 1:x}, "
                              f"{zone.name}: {words}", run[1])
    return drawing(-(-len(letters) // CELLS) * ROW + 4, parts)


def zones(facts):
    yield "<h2>Page frames</h2>\n<p>A cell shows what most of its frames are, "
    yield "or crumbs if a third of them are. Rows begin with frame numbers, "
    yield "hexadecimal.</p>\n"
    parts = []
    for number, (letter, (words, fill)) in enumerate(KINDS.items()):
        x, y = number % 3 * WIDTH / 3 + 10, number // 3 * 22 + 4
        parts += [*lettered(x, y, 20, 16, fill, words, letter),
                  svg.text_at(x + 28, y + 13, words, "start")]
    yield drawing(-(-len(KINDS) // 3) * 22 + 6, parts)
    for zone in facts.zones:
        yield (f"<h3>{svg.escape(zone.name)}: {svg.escape(zone.words)}</h3>\n"
               f"<p>A cell is {pages(zone.grid.step).replace('page', 'frame')}"
               ".</p>\n")
        yield zone_drawing(zone)


# --- the window ----------------------------------------------------------------

def area_words(area):
    if not area.live:
        return f"{area.kind}: addresses that are nobody's, not yet free"
    return (f"{area.kind} area, asked {area.asked} bytes, mapped "
            f"{pages(area.pages)}, by {area.caller}")


def guard_words(area):
    return f"the guard of area {area.start:08x}: never mapped"


def sections(facts):
    """(start, end, fill, words, letter) of all that is in the window."""
    at = facts.window.first
    for area in facts.areas:
        if area.start > at:
            yield at, area.start, HOLE, "hole", ""
        fill = AREA if area.live else KEPT
        yield (area.start, area.guard, fill, area_words(area),
               f"{area.start:08x}")
        at = area.guard + facts.guard_pages * PAGE
        if area.live:
            yield area.guard, at, GUARD, guard_words(area), "#"
        else:
            yield area.guard, at, KEPT, area_words(area), ""
    if at < facts.window_end:
        yield at, facts.window_end, HOLE, "hole", ""


def nearby(facts):
    """One section behind the other: as wide as its pages, within limits."""
    x, y, parts = 4, 4, []
    for start, end, fill, words, letter in sections(facts):
        number = (end - start) // PAGE
        width = min(12 * number, 240)
        if fill in (AREA, HOLE) and number > 1:
            width = max(width, 78)
            letter = letter or size_of(end - start)
        if x + width > WIDTH - 4:
            x, y = 4, y + BAR + 8
        parts += lettered(x, y, width, BAR, fill, span(start, end, words),
                          letter)
        x += width
    return drawing(y + BAR + 4, parts)


def window(facts):
    counts = facts.counts
    start, end = facts.window.first, facts.window_end
    yield f"<h2>The vmalloc window</h2>\n<p>{start:08x} to {end - 1:08x}: "
    yield f"{pages(counts['pages'])} of areas, {counts['guards']} of guards, "
    yield f"{counts['kept']} kept, {counts['free']} free. To scale:</p>\n"
    yield drawing(38, [svg.text_at(LEFT - 6, 23, f"{start:08x}", "end"),
                       *scaled([(*one[:4], "") for one in sections(facts)],
                               start, end, 6)])
    yield "<p>From nearby, what is long cut short: areas with their first "
    yield "address, guards black, kept or busy grey, holes white.</p>\n"
    yield nearby(facts)
    yield table(("start", "guard", "asked", "pages", "kind", "caller"),
                ((f"{area.start:08x}", f"{area.guard:08x}", area.asked,
                  area.pages, area.kind, area.caller) for area in facts.areas))


# --- the page tables ------------------------------------------------------------

def bits_of(entry):
    return ("; ".join(words for bit, words in BITS if entry & bit)
            or "no bit set")


def walk_parts(walk):
    boxes = [("CR3", "", "where the CPU begins", "#ffffff")]
    for level, index, entry in walk.entries:
        fill = REGIONS["direct map"] if entry & 1 else HOLE
        boxes.append((f"{level} {index}", f"{entry:016x}", bits_of(entry),
                      fill))
    last = walk.entries[-1][2]
    boxes.append(("frame", f"{(last & FRAME) >> 12:x}", walk.end, AREA)
                 if last & 1 else ("nothing", "", walk.end, HOLE))
    step = (WIDTH - 8) / len(boxes)
    for number, (name, value, words, fill) in enumerate(boxes):
        x = 4 + number * step
        yield svg.box(x, 6, step - 26, 44, fill, words)
        for y, text in ((25, name), (42, value)):
            yield svg.text_at(x + (step - 26) / 2, y, text, "middle",
                              ' pointer-events="none"')
        if number:
            yield svg.line(x - 24, 28, x - 3, 28)
            yield svg.text_at(x - 4, 32, ">", "end")


def walk(facts, address):
    yield "<h2>From an address to its frame</h2>\n"
    if not facts.walks:
        yield "<p>Nobody asked <code>pt ADDR</code>.</p>\n"
        return
    one = facts.walks[address] if address is not None else \
        list(facts.walks.values())[-1]
    yield (f"<p>{one.address:08x} {svg.escape(one.end)}</p>\n"
           .replace("->", "-&gt;"))
    yield drawing(56, walk_parts(one))
    yield table(("entry", "value", "bits"),
                ((f"{level} {index}", f"{entry:016x}", bits_of(entry))
                 for level, index, entry in one.entries))


def page(facts, source, address=None):
    """All of it; address is one of facts.walks, or None: the last."""
    return "".join([
        HEAD, f"<h1>Lacuna: memory</h1>\n<p>Made of {svg.escape(source)}. "
        "Point at a box: it says what it is.</p>\n",
        *addresses(facts), *zones(facts), *window(facts),
        *walk(facts, address), "</body>\n</html>\n"])
