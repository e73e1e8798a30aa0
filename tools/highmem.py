#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""highmem.py - who in the kernel takes HIGHMEM for itself? (claim C10)

Problem     The textbook says: vmalloc and kmap, hardly anybody else. A function
            that one day asks for HIGHMEM as well makes that false, silently.
Idea        Whoever takes it names one of two flags, or who adds one. Each line
            outside of the tests that does stands in tests/highmem.txt, with the
            reason; what takes the flag out of others (~__GFP_HIGHMEM) takes no
            frame.
Invariants  HM1 A line that names a flag is in the list, or is a comment.
            HM2 A line of the list is in the source.
See         docs/claims.md (C10); tests/mm/test_claims.c counts the frames
"""

import re
import sys

import lacuna

LIST = lacuna.ROOT / "tests" / "highmem.txt"
FOLDERS = ("boot/", "drivers/", "include/", "kernel/", "mm/", "modules/")
NOT_TAKING = re.compile(r"~\(?__GFP_HIGHMEM|/\*.*?(\*/|$)|^\s*\*.*|^\s*//.*")
FLAG = re.compile(r"__GFP_HIGHMEM|GFP_HIGHUSER|gfp_add_highmem")


def takers(name, text):
    """The lines of a file that name a flag, without blanks around them."""
    if not name.startswith(FOLDERS) or name.startswith("include/tests/"):
        return []
    return [line.strip() for line in text.splitlines()
            if FLAG.search(NOT_TAKING.sub("", line))]


def listed(text):
    """[(file, line)] of the list; each must have a reason."""
    rows = [[part.strip() for part in line.split(" | ")]
            for line in text.splitlines() if line and line[0] != "#"]
    for row in rows:
        assert len(row) >= 3 and all(row), f"no reason: {' | '.join(row)}"
    return [(row[0], " | ".join(row[1:-1])) for row in rows]


def complaints(found, known):
    """Both are lists of (file, line)."""
    for name, line in found:
        if (name, line) not in known:
            yield f"{name}: takes HIGHMEM, and is not in the list: {line}"
    for name, line in known:
        if (name, line) not in found:
            yield f"{name}: no longer there, but in the list: {line}"


def main():
    found = []
    for name in lacuna.sources():
        if name.startswith(FOLDERS) and name.endswith((".c", ".h")):
            text = (lacuna.ROOT / name).read_text(encoding="ascii")
            found += [(name, line) for line in takers(name, text)]
    wrong = list(complaints(found, listed(LIST.read_text("ascii"))))
    print("\n".join(wrong + [f"highmem: {len(found)} places take it, "
                             f"{len(wrong)} complaints"]))
    if wrong:
        print(f"highmem: the list is {lacuna.shown(LIST)}; claim C10 needs a "
              "reason for each")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
