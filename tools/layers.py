#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""layers.py - do all includes point downwards?

Problem     A layer that includes a header from above cannot be understood, or
            tested, without what lies above it.
Idea        Each file belongs to a layer by its path, and each header by the
            first part of its name. A file may include headers of its own layer
            and of those below; the few exceptions stand in a table.
Invariants  Y1  uapi < lib < x86 < mm < kernel < drivers < modules < tests.
            Y2  Quoted includes stay in their folder; boot's are boot's alone.
            Y3  A source file includes its own header first.
See         docs/style.md
"""

import pathlib
import re
import sys

import lacuna

LAYERS = ["uapi", "lib", "x86", "mm", "kernel", "drivers", "modules",
          "tests"]
FOLDERS = {"boot": "boot", "kernel/lib": "lib", "kernel/x86": "x86", "mm": "mm",
           "kernel": "kernel", "drivers": "drivers", "modules": "modules",
           "tests": "tests"}

# Headers from above that a layer may use, each with its reason.
EXCEPTIONS = {
    "x86": {"kernel/lockrank.h"},       # a spinlock knows its rank
    "mm": {"kernel/lockrank.h",
           "kernel/panic.h",            # the memory manager reports
           "kernel/printk.h",
           "kernel/wait.h"},            # and waits for memory
    "boot": {f"{name}/" for name in ("uapi", "lib", "x86")},
}
# These start everything and may use all of it.
STARTERS = {"kernel/main.c", "boot/high.c"}
# What leaves its folder: a source that is compiled a second time, for another
# place; tests of what is no other file's; and what looks into a slab for a
# reader, which the kernel never does from outside.
STRAYS = {("boot/low_power.c", "../kernel/x86/power.c"),
          ("modules/explain/object.c", "../../mm/slab_internal.h"),
          ("tests/boot/handmade.h", "../../boot/loader.h"),
          ("tests/modules/test_map.c", "../../modules/monitor/map.h")}
# What the compiler itself brings, and what the build makes.
FREE = {"stdarg.h", "stdbool.h", "stddef.h", "stdint.h", "limits.h",
        "version.h"}

INCLUDE = re.compile(r'\s*#\s*include\s+([<"])([^>"]+)[>"]')


def layer_of(name):
    """The layer of a file of the kernel; None for anything else."""
    path = pathlib.PurePosixPath(name)
    if path.suffix not in (".c", ".h", ".S"):
        return None
    if path.parts[0] == "include":
        return path.parts[1] if len(path.parts) > 2 else None
    if name.startswith(("tests/host/", "user/")):
        return None
    folders = sorted(FOLDERS, key=len, reverse=True)
    return next((FOLDERS[folder] for folder in folders
                 if name.startswith(folder + "/")), None)


def is_allowed(name, layer, header):
    if name in STARTERS or header in FREE:
        return True
    for exception in EXCEPTIONS.get(layer, ()):
        if header == exception or header.startswith(exception) \
                and exception.endswith("/"):
            return True
    above = header.split("/")[0]
    if layer not in LAYERS or above not in LAYERS:
        return False
    return LAYERS.index(above) <= LAYERS.index(layer)


def own_header(name):
    """The public header that a source file implements, if it has one."""
    path = pathlib.PurePosixPath(name)
    header = f"{layer_of(name)}/{path.stem}.h"
    exists = (lacuna.ROOT / "include" / header).is_file()
    return header if path.suffix == ".c" and exists else None


def complaints(name, text):
    """What is wrong with the includes of one file."""
    layer, first = layer_of(name), own_header(name)
    for number, line in enumerate(text.splitlines(), 1):
        include = INCLUDE.match(line)
        if not include:
            continue
        kind, header = include.groups()
        if first and header != first:
            yield f"{name}:{number}: <{first}> comes first: it is its own"
        first = None
        if (name, header) in STRAYS:
            continue
        if kind == '"' and "/" in header:
            yield f'{name}:{number}: "{header}" is in another folder'
        elif kind == "<" and not is_allowed(name, layer, header):
            yield f"{name}:{number}: {layer} must not include <{header}>"


def main():
    found, files = [], 0
    for name in lacuna.sources():
        if layer_of(name):
            files += 1
            text = (lacuna.ROOT / name).read_text(encoding="utf-8")
            found += complaints(name, text)
    print("\n".join(found + [f"layers: {files} files, "
                             f"{len(found)} includes out of order"]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
