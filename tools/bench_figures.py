# SPDX-License-Identifier: MIT
"""bench_figures.py - what was measured, what it may cost, what Linux takes

Problem     A figure means something beside another one: the goal, Linux, the
            same work with another index.
Idea        tests/bench/figures.txt has goals and Linux's figures by the names
            that the kernel prints; Figures joins them with what was measured.
Invariants  G1  Every name of figures.txt is measured, or said to be missing.
            G2  A goal that is not reached yet is MISSED, and no failure while
                the figure is at most what the file allows today.
See         tests/bench/figures.txt, tools/bench.py
"""

import dataclasses
import json

import lacuna

SOURCE = lacuna.ROOT / "tests/bench/figures.txt"
# Counted by a kernel built with COUNT=1 (tests/bench/bench.c).
EVENTS = ("page_flushes", "full_flushes", "pte_writes", "spinlocks")


@dataclasses.dataclass
class Peer:
    """A row of figures.txt; None where nothing is said."""
    goal: str = None
    lean: int = None
    default: int = None
    today: int = None


def read_peers(path=SOURCE):
    peers = {}
    for line in path.read_text(encoding="ascii").splitlines():
        if not line or line.startswith("#"):
            continue
        name, goal, *words = line.split()
        numbers = (None if word == "-" else int(word) for word in words)
        peers[name] = Peer(None if goal == "-" else goal, *numbers)
    return peers


@dataclasses.dataclass
class Figure:
    """All that is known of one benchmark."""
    name: str
    value: int                      # by the default index
    unit: str
    peer: Peer
    by_index: dict = dataclasses.field(default_factory=dict)
    events: dict = dataclasses.field(default_factory=dict)
    goal: int = None
    goal_says: str = None           # as figures.txt has it

    @property
    def ratio(self):
        return self.value / self.peer.lean if self.peer.lean else None

    @property
    def reached(self):
        return None if self.goal is None else self.value <= self.goal

    @property
    def allowed(self):
        """What --check lets pass: the goal, or what today must be enough."""
        return self.peer.today or self.goal

    def complaint(self):
        """What to say of a goal that is missed."""
        by = "" if self.goal_says == str(self.goal) else f" ({self.goal_says})"
        return (f"{self.name}: {self.value} instructions, the goal is at most "
                f"{self.goal}{by}")

    def as_json(self):
        return {"value": self.value, "unit": self.unit, "goal": self.goal,
                "reached": self.reached, "linux": self.peer.lean,
                "linux_default": self.peer.default, "ratio":
                self.ratio and round(self.ratio, 4),
                "index": self.by_index, "events": self.events}


class Figures:
    """Figures by name, in the order in which the kernel measured them.

    measured  name -> (value, unit)         by the default index
    by_index  index -> {name -> (value, unit)}
    counted   name.event -> (thousandths, unit)
    """

    def __init__(self, measured, by_index, counted, peers, default_index):
        self.default_index = default_index
        self.indexes = list(by_index)
        self.missing = [name for name in peers if name not in measured]
        self._all = {}
        for name, (value, unit) in measured.items():
            figure = Figure(name, value, unit, peers.get(name, Peer()))
            figure.by_index = {index: found[name][0]
                               for index, found in by_index.items()
                               if name in found}
            figure.events = {event: counted[f"{name}.{event}"][0] / 1000
                             for event in EVENTS
                             if f"{name}.{event}" in counted}
            self._all[name] = figure
        for figure in self:
            self._set_goal(figure)

    def _set_goal(self, figure):
        """A number, or a factor times another figure of this run."""
        figure.goal_says = figure.peer.goal
        if not figure.goal_says:
            return
        factor, _, other = figure.goal_says.partition("*")
        if not other:
            figure.goal = int(factor)
        elif other in self._all:
            figure.goal = int(float(factor) * self._all[other].value)

    def __iter__(self):
        return iter(self._all.values())

    def __contains__(self, name):
        return name in self._all

    def __getitem__(self, name):
        return self._all[name]

    def complaints(self):
        """One sentence for each figure that is larger than it may be today, or
        that was not measured."""
        return ([figure.complaint() for figure in self
                 if figure.goal is not None and figure.value > figure.allowed]
                + [f"{name}: no benchmark measured it"
                   for name in self.missing])

    def json(self):
        return json.dumps(
            {"machine": MACHINE, "default_index": self.default_index,
             "missing": self.missing,
             "figures": {figure.name: figure.as_json() for figure in self}},
            indent=1) + "\n"


MACHINE = "2 GiB, -cpu max, -icount shift=0,sleep=off: instructions"
