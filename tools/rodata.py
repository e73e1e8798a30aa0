#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""rodata.py - is what is const also read-only?

    tools/rodata.py [lacuna.elf]

Problem     const is a promise to the compiler; only the section decides whether
            the MMU keeps it. A `const volatile` table lies in .data, a stray
            section attribute puts a variable among the constants.
Idea        The debug information says of each variable where it lies and what
            its type is, the section headers say which addresses are writable.
Invariants  C1  Whatever is const lies in a section that is not writable.
            C2  What lies in .rodata is const.
See         linker.ld, mm/kspace.c (K2)
"""

import re
import sys

import lacuna

SECTION = re.compile(r"^ +\d+ (\S+) +([0-9a-f]{8}) +([0-9a-f]{8}) .*\n +(.*)$",
                     re.MULTILINE)
ENTRY = re.compile(r"<([0-9a-f]+)>: Abbrev Number: \d+ \((DW_TAG_\w+)\)")
ATTRIBUTE = re.compile(r"(DW_AT_\w+) *: (.*)")
ADDRESS = re.compile(r"\(DW_OP_addr: ([0-9a-f]+)\)$")
REFERENCE = re.compile(r"<0x([0-9a-f]+)>")
COMPLETED = ("DW_AT_specification", "DW_AT_abstract_origin")
WANTED = {"DW_AT_name", "DW_AT_type", "DW_AT_location", *COMPLETED}
# Through these a type is const when what it is made of is.
TRANSPARENT = {"DW_TAG_array_type", "DW_TAG_typedef", "DW_TAG_volatile_type"}


def sections(text):
    """(name, start, end, is it writable) of each section that is in memory."""
    for name, size, start, flags in SECTION.findall(text):
        if "ALLOC" in flags:
            yield (name, int(start, 16), int(start, 16) + int(size, 16),
                   "READONLY" not in flags)


def entries(text):
    """{offset: (tag, {attribute: value})} of the types and variables."""
    found, attributes = {}, {}
    for line in text.splitlines():
        entry = ENTRY.search(line)
        if entry:
            attributes = {}
            found[entry[1]] = (entry[2], attributes)
            continue
        attribute = ATTRIBUTE.search(line)
        if attribute and attribute[1] in WANTED:
            attributes[attribute[1]] = attribute[2]
    return found


def attribute_of(found, attributes, name):
    """An attribute, perhaps of the declaration that this one completes."""
    for completed in COMPLETED:
        if name not in attributes and completed in attributes:
            offset = REFERENCE.search(attributes[completed])[1]
            return attribute_of(found, found[offset][1], name)
    return attributes.get(name, "")


def is_const(found, kind):
    """Is the type that kind, an attribute, refers to const?"""
    while REFERENCE.search(kind):
        tag, attributes = found[REFERENCE.search(kind)[1]]
        if tag == "DW_TAG_const_type":
            return True
        if tag not in TRANSPARENT:
            return False
        kind = attributes.get("DW_AT_type", "")
    return False


def variables(found):
    """(name, address, is it const) of each variable that has an address."""
    for tag, attributes in found.values():
        place = ADDRESS.search(attributes.get("DW_AT_location", ""))
        if tag == "DW_TAG_variable" and place:
            kind = attribute_of(found, attributes, "DW_AT_type")
            name = attribute_of(found, attributes, "DW_AT_name").split(": ")[-1]
            yield name, int(place[1], 16), is_const(found, kind)


def complaints(text):
    """(how many const variables, what is wrong) in what objdump printed."""
    where, found, nr = list(sections(text)), [], 0
    for name, address, const in variables(entries(text)):
        section, writable = next(
            ((name, writable) for name, start, end, writable in where
             if start <= address < end), ("no section", True))
        nr += const
        if const and writable:
            found.append(f"C1: {name} is const, but lies in {section}, which "
                         "is writable (const volatile? a section of its own?)")
        if not const and section == ".rodata":
            found.append(f"C2: {name} is not const, but lies in {section}")
    return nr, sorted(set(found))


def main():
    elf = sys.argv[1] if len(sys.argv) > 1 else lacuna.kernel()
    run = lacuna.run([lacuna.cross("objdump"), "-h", "--dwarf=info", elf], 120)
    nr, found = complaints(run.log)
    if run.status != 0 or nr == 0:
        found.append(f"no debug information to go by: {run.why()}")
    shown = found[:10] + ["..."] * (len(found) > 10)
    print("\n".join(shown + [f"rodata: {nr} constants, {len(found)} not where "
                             "they belong"]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
