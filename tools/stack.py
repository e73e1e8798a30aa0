#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""stack.py - how deep can a kernel stack become?

    tools/stack.py FILE.ci...           (`make stack`)

Problem     A kernel stack has 16 KiB and a guard page. A call chain that is a
            little too deep works in every test but one.
Idea        gcc writes for each function how many bytes it needs and whom it
            calls (-fcallgraph-info=su,da). The longest path through that graph
            is the deepest stack. Whom a pointer calls, how often a cycle goes
            round and what assembly needs stand in tables here, with the reason.
Picture     boot_high > kmain > ... > deepest function      a thread
              + frame > irq_handle > ...                    an interrupt in it
                + frame > oops > ... report                 a fault in that
                  + frame > ... > panic                     and a panic in that
Invariants  D1  The sum of all four is at most half of a kernel stack.
            D2  No function has a frame of unknown size; none calls through a
                pointer, or in a cycle, that the tables do not name.
Except      Self-tests: their own frames do not count, but what they call of the
            kernel does, from the depth at which they run.
Read first  Graph.deepest, then main
See         kernel/x86/entry.S, kernel/oops.c, tests/machine/test_static.py
"""

import pathlib
import re
import sys

import lacuna


def commands_of_the_monitor():
    """The function of each MONITOR_COMMAND, as gcc names it."""
    return [f"{name}:run_{command}" for name in lacuna.sources()
            if name.endswith(".c") and not name.startswith("tests/modules/")
            for command in re.findall(
                r"^MONITOR_COMMAND\((\w+)", (lacuna.ROOT / name).read_text(),
                re.MULTILINE)]


# Whom a call through a pointer reaches, by the pointer's name; its file before it
# where several share a name.
POINTERS = {
    "print": ["console_printf", "caught_print",     # every print_fn of a report
              "kernel/main.c:print_info", "modules/monitor/map.c:draw"],
    "write": ["drivers/serial.c:serial_write", "drivers/vga.c:vga_write"],
    "read": ["drivers/serial.c:serial_read"],       # struct console
    "put": ["kernel/printk.c:ring_put", "kernel/printk.c:screen_put"],
    "run": commands_of_the_monitor(),
    "more": ["modules/explain/long.c:print_more"],  # explain_details's
    "parse": ["parse_u64", "parse_size"],           # a word at the prompt
    "echo": ["prompt_echo"],                        # struct edit
    "word": ["modules/monitor/monitor.c:name_behind"],
    "ask": ["modules/quiz/window.c:ask_place",      # struct quiz_kind
            "modules/quiz/frames.c:ask_split",
            "modules/quiz/access.c:ask_access"],
    "show": ["modules/quiz/window.c:show_place",
             "modules/quiz/window.c:show_vfree",
             "modules/quiz/frames.c:show_stock",
             "modules/quiz/access.c:show_access"],
    "give": ["modules/quiz/window.c:give_place",
             "modules/quiz/window.c:give_vfree",
             "modules/quiz/frames.c:give_pages"],
    "kernel/x86/irq.c:fn": ["kernel/x86/clock.c:clock_tick"],
    "mm/vmap.c:fn": ["mm/vmap_check.c:check_area",
                     "mm/vmap_check.c:check_hole",
                     "mm/vmalloc_check.c:add_pages",
                     "mm/vmallocinfo.c:print_area",
                     "mm/vmallocinfo.c:add_to_sum",
                     "mm/alloc_vm_area.c:is_record",
                     "modules/monitor/map_frames.c:move_area",
                     "modules/monitor/map_window.c:paint",
                     "modules/monitor/map_window.c:paint_letters",
                     "modules/monitor/map_window.c:list_area",
                     "mm/vread.c:visit"],           # vmap_for_each
    "find": ["mm/vmap_list.c:list_find", "mm/vmap_rbtree.c:rbtree_find",
             "mm/vmap_vmem.c:vmem_find"],           # struct vmap_index
    "add": ["mm/vmap_rbtree.c:rbtree_add", "mm/vmap_vmem.c:vmem_add",
            "mm/vmap_list.c:list_changed"],
    "remove": ["mm/vmap_rbtree.c:rbtree_remove", "mm/vmap_vmem.c:vmem_remove",
               "mm/vmap_list.c:list_changed"],
    "check": ["mm/vmap_list.c:list_check", "mm/vmap_rbtree.c:rbtree_check",
              "mm/vmap_vmem.c:vmem_check"],
    "less": ["mm/vmap_rbtree.c:lies_below"],        # struct rb_tree
    "update": ["mm/vmap_rbtree.c:update"],
    "ctor": [],                 # no cache of the kernel has one
    "lookup_symbol": ["symbol_lookup"],
    "oops_handler": ["kernel/oops.c:oops"],
    "trace_writer": ["modules/trace/trace.c:write_event"],
}
# A cycle with this function in it goes round so often.
CYCLES = {
    "mm/vmalloc.c:vmalloc_for": (2, "the array of an array fits a page"),
    "mm/vmalloc.c:free_page_array": (2, "the same, given back"),
    "mm/vmap_rbtree.c:search": (34, "a tree of 65536 holes is not higher"),
    "snprintf": (2, "%pB prints its line with %s and %lx"),
}
# What assembly needs, its return address included, and calls.
ASSEMBLY = {
    "recovery_set": (8, ["recovery_link"]),
    "recovery_jump": (16, []),
    "double_fault_leave": (0, []),          # takes another stack
    # Weak: gcc writes its file before the name where it is defined.
    "explain_picture": (0, ["modules/explain/picture.c:explain_picture"]),
}
# These never return: they come on top, once. Each may call those behind it.
LAST_WORDS = ["__stack_chk_fail", "spin_bad_rank", "spin_bad_unlock",
              "kernel/x86/spinlock.c:spin_fail", "assert_failed", "panic"]

# trap_common: the CPU's three words, vector and error code, pusha, four segments,
# and two words so that a backtrace goes on.
TRAP_FRAME = 12 + 8 + 32 + 16 + 8

NODE = re.compile(r'node: \{ title: "([^"]+)" label: "[^"\\]*\\n'
                  r'([^":]+):[^"\\]*\\n(\d+) bytes \(([a-z,]+)\)')
EDGE = re.compile(r'edge: \{ sourcename: "([^"]+)" targetname: "([^"]+)"'
                  r'(?: label: "([^"]+)")?')
CALLED = re.compile(r"(?:\w+(?:->|\.))*(\w+)\(")


class Failure(Exception):
    """Something that the tables have to say and do not."""


class Graph:
    """Who calls whom, and with how many bytes."""

    def __init__(self):
        self.size, self.calls = {}, {}
        self.tests = set()
        for name, (size, callees) in ASSEMBLY.items():
            self.add(name, size)
            self.calls[name].update(callees)

    def add(self, name, size):
        self.size[name] = max(size, self.size.get(name, 0))
        self.calls.setdefault(name, set())

    def read(self, text, is_test=False):
        """What gcc wrote about one source file."""
        for name, place, size, kind in NODE.findall(text):
            if kind != "static" and not is_test:
                raise Failure(f"{place}: {name} needs {size} bytes or more "
                              f"({kind}): alloca or a variable array")
            self.add(name, 0 if is_test else int(size))
            if is_test:
                self.tests.add(name)
        for source, target, place in EDGE.findall(text):
            if source in self.tests:
                continue
            found = self.calls.setdefault(source, set())
            if target != "__indirect_call":
                found.add(target)
            else:
                found.update(pointed_at(place))

    def check(self):
        """D2: is everything known that is called?"""
        for name, callees in sorted(self.calls.items()):
            for callee in callees - set(self.size):
                raise Failure(f"{name} calls {callee}, whose frame is unknown: "
                              "name it in tools/stack.py, ASSEMBLY or POINTERS")

    def cycles(self, start):
        """The strongly connected parts below start, callees first (Tarjan)."""
        index, low, stack, parts = {}, {}, [], []

        def visit(name):
            index[name] = low[name] = len(index)
            stack.append(name)
            for callee in sorted(self.callees(name)):
                if callee not in index:
                    visit(callee)
                if callee in stack:
                    low[name] = min(low[name], low[callee])
            if low[name] == index[name]:
                at = stack.index(name)
                parts.append(stack[at:])
                del stack[at:]

        visit(start)
        return parts

    def callees(self, name):
        """Whom it calls; last words only if it is of them."""
        end = LAST_WORDS.index(name) + 1 if name in LAST_WORDS else None
        return self.calls[name] - set(LAST_WORDS[:end])

    def part_size(self, part):
        """Bytes of a function, or of a cycle as often as it goes round."""
        size = sum(self.size[name] for name in part)
        if len(part) == 1 and part[0] not in self.callees(part[0]):
            return size
        for name in part:
            if name in CYCLES:
                return CYCLES[name][0] * size
        raise Failure(f"recursion without a bound: {' > '.join(part)}: end it, "
                      "or name one of them in tools/stack.py, CYCLES")

    def deepest(self, start):
        """(bytes, path) of the deepest stack that start can need."""
        best = {}                       # of each function: (bytes, path)
        for part in self.cycles(start):
            below = [best[callee] for name in part
                     for callee in self.callees(name) if callee not in part]
            size, path = max(below, default=(0, []))
            own = self.part_size(part)
            for name in part:
                best[name] = (own + size, [(part, own)] + path)
        return best[start]


def pointed_at(place):
    """The functions that the call at file:line:column may reach."""
    name, line, column = place.split(":")
    text = (lacuna.ROOT / name).read_text(encoding="ascii").split("\n")
    call = CALLED.match(text[int(line) - 1], int(column) - 1)
    for key in (f"{name}:{call[1]}", call[1]) if call else ():
        if key in POINTERS:
            return POINTERS[key]
    raise Failure(f"{name}:{line}: a call through a pointer: say whom it "
                  "reaches in tools/stack.py, POINTERS")


def thread(graph):
    """The deepest thread: kmain and below, or what a self-test calls there."""
    size, path = graph.deepest("boot_high")
    to_tests = [depth for test in ("ktest_run", "bench_run",
                                   "tests/testing.c:run_test")
                for depth in [path_to(graph, "boot_high", test)] if depth]
    called = max(graph.deepest(name) for name in graph.size
                 if name not in graph.tests and not path_to(graph, name,
                                                            "ktest_run"))
    for above, road in to_tests:
        if above + called[0] > size:
            size = above + called[0]
            path = road + [(["(a self-test, not counted)"], 0)] + called[1]
    return size, path


def path_to(graph, start, end):
    """The deepest (bytes, path) from start down to a caller of end, or None."""
    found = None
    for part in graph.cycles(start):
        if end in part:
            found = {end: (0, [])}
            continue
        if found is None:
            continue
        below = [found[callee] for name in part
                 for callee in graph.callees(name) if callee in found]
        if below:
            size, path = max(below)
            own = graph.part_size(part)
            found.update({name: (own + size, [(part, own)] + path)
                          for name in part})
    return found.get(start) if found else None


def stack_size():
    """KSTACK_SIZE of <x86/layout.h>: the smallest, KASAN=1 has a larger one."""
    text = (lacuna.ROOT / "include/x86/layout.h").read_text(encoding="ascii")
    return 4096 * min(map(int, re.findall(r"KSTACK_SIZE\s+\((\d+) \* PAGE_SIZE",
                                          text)))


def shares(graph):
    """What may lie on one stack at the same time: (what, bytes, path)."""
    yield ("thread", *thread(graph))
    own = TRAP_FRAME + graph.size["trap_dispatch"]
    for what, start in (("interrupt", "irq_handle"),
                        ("fault", "trap_exception")):
        size, path = graph.deepest(start)
        yield what, own + size, [(["trap_common > trap_dispatch"], own)] + path
    size, path = max(map(graph.deepest, LAST_WORDS))
    yield ("panic", TRAP_FRAME + size, [(["trap_common"], TRAP_FRAME)] + path)


def report(graph, limit):
    """Print the largest frames and the worst path; returns its bytes."""
    print("largest frames, bytes")
    largest = sorted(graph.size, key=lambda name: (-graph.size[name], name))
    for name in largest[:10]:
        print(f"  {graph.size[name]:6}  {name}")
    print("worst path, bytes of each function")
    total = 0
    for what, size, path in shares(graph):
        print(f"  {size:6}  {what}")
        for part, own in path:
            print(f"          {own:6}  {' <> '.join(sorted(part))}")
        total += size
    print(f"stack: {len(graph.size) - len(graph.tests)} functions, worst path "
          f"{total} bytes of at most {limit}")
    return total


def main():
    graph = Graph()
    sys.setrecursionlimit(10000)
    try:
        files = sorted(sys.argv[1:], key=lambda name: "/tests/" not in name)
        for name in files:
            graph.read(pathlib.Path(name).read_text(encoding="ascii"),
                       "/tests/" in name)
        graph.check()
        return 1 if report(graph, stack_size() // 2) > stack_size() // 2 else 0
    except Failure as failure:
        print(f"stack: {failure}")
        return 1


if __name__ == "__main__":
    sys.exit(main())
