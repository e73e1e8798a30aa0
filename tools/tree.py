#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""tree.py - small rules that hold in every file of the project

Rules       T1  A source file says its licence (SPDX) in its first three lines.
            T2  Plain ASCII, lines end with a line feed alone, the last too.
            T3  No blanks at the end of a line. C and assembly are indented by
                tabs, Python by blanks.
            T4  At most 80 columns of code, tabs counting to eight; a line with
                a comment may have 88.
            T5  No path of the machine it was written on.
Exempt      Patches (T3, T4): their context lines begin with a blank. What
            .gitattributes calls binary is not looked at.
"""

import fnmatch
import pathlib
import re
import sys

import lacuna

HOME = pathlib.Path.home()
LICENCE = "SPDX-License-Identifier: MIT"
C_LIKE = {".c", ".h", ".S", ".ld"}
SOURCES = C_LIKE | {".py", ".sh", ".mk", ".awk", ".gdb"}
COLUMNS, COLUMNS_WITH_COMMENT = 80, 88
COMMENT = re.compile(r"\s*(/\*| \*|#).*")
# 7 blanks may stand in front of what continues a comment; 8 are a tab.
INDENTED_BY_BLANKS = re.compile(r"\t* {8}")


def binary_patterns():
    """What .gitattributes calls binary."""
    lines = (lacuna.ROOT / ".gitattributes").read_text("ascii").splitlines()
    return [line.split()[0] for line in lines if line.endswith(" binary")]


def is_binary(name, patterns):
    return any(fnmatch.fnmatch(name, pattern) for pattern in patterns)


def is_source(path, text):
    return (path.suffix in SOURCES or path.name == "Makefile"
            or text.startswith("#!"))


def line_complaints(path, line, source):
    if line != line.rstrip():
        yield "T3: blanks at the end"
    if path.suffix in C_LIKE and INDENTED_BY_BLANKS.match(line):
        yield "T3: indented by blanks"
    if path.suffix == ".py" and "\t" in line:
        yield "T3: a tab"
    wide = line.expandtabs(8)
    if source and (len(COMMENT.sub("", wide)) > COLUMNS
                   or len(wide) > COLUMNS_WITH_COMMENT):
        yield f"T4: {len(wide)} columns"


def file_complaints(path, data):
    """(line number, what is wrong) for one file."""
    try:
        text = data.decode("ascii")
    except UnicodeDecodeError as error:
        line = data[:error.start].count(b"\n") + 1
        yield line, "T2: not plain ASCII"
        text = data.decode("utf-8", "replace")
    lines = text.split("\n")
    source = is_source(path, text)
    if source and not any(LICENCE in line for line in lines[:3]):
        yield 1, "T1: no SPDX line"
    if text and lines[-1]:
        yield len(lines), "T2: the last line has no end"
    for number, line in enumerate(lines, 1):
        if "\r" in line:
            yield number, "T2: a carriage return"
            continue
        if any(f"{place}/" in line for place in (lacuna.ROOT, HOME)):
            yield number, "T5: a path of this machine"
        if path.suffix != ".patch":
            for complaint in line_complaints(path, line, source):
                yield number, complaint


def main():
    patterns = binary_patterns()
    names = [name for name in lacuna.sources()
             if not is_binary(name, patterns)]
    found = [f"{name}:{number}: {complaint}" for name in names
             for number, complaint in file_complaints(
                 pathlib.PurePosixPath(name),
                 (lacuna.ROOT / name).read_bytes())]
    print("\n".join([*found,
                     f"tree: {len(names)} files, {len(found)} complaints"]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
