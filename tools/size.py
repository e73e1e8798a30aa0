#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""size.py - lines of code, and the budgets that keep the kernel readable

    tools/size.py [--brief]         --brief leaves the single files out

Problem     Nobody reads 20,000 lines to understand vmalloc, and a kernel grows.
Idea        Count what there is to read (no blanks, no comments) and fail when
            the path from kmain to vmalloc, or the whole, becomes too long.
Budgets     B1  kmain to vmalloc: at most 14 files and 2,500 lines.
            B2  vmalloc.c with vmap_list.c: at most 350 lines.
            B3  No #ifdef and no boot option in those two.
            B4  The kernel without tests, modules and user space: below 12,000.
                What only KASAN=1, UBSAN=1 or COUNT=1 compile is a means to test
                it, and is counted apart: at most 1,500. So is what proves
                invariants of the window, which only self-tests call: 200.
            B5  A file has at most 400 lines in all, a function at most 60.
"""

import collections
import re
import sys

import lacuna

CORE = ["kernel/main.c", "mm/init.c", "mm/memblock.c", "mm/memmap.c",
        "mm/page.c", "mm/zone.c",
        "mm/buddy.c", "mm/page_alloc.c", "mm/slab.c",
        "mm/pgtable.c", "mm/kspace.c", "mm/vm_area.c", "mm/vmap.c",
        "mm/vmalloc.c"]
HEART = ["mm/vmalloc.c", "mm/vmap_list.c"]
KERNEL = ("boot/", "mm/", "kernel/", "drivers/", "include/")
SOURCE = (".c", ".h", ".S")

COMMENT = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', re.DOTALL)
# In an objs.mk: a file of some variants only.
VARIANT = re.compile(r"^OBJS \+= \$\(if \$\(\w+\),(\S+)\.o\)", re.MULTILINE)
IFDEF = re.compile(r"\s*#\s*(if|ifdef|ifndef)\b")


def without_comments(text):
    """The text with each comment replaced by its line ends."""
    def replace(match):
        found = match[0]
        return found if found[0] == '"' else "\n" * found.count("\n") or " "
    return COMMENT.sub(replace, text)


def code_lines(text):
    return [line for line in without_comments(text).splitlines()
            if line.strip()]


def functions(text):
    """(first line, number of lines) of each function body in C."""
    begin = 0
    for number, line in enumerate(text.splitlines(), 1):
        if line == "{":
            begin = number
        elif line == "}" and begin:
            yield begin, number - begin + 1
            begin = 0


def read_kernel():
    return {name: (lacuna.ROOT / name).read_text(encoding="utf-8")
            for name in lacuna.sources()
            if name.endswith(SOURCE) and name.startswith(KERNEL)
            and not name.startswith(("include/tests/", "include/modules/"))}


def of_variants():
    """The source files that the kernel as `make` builds it is without."""
    return {f"{stem}.c" for name in lacuna.sources()
            if name.endswith("objs.mk") for stem in
            VARIANT.findall((lacuna.ROOT / name).read_text(encoding="utf-8"))}


PROOF = re.compile(r"mm/(vmap|vmalloc)_check\.c$")


def proof_complaints(texts):
    """A file of proofs whose functions the kernel itself calls is none."""
    for name in filter(PROOF.match, texts):
        public = re.findall(r"^(?!static)\w.*?\b(\w+)\([^;]*\)\n\{",
                            texts[name], re.MULTILINE)
        called = re.compile(r"\b(?:%s)\(" % "|".join(public or ["-"]))
        for other, text in texts.items():
            if (other.endswith(".c") and not PROOF.match(other)
                    and called.search(without_comments(text))):
                yield f"{name}: B4: {other} calls it"


def heart_complaints(texts):
    for name in HEART:
        for number, line in enumerate(without_comments(
                texts.get(name, "")).splitlines(), 1):
            if IFDEF.match(line) or "options." in line:
                yield f"{name}:{number}: B3: {line.strip()}"


def length_complaints(texts):
    for name, text in texts.items():
        total = text.count("\n")
        if total > 400:
            yield f"{name}: B5: {total} lines"
        for first, lines in functions(text):
            if lines > 60:
                yield f"{name}:{first}: B5: a function of {lines} lines"


def print_files(size):
    """Each folder with its files."""
    folders = collections.defaultdict(list)
    for name in sorted(size):
        folder, file = name.rsplit("/", 1)
        folders[folder].append((size[name], file))
    for folder, files in folders.items():
        print(f"{sum(lines for lines, _ in files):6}  {folder}/")
        for lines, file in files:
            print(f"{lines:13}  {file}")


def main():
    texts = read_kernel()
    size = {name: len(code_lines(text)) for name, text in texts.items()}
    if "--brief" not in sys.argv:
        print_files(size)

    missing = [name for name in CORE if name not in size]
    core = sum(size.get(name, 0) for name in CORE)
    heart = sum(size.get(name, 0) for name in HEART)
    apart = sum(size.pop(name) for name in of_variants())
    proofs = sum(size.pop(name) for name in filter(PROOF.match, texts))
    total = sum(size.values())
    found = [f"{name}: B1: not there" for name in missing]
    found += [*heart_complaints(texts), *length_complaints(texts),
              *proof_complaints(texts)]
    for budget, lines, most, what in [
            ("B1", core, 2500, f"kmain to vmalloc, {len(CORE)} files"),
            ("B2", heart, 350, " and ".join(HEART)),
            ("B4", apart, 1500, "what only variants of it compile"),
            ("B4", proofs, 200, "what only self-tests call, to prove"),
            ("B4", total, 11999, "the kernel without tests and modules")]:
        print(f"{lines:6} of at most {most:6}  {what}")
        if lines > most:
            found.append(f"{budget}: {what}: {lines} lines")
    print("\n".join([*found, f"size: {len(found)} budgets exceeded"]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
