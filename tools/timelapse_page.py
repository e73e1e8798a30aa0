# SPDX-License-Identifier: MIT
"""timelapse_page.py - the events of a trace as one page that plays them

Problem     The page must work from a disk, without a network, for years, and
            say something where scripts are switched off.
Idea        One file: a picture in SVG that is complete as it stands; the
            events, as short lists of numbers; and the script, which only
            repaints what is there already, from the first scene on. Each zone
            is some hundred cells of as many frames. What stands without the
            script is where most areas lived, with most pages: there is most to
            see.
Invariants  P1  Nothing is loaded: no address of anything outside of the file.
            P2  The picture without the script is a state of the run, and says
                which.
            P3  A page that does not have all events says so.
See         tools/timelapse.js, tools/replay.py, docs/trace.md
"""

import html
import json

import lacuna
import replay
from svg import line, text_at

CODES = {"block_split": 0, "block_merge": 1, "block_take": 2, "block_free": 3,
         "area_take": 4, "area_free": 5, "map": 6, "unmap": 7, "flush": 8,
         "kmap": 9, "kunmap": 9, "begin": 10, "end": 11, "slab_grow": 12,
         "slab_shrink": 12}
MOST_EVENTS = 400000                # a page of 10 MB
MOST_LISTED = 12                    # areas; the script's too
COLUMNS, CELL, GAP = 64, 9, 1       # cells in a row; pixels
ORDERS = range(replay.MAX_ORDER + 1)

STYLE = """body { font-family: sans-serif; max-width: 960px; margin: 1em auto; }
svg { width: 100%; height: auto; } li, #now { font-family: monospace; }
#controls input[type=range] { width: 100%; } button { min-width: 5em; }
h2 { margin-bottom: 0.2em; } li { list-style: none; white-space: pre; }"""

LEGEND = """<p>Blue cells are frames of a zone: dark ones are taken, light ones
free, grey ones were never given to the allocator. A frame around a cell is the
last event: <b style="color:#d60">split</b>, <b style="color:#080">merged</b>,
<b style="color:#c00">taken</b>, <b style="color:#06c">freed</b>. The bars count
free blocks of 2^order frames, by powers of two. Areas of the window end with
what is never mapped, in red: the guard.</p>"""

CONTROLS = """<div id="controls" hidden>
<button id="back">back</button> <button id="step">step</button>
<button id="play">play</button> events at a time:
<select id="speed"><option>1<option>10<option selected>50<option>250
<option>1000</select>
<input type="range" id="slider" min="0" value="0">
<p id="now"></p><p>in: <span id="where">-</span></p></div>"""


def short(event):
    """An event as the script has it, or None when it draws nothing."""
    name = event["e"]
    if name not in CODES or event.get("zone") == "none":
        return None
    code = CODES[name]
    if code < 4:
        return [code, event["pfn"], event["order"]]
    if name == "area_take":
        return [code, event["addr"], event["size"], event["guard"],
                event["asked"], event["caller"]]
    if name == "kmap":
        return [code, 1, event["pfn"]]
    if name == "kunmap":
        return [code, -1]
    if code in (10, 11):
        return [code, event["name"]]
    if code == 12:
        return [code, event["cache"], 1 if name == "slab_grow" else -1]
    return [code, event.get("addr", 0), event.get("pages", 0)]


def played(machine, events):
    """The model after these events."""
    memory = replay.Memory()
    memory.machine = machine
    return memory.play(events)


def fullest(machine, events):
    """Behind how many events most areas live, and of such states the last one
    in which they map most pages."""
    best, at, pages = (1, 0), len(events), 0
    memory = played(machine, [])
    for number, event in enumerate(events):
        memory.step(event)
        pages += {"map": 1, "unmap": -1}.get(event["e"], 0) * \
            event.get("mapped", event.get("pages", 0))
        if (len(memory.areas), pages) >= best:
            best, at = (len(memory.areas), pages), number + 1
    return at


