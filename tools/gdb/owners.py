# SPDX-License-Identifier: MIT
"""owners.py - `lacuna owners`: frames in use, summed by who took them

Idea        What modules/monitor/owners.c prints, line by line, from the same
            array; read in one piece, because there are many frames.
See         tests/machine/test_gdb.py
"""

import collections
import struct

import gdb

import kernel

RECORD = struct.Struct("<IIHH")         # struct page_owner
PAGE = struct.Struct("<BBBBIII")        # struct page


def _records():
    array = int(kernel.variable("page_owners"))
    if not array:
        return None
    _, length = kernel.mem_map()
    memory = gdb.selected_inferior().read_memory(array, length * RECORD.size)
    return list(RECORD.iter_unpack(bytes(memory)))


def _is_in_use(pfn):
    array, _ = kernel.mem_map()
    state = kernel.constant_name("page_state", array[pfn]["state"])
    if state == "TAIL" and kernel.head_of(pfn) is not None:
        head = array[kernel.head_of(pfn)]
        state = kernel.constant_name("page_state", head["state"])
    return state in ("USED", "SLAB")


def of_frame(pfn, indent="  "):
    """What is said of a frame's owner: a line, or none."""
    array = int(kernel.variable("page_owners"))
    if not array:
        return
    caller, freed_by, gfp, order = RECORD.unpack(
        bytes(gdb.selected_inferior().read_memory(
            array + pfn * RECORD.size, RECORD.size)))
    if not caller:
        return
    line = (f"{indent}taken by {kernel.caller_at(caller)}, order {order}, "
            f"gfp {gfp:02x}")
    if freed_by:
        before = "before that " * _is_in_use(pfn)
        line += f"; {before}freed by {kernel.caller_at(freed_by)}"
    yield line


def lines():
    """The table, as the kernel prints it."""
    records = _records()
    if records is None:
        yield "  not noted: boot with page_owner"
        return
    array, length = kernel.mem_map()
    memory = gdb.selected_inferior().read_memory(int(array),
                                                 length * PAGE.size)
    pages = list(PAGE.iter_unpack(bytes(memory)))
    used = {kernel.constant_of("PAGE_USED"), kernel.constant_of("PAGE_SLAB")}
    sums = collections.defaultdict(lambda: [0, 0])
    pfn = 0
    while pfn < length:
        state, order = pages[pfn][:2]
        if state in used:
            caller = records[pfn][0]
            if caller:
                sums[caller][0] += 1
                sums[caller][1] += 1 << order
            pfn += 1 << order
        else:
            pfn += 1
    yield "  blocks    frames  caller"
    for caller in sorted(sums):
        blocks, frames = sums[caller]
        yield f"  {blocks:6}  {frames:8}  {kernel.caller_at(caller)}"
