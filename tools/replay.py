#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""replay.py - a trace played again, on a model that notices what cannot be

    tools/replay.py build/trace.jsonl [the console's log, with its reports]

Problem     A picture made of events is worth as much as the events: one that
            was lost, or written twice, gives a picture that looks just as well.
Idea        The events say all that changed. So a model that knows only the
            rules - what is taken was free, what merges are two free buddies -
            ends in the state that the kernel itself reports at the end, frame
            by frame and area by area, exactly when no event is missing and none
            is too many.
Invariants  M1  seq counts the lines from 0 on, and t never falls.
            M2  A block that is split or taken is free; frames that are freed
                are not. No frame is in two blocks.
            M3  What merges are two free buddies of one order.
            M4  Areas lie in the window and do not overlap; what is freed was
                taken, and is of that size.
            M5  A page is mapped inside of an area only, never on its guard,
                never twice; what is unmapped was mapped, and an area that is
                freed maps nothing.
            M6  What was unmapped is flushed before its frame or its address is
                freed.
            M7  No slot of kmap shows two frames; a slab that shrinks has grown.
            M8  In the end no two free buddies of one order are left unmerged,
                and the sums are those of the kernel's own zones, buddy and
                vmlist.
Failure     One sentence, with the line or the event, and status 1.
Read first  Memory, then compare
See         tools/trace_lines.py reads; docs/trace.md, modules/trace/trace.c,
            tests/machine/test_trace.py
"""

import collections
import json
import re
import sys

from trace_lines import MAX_ORDER, Broken, read

PAGE = 4096
REPORT = re.compile(r"^lacuna> (zones|buddy|vmlist)$", re.MULTILINE)


class Area:
    """A section of the window, with what it maps: address to frame."""

    def __init__(self, event):
        self.start, self.size = event["addr"], event["size"]
        self.guard = self.start + self.size - event["guard"]
        self.asked, self.caller = event["asked"], event["caller"]
        self.pages = {}


class Memory:
    """What the events say that memory is like."""

    def __init__(self):
        self.machine = None
        self.nr_events = 0
        self.blocks = {}                # first frame of a free block: order
        self.free = bytearray()         # by frame: 1 in a free block
        self.known = bytearray()        # 1: was free once, so it is managed
        self.areas = {}                 # by start
        self.owner = {}                 # page number: area
        self.stale = {}                 # page number: frame; not flushed yet
        self.slabs = collections.Counter()
        self.slots = {}
        self.open = []                  # names begun and not ended
        self.answers = {}               # by command: the sums as it ended
        self.counts = collections.Counter()

    def play(self, events):
        """All of them; returns itself."""
        for event in events:
            self.step(event)
        return self

    def step(self, event):
        self.nr_events += 1
        self.counts[event["e"]] += 1
        try:
            getattr(self, "on_" + event["e"])(event)
        except Broken as broken:
            said = {name: f"{value:#x}" if name in ("addr", "pfn") else value
                    for name, value in event.items()}
            raise Broken(f"{broken}; event {event['seq']}: "
                         f"{json.dumps(said)}") from None

    def on_machine(self, event):
        self.machine = event

    # --- blocks

    def _grow(self, end):
        missing = end - len(self.free)
        if missing > 0:
            self.free += bytes(missing)
            self.known += bytes(missing)

    def _take(self, pfn, order, rule):
        if self.blocks.get(pfn) != order:
            raise Broken(f"{rule}: there is no free block of order {order} at "
                         f"frame {pfn:#x}")
        del self.blocks[pfn]

    def _mark(self, pfn, order, value):
        self.free[pfn:pfn + (1 << order)] = bytes([value]) * (1 << order)

    def on_block_split(self, event):
        pfn, order = event["pfn"], event["order"]
        if event["zone"] == "none":
            return
        if order == 0:
            raise Broken("M2: a single frame cannot be split")
        self._take(pfn, order, "M2")
        self.blocks[pfn] = self.blocks[pfn + (1 << order - 1)] = order - 1

    def on_block_merge(self, event):
        pfn, order = event["pfn"], event["order"]
        if event["zone"] == "none":
            return
        if order == 0 or pfn % (1 << order):
            raise Broken(f"M3: frame {pfn:#x} begins no block of order {order}")
        self._take(pfn, order - 1, "M3")
        self._take(pfn + (1 << order - 1), order - 1, "M3")
        self.blocks[pfn] = order

    def on_block_take(self, event):
        if event["zone"] == "none":
            return
        self._take(event["pfn"], event["order"], "M2")
        self._mark(event["pfn"], event["order"], 0)

    def on_block_free(self, event):
        pfn, order = event["pfn"], event["order"]
        if event["zone"] == "none":
            return
        end = pfn + (1 << order)
        self._grow(end)
        if any(self.free[pfn:end]):
            raise Broken("M2: a frame is freed that is free")
        for frame in self.stale.values():
            if pfn <= frame < end:
                raise Broken(f"M6: frame {frame:#x} is freed before the flush")
        self._mark(pfn, order, 1)
        self.known[pfn:end] = b"\1" * (end - pfn)
        self.blocks[pfn] = order

    def _of_machine(self, name):
        if not self.machine:
            raise Broken("no `machine` stands before it")
        return self.machine[name]

    def zone_of(self, pfn):
        for zone in self._of_machine("zones"):
            if zone["start"] <= pfn < zone["end"]:
                return zone
        raise Broken(f"M2: frame {pfn:#x} is in no zone")

    # --- areas and pages

    def on_area_take(self, event):
        area = Area(event)
        window = [int(end, 16) for end in self._of_machine("window")]
        if area.start < window[0] or area.start + area.size > window[1]:
            raise Broken("M4: the area is not in the window")
        if area.guard < area.start:
            raise Broken("M4: its guard is larger than the area")
        for page in range(area.start // PAGE,
                          (area.start + area.size) // PAGE):
            if page in self.owner:
                raise Broken(f"M4: it overlaps the area at "
                             f"{self.owner[page].start:08x}")
            self.owner[page] = area
        self.areas[area.start] = area

    def on_area_free(self, event):
        area = self.areas.get(event["addr"])
        if not area or area.size != event["size"]:
            raise Broken("M4: no such area was taken")
        if area.pages:
            raise Broken(f"M5: it still maps {len(area.pages)} pages")
        for page in range(area.start // PAGE,
                          (area.start + area.size) // PAGE):
            if page in self.stale:
                raise Broken(f"M6: its page {page * PAGE:08x} was not flushed")
            del self.owner[page]
        del self.areas[area.start]

    def on_area_asked(self, event):
        if event["addr"] not in self.areas:
            raise Broken("M4: there is no such area")
        self.areas[event["addr"]].asked = event["asked"]

    def on_map(self, event):
        addr = event["addr"]
        for first, count in event["runs"]:
            for frame in range(first, first + count):
                self._map(addr, frame)
                addr += PAGE
        if addr != event["addr"] + event["pages"] * PAGE:
            raise Broken("M5: its runs are not as many pages")

    def _map(self, addr, frame):
        area = self.owner.get(addr // PAGE)
        if not area or addr >= area.guard:
            raise Broken(f"M5: page {addr:08x} is mapped outside of an area, "
                         "or on a guard")
        if addr in area.pages:
            raise Broken(f"M5: page {addr:08x} is mapped already")
        area.pages[addr] = frame

    def on_unmap(self, event):
        mapped = 0
        for page in range(event["addr"] // PAGE,
                          event["addr"] // PAGE + event["pages"]):
            area = self.owner.get(page)
            if area and page * PAGE in area.pages:
                self.stale[page] = area.pages.pop(page * PAGE)
                mapped += 1
        if mapped != event["mapped"]:
            raise Broken(f"M5: {mapped} of its pages were mapped by the events")

    def on_flush(self, event):
        if event.get("all"):
            self.stale.clear()
            return
        for page in range(event["addr"] // PAGE,
                          event["addr"] // PAGE + event["pages"]):
            self.stale.pop(page, None)

    # --- slabs, slots, scenes

    def on_slab_grow(self, event):
        self.slabs[event["cache"]] += 1

    def on_slab_shrink(self, event):
        self.slabs[event["cache"]] -= 1
        if self.slabs[event["cache"]] < 0:
            raise Broken("M7: this cache has no slab to give back")

    def on_kmap(self, event):
        if event["addr"] in self.slots or event["pfn"] in self.slots.values():
            raise Broken("M7: the slot, or the frame, has its partner already")
        self.slots[event["addr"]] = event["pfn"]

    def on_kunmap(self, event):
        if not self.slots.pop(event["addr"], None):
            raise Broken("M7: this slot shows no frame")

    def on_begin(self, event):
        self.open.append(event["name"])

    def on_end(self, event):
        if not self.open or self.open.pop() != event["name"]:
            raise Broken("it was not begun")
        if event["name"] in ("zones", "buddy"):
            self.answers[event["name"]] = self.zones()
        elif event["name"] == "vmlist":
            self.answers["vmlist"] = {
                start: (area.guard, area.asked, len(area.pages), area.caller)
                for start, area in self.areas.items()}

    # --- sums

    def zones(self):
        """By zone: (free frames, frames managed, free blocks by order)."""
        sums = {}
        for zone in self._of_machine("zones"):
            span = slice(zone["start"], zone["end"])
            sums[zone["name"]] = (sum(self.free[span]), sum(self.known[span]),
                                  [0] * (MAX_ORDER + 1))
        for pfn, order in self.blocks.items():
            sums[self.zone_of(pfn)["name"]][2][order] += 1
        return sums

    def finish(self):
        """What must hold when nothing is under way (M8)."""
        for pfn, order in self.blocks.items():
            buddy = pfn ^ (1 << order)
            if order < MAX_ORDER and self.blocks.get(buddy) == order and \
                    self.zone_of(pfn) is self.zone_of(buddy):
                raise Broken(f"M8: the buddies {pfn:#x} and {buddy:#x} of order "
                             f"{order} were not merged")


# --- the kernel's own words ---------------------------------------------------

def reports(log):
    """The lines behind the last time each of the questions was asked."""
    found = {}
    parts = REPORT.split(log)
    for name, text in zip(parts[1::2], parts[2::2]):
        found[name] = text.split("lacuna> ")[0].strip("\n").splitlines()
    return found


def rows(lines, first_word):
    """The rows of a table below its line of headings, as lists of words."""
    words = [line.split() for line in lines]
    heads = [number for number, row in enumerate(words)
             if row and row[0] == first_word]
    return [row for row in words[heads[0] + 1:] if row] if heads else []


def demand(what, ours, theirs):
    if ours != theirs:
        raise Broken(f"M8: {what}: by the events {ours}, by the kernel "
                     f"{theirs}")


def compare_zones(memory, found):
    for row in rows(found.get("zones", []), "zone"):
        name, managed, free, stock = row[0], *map(int, row[4:7])
        sums = memory.answers["zones"][name]
        demand(f"{name}, frames free, managed, in stock", (*sums[:2], 0),
               (free, managed, stock))
    for row in rows(found.get("buddy", []), "order"):
        demand(f"{row[0]}, free blocks by order",
               memory.answers["buddy"][row[0]][2], list(map(int, row[1:])))


def compare_areas(memory, found):
    """Pages of those whose frames are their own: of others vmlist says 0."""
    kernel, ours = {}, memory.answers.get("vmlist", {})
    for row in rows(found.get("vmlist", []), "start"):
        start = int(row[0], 16)
        pages = int(row[3]) if row[4].startswith("vmalloc") or \
            start not in ours else ours[start][2]
        kernel[start] = (int(row[1], 16), int(row[2]), pages,
                         row[5].rstrip(","))
    demand("areas (guard, asked, pages, caller)", ours, kernel)


def compare(memory, log):
    """The model beside the kernel's last reports; returns their names."""
    found = reports(log)
    for name in found:
        if name not in memory.answers:
            raise Broken(f"M8: the log has an answer to {name}, the trace not")
    try:
        compare_zones(memory, found)
        if "vmlist" in found:
            compare_areas(memory, found)
    except (ValueError, LookupError) as error:
        raise Broken("M8: an answer in the log is damaged: "
                     f"{error}") from error
    return sorted(found)


def check(trace, log=""):
    """Play a trace and compare; returns (the model, a sentence)."""
    memory = Memory().play(read(trace))
    if not memory.machine:
        raise Broken(f"{memory.nr_events} events, and no `machine` among them: "
                     "memory was never set up, or this is no trace")
    if not memory.machine["complete"]:
        raise Broken("the trace is not one of all events: trace=*")
    memory.finish()
    found = compare(memory, log)
    beside = (f"; sums as in the kernel's {', '.join(found)}" if found else
              "; the log has none of the kernel's reports to compare with")
    return memory, f"{memory.nr_events} events, the model holds{beside}"


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__.split("\n\n")[1])
    log = ""
    try:
        if len(sys.argv) > 2:
            with open(sys.argv[2], encoding="ascii", errors="replace") as file:
                log = file.read().replace("\r", "")
        print("replay:", check(sys.argv[1], log)[1])
    except Broken as broken:
        sys.exit(f"replay: {sys.argv[1]}: {broken}")
    except OSError as error:
        sys.exit(f"replay: {error.filename}: {error.strerror}; `make "
                 "timelapse` makes build/trace.jsonl and build/timelapse.log")


if __name__ == "__main__":
    main()
