#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""suppressions.py - which findings are silenced, where, and why

Problem     A finding that is silenced without a reason is a bug that waits.
Idea        All ways to silence a tool leave a mark in the source. List them,
            and demand words behind each.
Invariants  Q1  Each suppression has a reason, on its line or, in a list, above.
See         tools/static.mk, .clang-tidy, tools/cppcheck.txt
"""

import pathlib
import re
import sys

import lacuna

MARKS = re.compile(r"NOLINT\w*|cppcheck-suppress\S*|"
                   r'#\s*pragma GCC diagnostic ignored "-Wanalyzer|__CHECKER__')
# The mark, then what it names, then what is left must be words.
NAMED = re.compile(r"NOLINT\w*(?:\([^)]*\))?|cppcheck-suppress\S*(?: \w+)?|"
                   r"#\s*pragma GCC diagnostic ignored \"[^\"]*\"|.*__CHECKER__\)?")
WORD = re.compile(r"[A-Za-z]{2,}")
CPPCHECK = "tools/cppcheck.txt"
# Where the marks are explained, or are part of what they do.
FREE = {"include/lib/compiler.h"}


def in_source(name, text):
    """(line number, what is silenced, its reason) of each mark in a file."""
    for number, line in enumerate(text.splitlines(), 1):
        mark = MARKS.search(line)
        if mark:
            named = NAMED.search(line, mark.start() if "CHECKER" not in line
                                 else 0)
            yield number, line.strip(), line[named.end():].strip(" :*/\t")


def in_list(text):
    """The same for the lines of cppcheck's list, whose reasons stand above."""
    reason = ""
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("#"):
            reason += line.strip("# ")
        elif line.strip():
            yield number, line.strip(), reason
        else:
            reason = ""


def main():
    silenced, bad = 0, 0
    for name in lacuna.sources():
        if pathlib.PurePath(name).suffix not in (".c", ".h") or name in FREE:
            if name != CPPCHECK:
                continue
        text = (lacuna.ROOT / name).read_text(encoding="utf-8")
        found = in_list(text) if name == CPPCHECK else in_source(name, text)
        for number, what, reason in found:
            silenced += 1
            print(f"{name}:{number}: {what}")
            if not WORD.search(reason):
                bad += 1
                print(f"{name}:{number}: Q1: no reason")
    print(f"suppressions: {silenced}, {bad} without a reason")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
