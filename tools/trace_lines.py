# SPDX-License-Identifier: MIT
"""trace_lines.py - the lines of a trace as events, or why they are none

Problem     A trace may be of a run that was cut off, or no trace at all. Who
            plays it should not have to ask of each field whether it is there.
Idea        A table says which fields an event has, another what a field may be.
            An event that fits is handed on with its address as a number; of
            what does not fit the line is named.
Invariants  M1  seq counts the lines from 0 on, and t never falls.
            TL1 What is handed on has all fields of its kind, and none of them
                is beyond what a machine of 64 GiB can have.
Failure     Broken, with the line; a file that cannot be opened: OSError.
Read first  event_of, then read
See         tools/replay.py plays them; docs/trace.md has the same table
"""

import json
import re

FIELDS = {
    "machine": "complete zones window kmap", "block_free": "zone pfn order",
    "block_merge": "zone pfn order", "block_split": "zone pfn order",
    "block_take": "zone pfn order",
    "area_take": "addr size guard asked caller", "area_free": "addr size",
    "area_asked": "addr size guard asked caller", "map": "addr runs pages",
    "unmap": "addr pages mapped", "flush": "addr pages",
    "slab_grow": "cache pfn", "slab_shrink": "cache pfn", "kmap": "addr pfn",
    "kunmap": "addr", "begin": "name", "end": "name"}
ZONE = "name start end"
MAX_ORDER, FRAMES, SPACE = 10, 1 << 24, 1 << 32


class Broken(Exception):
    """An event that cannot be, or a sum that is not the kernel's."""


def is_number(most):
    return lambda value: type(value) is int and 0 <= value <= most


def is_address(value):
    return isinstance(value, str) and \
        re.fullmatch("[0-9a-f]{8}", value) is not None


def is_list(fits):
    """Of any length, each of what fits."""
    return lambda value: isinstance(value, list) and all(map(fits, value))


def is_pair(fits):
    return lambda value: is_list(fits)(value) and len(value) == 2


def is_zone(value):
    return isinstance(value, dict) and not misfits(value, ZONE) and \
        re.fullmatch(r"\w+", value["name"]) is not None


# What a field may be, by its name.
KINDS = {
    **dict.fromkeys(("addr",), is_address),
    **dict.fromkeys(("zone", "cache", "caller", "name"),
                    lambda value: isinstance(value, str)),
    **dict.fromkeys(("pfn", "start", "end"), is_number(FRAMES)),
    **dict.fromkeys(("pages", "mapped"), is_number(SPACE >> 12)),
    **dict.fromkeys(("size", "guard", "asked"), is_number(SPACE)),
    "order": is_number(MAX_ORDER), "runs": is_list(is_pair(is_number(FRAMES))),
    "complete": lambda value: isinstance(value, bool),
    "zones": is_list(is_zone), "window": is_pair(is_address),
    "kmap": is_pair(is_address)}


def misfits(event, names):
    """The first of these fields that is missing or is not what it must be."""
    return next((name for name in names.split()
                 if name not in event or not KINDS[name](event[name])), None)


def event_of(line):
    """What one line says, its address as a number."""
    try:
        event = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise Broken(f"it is no JSON: {error}") from error
    if not isinstance(event, dict) or not line.isascii():
        raise Broken("it is no object of JSON in ASCII")
    kind = event.get("e")
    if not isinstance(kind, str) or kind not in FIELDS:
        raise Broken(f"there is no event {kind!r}"[:60])
    names = "" if kind == "flush" and event.get("all") is True else FIELDS[kind]
    wrong = misfits(event, names)
    if wrong:
        raise Broken(f"{kind}: `{wrong}` is missing, or cannot be that")
    if "addr" in event:
        event["addr"] = int(event["addr"], 16)
    return event


def read(path):
    """The events of a trace, one dictionary each (M1, TL1)."""
    before = 0
    with open(path, encoding="ascii", errors="surrogateescape") as lines:
        for number, line in enumerate(lines):
            try:
                event = event_of(line)
            except Broken as broken:
                raise Broken(f"line {number + 1}: {broken}") from None
            seq, when = event.get("seq"), event.get("t")
            if seq != number or type(when) is not int or when < before:
                raise Broken(f"M1: line {number + 1} has seq {seq!r} and t "
                             f"{when!r} after {before}")
            before = when
            yield event
