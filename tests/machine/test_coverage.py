# SPDX-License-Identifier: MIT
"""test_coverage.py - is what nobody reaches named, and are counts added up?"""

import struct

import pytest

import coverage
import gcda

pytestmark = pytest.mark.quick

FILE = "mm/page.c"
SOURCE = (coverage.lacuna.ROOT / FILE).read_text().splitlines()
LINE = next(number for number, text in enumerate(SOURCE, 1)
            if "if (memblock_ram_size() < before)" in text)
TEXT = SOURCE[LINE - 1].strip()


def counted(count, *branches, line=LINE):
    return {"line_number": line, "count": count, "gcovr/noncode": False,
            "gcovr/excluded": False,
            "branches": [{"count": taken} for taken in branches]}


def judged(*lines, exceptions=""):
    excused = coverage.Exceptions(exceptions)
    return (*coverage.judge(FILE, lines, excused), excused.stale())


def test_a_line_that_nobody_reaches_is_named():
    verdict, missed, _ = judged(counted(0), counted(1))
    assert missed == [f"{FILE}:{LINE}: not reached: {TEXT}"]
    assert (verdict.reached, verdict.lines) == (1, 2)


def test_a_branch_that_nobody_takes_counts():
    verdict, missed, _ = judged(counted(7, 7, 0))
    assert missed == []
    assert (verdict.taken, verdict.branches) == (1, 2)


def test_a_failing_assertion_need_not_be_seen(monkeypatch):
    monkeypatch.setattr(coverage.lacuna, "ROOT", FakeRoot("ASSERT(x);"))
    verdict, *_ = judged(counted(3, 3, 0, line=1))
    assert (verdict.taken, verdict.branches) == (1, 1)


def test_an_exception_excuses_its_line_alone():
    verdict, missed, stale = judged(
        counted(0), exceptions=f"# why\n{FILE} | {TEXT} | for a reason\n")
    assert (verdict.lines, missed, stale) == (0, [], [])


def test_an_exception_that_is_none_is_named():
    *_, stale = judged(
        counted(1, 1, 1), exceptions=f"{FILE} | {TEXT} | for a reason\n")
    assert stale == [f"{FILE}: '{TEXT}' is reached: no exception"]


class FakeRoot:
    """A folder in which each file holds the same."""

    def __init__(self, text):
        self._text = text

    def __truediv__(self, _):
        return self

    def read_text(self, **_):
        return self._text


# --- counters ----------------------------------------------------------------

BASE = 0x1000
GCC12 = int.from_bytes(b"B23*", "big")


def memory(counts, name, version=GCC12):
    """A pointer, a record, one function, its counters, the file's name."""
    info = BASE + 8
    functions = info + gcda.INFO.size
    function = functions + 4
    values = function + gcda.FUNCTION_HEAD.size + gcda.COUNTERS.size
    text = values + 8 * len(counts)
    data = struct.pack("<II", info, 0)
    data += gcda.INFO.pack(version, 0, 17, 18, text, 1,
                           *[0] * (gcda.NR_KINDS - 1), 1, functions)
    data += struct.pack("<I", function)
    data += gcda.FUNCTION_HEAD.pack(info, 5, 6, 7)
    data += gcda.COUNTERS.pack(len(counts), values)
    data += struct.pack(f"<{len(counts)}q", *counts) + name.encode() + b"\0"
    return gcda.Memory(BASE, data, None)


def test_what_two_machines_counted_is_added(tmp_path):
    file = tmp_path / "page.gcda"
    counters = gcda.Counters()
    for counts in ([1, 0], [2, 1 << 33]):
        counters.add(memory(counts, str(file)), BASE, BASE + 4)
    counters.write()
    words = struct.unpack("<16I", file.read_bytes())
    assert words == (gcda.MAGIC, GCC12, 17, 18,
                     gcda.FUNCTION_TAG, 12, 5, 6, 7,
                     gcda.ARCS_TAG, 16, 3, 0, 0, 2, 0)


def test_the_records_of_another_gcc_are_refused():
    newer = memory([1], "page.gcda", int.from_bytes(b"B33*", "big"))
    with pytest.raises(gcda.Unreadable, match="another gcc than 12"):
        gcda.Counters().add(newer, BASE, BASE + 4)