class Page:
    """All that stands in the file."""

    def __init__(self, events):
        """events: those of replay.read, in order."""
        self.machine, self.events, self.scenes = None, [], []
        self.nr_events = 0              # that could be drawn
        kept = []
        for event in events:
            if event["e"] == "machine":
                self.machine = event
            made = short(event)
            self.nr_events += made is not None
            if not made or len(self.events) >= MOST_EVENTS:
                continue
            if event["e"] == "begin":
                self.scenes.append((len(self.events), event["name"]))
            self.events.append(made)
            kept.append(event)
        self.first = self.scenes[0][0] if self.scenes else \
            min(len(self.events), 1000)
        self.still = fullest(self.machine, kept)
        self.memory = played(self.machine, kept[:self.still])
        self.zones = [self._zone(zone) for zone in self.machine["zones"]
                      if zone["start"] < zone["end"]]
        self.window = self._window(kept)

    def extent(self):
        """How much of the run is in the page (P3)."""
        some = f"the first {len(self.events)} of " * (
            self.nr_events > len(self.events))
        return f"{some}{self.nr_events} events"

    @staticmethod
    def _zone(zone):
        """How many frames a cell has, so that there are about 512."""
        cell = 1
        while (zone["end"] - zone["start"]) / cell > 8 * COLUMNS:
            cell *= 2
        return {"name": zone["name"], "start": zone["start"],
                "end": zone["end"], "cell": cell}

    def _window(self, events):
        """The part of the window that any area was in."""
        taken = [event for event in events if event["e"] == "area_take"]
        start = int(self.machine["window"][0], 16)
        if not taken:
            return {"from": start, "to": start + (1 << 20)}
        return {"from": min(event["addr"] for event in taken),
                "to": max(event["addr"] + event["size"] for event in taken)}

    def data(self):
        return {"frames": max(zone["end"] for zone in self.zones),
                "zones": self.zones, "window": self.window,
                "first": self.first, "still": self.still,
                "events": self.events}

    # --- the picture

    def _cells(self, zone):
        for number, pfn in enumerate(range(zone["start"], zone["end"],
                                           zone["cell"])):
            row, column = divmod(number, COLUMNS)
            end = min(pfn + zone["cell"], zone["end"])
            known = sum(self.memory.known[pfn:end])
            light = 35 + round(60 * sum(self.memory.free[pfn:end]) / known) \
                if known else 0
            fill = f"hsl(210 55% {light}%)" if known else "#999"
            yield (f'<rect id="c-{zone["name"]}-{number}" '
                   f'x="{10 + column * (CELL + GAP)}" y="{row * (CELL + GAP)}" '
                   f'width="{CELL}" height="{CELL}" fill="{fill}"/>')

    def _bars(self, zone, counts):
        for order in ORDERS:
            y, n = order * 13, counts[order]
            width = min(4 + 10 * (n.bit_length() - 1), 140) if n else 0
            yield text_at(690, y + 10, order, "end", ' font-size="10"')
            yield (f'<rect id="b-{zone["name"]}-{order}" x="698" y="{y + 1}" '
                   f'width="{width}" height="10" '
                   f'fill="hsl({order * 30} 60% 75%)"/>')
            yield text_at(845, y + 10, n, "start", ' font-size="10" '
                          f'id="n-{zone["name"]}-{order}"')

    def _zone_picture(self, zone):
        rows = (zone["end"] - zone["start"] + zone["cell"] * COLUMNS - 1) \
            // (zone["cell"] * COLUMNS)
        height = max(rows * (CELL + GAP), 13 * len(ORDERS)) + 4
        free, _, counts = self.memory.zones()[zone["name"]]
        return "\n".join([
            f"<h2>{zone['name']}</h2><p>frames {zone['start']:06x} to "
            f"{zone['end'] - 1:06x}, {zone['cell']} in a cell; "
            f'<span id="f-{zone["name"]}">{free} frames free '
            f"({free / 256:.1f} MiB)</span>; at the right: order, free blocks"
            "</p>", f'<svg viewBox="0 0 900 {height}" font-size="11">',
            *self._cells(zone), *self._bars(zone, counts), "</svg>"])

    def _areas(self):
        scale = 900 / (self.window["to"] - self.window["from"])
        for start, area in sorted(self.memory.areas.items()):
            x, width = 10 + (start - self.window["from"]) * scale, \
                area.size * scale
            guard = min((start + area.size - area.guard) * scale, width / 2)
            yield (f'<rect x="{x:.2f}" y="0" width="{width - guard:.2f}" '
                   'height="40" fill="#69c"/>')
            yield (f'<rect x="{x + width - guard:.2f}" y="0" '
                   f'width="{guard:.2f}" height="40" fill="#c00"/>')

    def _list(self):
        """As the script has it: drawAreas."""
        for start, area in sorted(self.memory.areas.items())[:MOST_LISTED]:
            words = (f"{start:08x}  {len(area.pages)} of "
                     f"{(area.guard - start) // replay.PAGE} pages mapped, "
                     f"guard at {area.guard:08x}; {area.asked} bytes for "
                     f"{area.caller}")
            yield f"<li>{html.escape(words)}</li>"

    def _window_picture(self):
        ends = "".join([line(10, 42, 910, 42),
                        text_at(10, 56, f"{self.window['from']:08x}", "start"),
                        text_at(910, 56, f"{self.window['to']:08x}", "end")])
        return ("<h2>The vmalloc window, where areas were</h2>\n"
                '<svg viewBox="0 0 920 60" font-size="11">'
                f'<g id="areas">{"".join(self._areas())}</g>{ends}</svg>\n'
                f'<ul id="list">{"".join(self._list())}</ul>')

    def _scene_list(self):
        items = "".join(
            f'<li><a href="#" data-event="{at}">event {at}</a>  '
            f"{html.escape(name)}</li>" for at, name in self.scenes[:200])
        return f"<h2>Scenes</h2><ul>{items}</ul>" if items else ""

    def _still_words(self):
        scene = self.memory.open[-1] if self.memory.open else "no scene"
        return (f"Without a script: the state after event {self.still}, in "
                f"{html.escape(scene)}, when most areas lived "
                f"({len(self.memory.areas)}).")

    def text(self, title):
        # What ends a script must not stand in it.
        data = json.dumps(self.data(), separators=(",", ":")) \
            .replace("</", "<\\/")
        script = (lacuna.ROOT / "tools/timelapse.js").read_text("ascii")
        return "\n".join([
            '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">',
            f"<title>{html.escape(title)}</title><style>{STYLE}</style></head>",
            f"<body><h1>{html.escape(title)}</h1>",
            f"<p>This page has {self.extent()} that can be drawn.</p>",
            f"<noscript><p>{self._still_words()}</p></noscript>", LEGEND,
            CONTROLS,
            *map(self._zone_picture, self.zones),
            '<h2>The 4 MiB around the last block</h2>'
            '<p id="stripname">with a script: each free block in them</p>'
            '<svg viewBox="0 -4 920 40"><g id="strip"></g></svg>',
            self._window_picture(), self._scene_list(),
            f"<script>const DATA = {data};\n{script}</script>",
            "</body></html>\n"])
