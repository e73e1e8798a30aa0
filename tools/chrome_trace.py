# SPDX-License-Identifier: MIT
"""chrome_trace.py - a trace in the format of chrome://tracing

Problem     Perfetto and speedscope show any trace over time, zoom and measure,
            and both read the JSON of Chrome's trace viewer.
Idea        What lasts is a duration (ph X): a scene or a self-test, and each
            area from when it is taken to when it is freed. Areas that live at
            the same time are in different lanes (tid), as many as are needed.
            What is a number is a counter (ph C): the free blocks of each zone
            by order, and free frames. A flush, a slab, a slot of kmap is an
            instant (ph i).
Time        ts and dur are microseconds of which 1000 ticks of the TSC make one.
See         docs/trace.md has the table of fields.
"""

import replay

PID, SCENES, FIRST_LANE = 1, 1, 10
SAMPLES = 2000                      # of counters, at most about so many


def micro(ticks):
    return ticks / 1000


class Lanes:
    """Durations that overlap are put beside each other."""

    def __init__(self):
        self._busy = []

    def enter(self):
        for number, busy in enumerate(self._busy):
            if not busy:
                self._busy[number] = True
                return number
        self._busy.append(True)
        return len(self._busy) - 1

    def leave(self, number):
        self._busy[number] = False

    def __len__(self):
        return len(self._busy)


class Exporter:
    """One pass over the events; out is the list of Chrome's."""

    def __init__(self):
        self.out = []
        self._memory = replay.Memory()
        self._lanes = Lanes()
        self._areas = {}                # start: (event that took it, lane)
        self._begun = []
        self._counted = {}              # by zone: when

    def _add(self, ph, name, event, **more):
        self.out.append({"ph": ph, "name": name, "pid": PID,
                         "ts": micro(event["t"]), **more})

    def _instant(self, name, event, **args):
        self._add("i", name, event, tid=SCENES, s="g", cat="memory", args=args)

    def _last(self, name, start, event, tid, cat, **args):
        self._add("X", name, start, dur=micro(event["t"] - start["t"]),
                  tid=tid, cat=cat, args=args)

    def step(self, event):
        name = event["e"]
        self._memory.step(event)
        if name == "area_take":
            self._areas[event["addr"]] = (event, self._lanes.enter())
        elif name == "area_free":
            self._area(event)
        elif name == "begin":
            self._begun.append(event)
        elif name == "end":
            self._last(event["name"], self._begun.pop(), event, SCENES, "scene")
        elif name == "flush":
            self._instant("flush", event, addr=f"{event.get('addr', 0):08x}",
                          pages=event.get("pages", 0),
                          all=event.get("all", False))
        elif name in ("slab_grow", "slab_shrink"):
            self._instant(f"{name} {event['cache']}", event, pfn=event["pfn"])
        elif name in ("kmap", "kunmap"):
            self._instant(name, event, addr=f"{event['addr']:08x}")

    def _area(self, event):
        start, lane = self._areas.pop(event["addr"])
        self._lanes.leave(lane)
        self._last(start["caller"], start, event, FIRST_LANE + lane, "area",
                   addr=f"{start['addr']:08x}", size=start["size"],
                   asked=start["asked"])

    def count(self, event):
        """The counters of all zones, as they are now."""
        for zone, (free, _, blocks) in self._memory.zones().items():
            self._add("C", f"free blocks {zone}", event, args={
                f"order {order}": n for order, n in enumerate(blocks)})
            self._add("C", f"free frames {zone}", event, args={"frames": free})

    def finish(self, event):
        """What has not ended lasts to the last event."""
        for addr in list(self._areas):
            self._area({**event, "addr": addr})
        while self._begun:
            start = self._begun.pop()
            self._last(start["name"], start, event, SCENES, "scene")
        names = {SCENES: "scenes and self-tests"}
        names.update({FIRST_LANE + lane: f"areas {lane + 1}"
                      for lane in range(len(self._lanes))})
        for tid, words in names.items():
            self.out.append({"ph": "M", "name": "thread_name", "pid": PID,
                             "tid": tid, "args": {"name": words}})
        self.out.append({"ph": "M", "name": "process_name", "pid": PID,
                         "args": {"name": "Lacuna"}})


def export(events):
    """The whole file, as an object."""
    events = list(events)
    exporter = Exporter()
    machine = next((event for event in events if event["e"] == "machine"),
                   None)
    if not machine:
        raise replay.Broken("there is no `machine` among the events")
    every = max(1, len(events) // SAMPLES)
    exporter.step(machine)
    for number, event in enumerate(events):
        exporter.step(event)
        if number % every == 0 or event is events[-1]:
            exporter.count(event)
    exporter.finish(events[-1])
    return {"displayTimeUnit": "ms", "traceEvents": exporter.out,
            "otherData": {"ticks per microsecond": "1000",
                          "events": str(len(events))}}
