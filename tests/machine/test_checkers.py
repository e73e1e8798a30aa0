# SPDX-License-Identifier: MIT
"""test_checkers.py - each checker finds what it is for, and only that"""

import importlib
import os
import pathlib
import time

import pytest

import claims
import highmem
import lacuna
import ktap
import layers
import messages
import size
import tree

pytestmark = pytest.mark.quick


# --- layers.py ---------------------------------------------------------------

@pytest.mark.parametrize("name, line, good", [
    ("mm/tlb.c", "#include <lib/list.h>", True),
    ("mm/tlb.c", "#include <kernel/printk.h>", True),
    ("mm/tlb.c", "#include <stdint.h>", True),
    ("mm/tlb.c", '#include "internal.h"', True),
    ("mm/tlb.c", "#include <kernel/monitor.h>", False),
    ("mm/tlb.c", '#include "../boot/low.h"', False),
    ("mm/tlb.c", "#include <nosuch/thing.h>", False),
    ("kernel/x86/irq.c", "#include <mm/page.h>", False),
    ("kernel/x86/irq.c", "#include <kernel/lockrank.h>", True),
    ("kernel/lib/glob.c", "#include <x86/cpu.h>", False),
    ("include/lib/list.h", "#include <x86/cpu.h>", False),
    ("include/mm/page.h", "#include <x86/layout.h>", True),
    ("kernel/oops.c", "#include <tests/ktest.h>", False),
    ("modules/demo/demo.c", "#include <drivers/serial.h>", True),
    ("modules/demo/demo.c", "#include <tests/ktest.h>", False),
    ("kernel/main.c", "#include <tests/ktest.h>", True),
    ("boot/multiboot1.c", "#include <mm/page.h>", False),
    ("boot/multiboot1.c", "#include <x86/bootinfo.h>", True),
    ("drivers/vga.c", "#include <kernel/printk.h>", True),
    ("tests/mm/test_page.c", "#include <mm/page.h>", True),
], ids=lambda value: str(value).removeprefix("#include "))
def test_layers(name, line, good):
    own = layers.own_header(name)
    text = f"#include <{own}>\n{line}\n" if own else f"{line}\n"
    assert (list(layers.complaints(name, text)) == []) == good


def test_layers_wants_the_own_header_first():
    text = "#include <lib/list.h>\n#include <mm/tlb.h>\n"
    assert any("comes first" in line
               for line in layers.complaints("mm/tlb.c", text))


# --- highmem.py --------------------------------------------------------------

@pytest.mark.parametrize("line, takes", [
    ("page = alloc_page(GFP_HIGHUSER);", True),
    ("gfp = gfp_add_highmem(gfp);", True),
    ("gfp |= __GFP_HIGHMEM;\t/* any */", True),
    ("gfp &= ~__GFP_HIGHMEM;", False),
    ("slab = alloc_pages(gfp & ~(__GFP_HIGHMEM | __GFP_ZERO), 0);", False),
    (" * GFP_HIGHUSER takes frames of any zone", False),
    ("page = alloc_page(GFP_KERNEL);\t/* not GFP_HIGHUSER */", False),
])
def test_highmem_finds_who_takes_it(line, takes):
    assert (highmem.takers("mm/slab.c", f"{line}\n") == [line.strip()]) == takes
    assert highmem.takers("tests/mm/test_slab.c", f"{line}\n") == []


def test_highmem_wants_list_and_source_to_agree():
    rows = highmem.listed("# a comment\nmm/a.c | f(a | b) | why\n")
    assert rows == [("mm/a.c", "f(a | b)")]
    assert list(highmem.complaints(rows, rows)) == []
    assert list(highmem.complaints([], rows)) and \
        list(highmem.complaints(rows, []))
    with pytest.raises(AssertionError):
        highmem.listed("mm/a.c | f(a)\n")


# --- messages.py -------------------------------------------------------------

REPORTS = r"""
/* panic("in a comment") */
static const char *const table[] = { "it is free already", "it is late" };
void f(void)
{
    printk(KERN_ERR "toy: %s %p lost, "
           "by %pB\n", x ? "bad address" : table[0], p, g(1, 2));
    printk("toy: as %s\n", g(3, 4));
    printk(KERN_INFO "toy: all is well\n");
    report_refusal(p, "there is no more");
    printk(KERN_WARNING "toy: %lu left\n", n);
    panic("toy: a \"thing\" broke");
}
"""
EXPLAINED = """# Reports
- `toy: <what> <address> lost, by <caller>` See [this](x.md).
  - `it is free already`
  - `bad address` Or not.
- `panic: toy: a "thing" broke` See [that](y.md).
- `toy: it is late <address> lost, by <caller>` See [this](x.md).
- `toy: <n> left` See [this](x.md).
- `toy: as <what>` Of `texts_of()`. See [this](x.md).
  - `there is no more`
"""


def message_complaints(source, page):
    texts = [*messages.texts_of("mm/toy.c", source, ["table"]),
             *messages.texts_of("kernel/panic.c",
                                'printk(KERN_EMERG "panic: ");')]
    return list(messages.complaints(texts, page))


def test_messages_takes_what_a_report_prints():
    texts = messages.texts_of("mm/toy.c", REPORTS, ["table"])
    assert [(text.line, text.text) for text in texts] == [
        (6, "toy: %s %p lost, by %pB"), (7, "bad address"),
        (8, "toy: as %s"), (10, "there is no more"), (11, "toy: %lu left"),
        (12, 'toy: a "thing" broke'),
        (3, "it is free already"), (3, "it is late")]
    assert message_complaints(REPORTS, EXPLAINED) == []


@pytest.mark.parametrize("source, page, says", [
    ((" left", " left over"), None, ["ME1", "ME2"]),
    (("panic(", 'panic("toy: new");panic('), None, ["ME1"]),
    (("it is late", "it is early"), None, ["ME1", "ME2"]),
    (('    printk(KERN_WARNING "toy: %lu left\\n", n);\n', ""), None, ["ME2"]),
    (None, ("- `toy: <n> left` See [this](x.md).\n", ""), ["ME1"]),
    (None, ("broke` See [that](y.md)", "broke` See that"), ["ME3"]),
    (None, ("<address> lost", "<address> gone"), ["ME1", "ME2"]),
    (None, ("it is late <", "it was late <"), ["ME1", "ME2"]),
    (None, ("it is late <", "late <"), ["ME1"]),
    (None, ("- `toy: as <what>` Of", "Of"), ["ME1"]),
    (None, ("  - `there is no more`\n", ""), ["ME1"]),
], ids=str)
def test_messages_finds_what_was_planted(source, page, says):
    changed = REPORTS.replace(*source) if source else REPORTS
    told = EXPLAINED.replace(*page) if page else EXPLAINED
    assert (changed, told) != (REPORTS, EXPLAINED)
    found = message_complaints(changed, told)
    assert [rule for rule in ("ME1", "ME2", "ME3")
            if any(f"{rule}: " in line for line in found)] == says, found


def test_messages_wants_its_words_to_exist():
    with pytest.raises(AssertionError, match="tabel"):
        list(messages.texts_of("mm/toy.c", REPORTS, ["tabel"]))
    emptied = REPORTS.replace('{ "it is free already", "it is late" }', "{ 0 }")
    with pytest.raises(AssertionError, match="table, which has no text"):
        list(messages.texts_of("mm/toy.c", emptied, ["table"]))


def test_messages_leaves_out_the_greeting_alone():
    source = 'void f(void)\n{\n\tprintk("Toy %s\\n", v);\n}\n'
    assert list(messages.texts_of("kernel/main.c", source)) == []
    assert len(list(messages.texts_of("mm/toy.c", source))) == 1


def test_messages_finds_a_taker_that_nobody_named():
    assert list(messages.strangers("mm/toy.c", REPORTS)) == []
    other = REPORTS.replace("report_refusal(p", "say_no(g(p)")
    assert list(messages.strangers("mm/toy.c", other)) == [
        "mm/toy.c:10: ME5: `say_no` takes a text; is it a report? there is no "
        "more"]


def test_messages_wants_the_names_of_the_page_to_exist():
    assert list(messages.gone(EXPLAINED, "static int texts_of(void)")) == []
    assert list(messages.gone(EXPLAINED, "static int text_of(void)")) == [
        "docs/messages.md:8: ME4: no source has `texts_of`"]


# --- all of them ---------------------------------------------------------------

def test_tools_can_be_called_as_the_pages_say():
    tools = [lacuna.ROOT / name for name in lacuna.sources()
             if name.startswith("tools/") and
             (lacuna.ROOT / name).read_bytes()[:2] == b"#!"]
    assert len(tools) > 30
    assert [tool.name for tool in tools if not os.access(tool, os.X_OK)] == []


# --- size.py -----------------------------------------------------------------

def test_size_counts_code_only():
    text = ('/* a\n * comment */\n\nint a;\t/* b */\n// c\nchar *s = "/*";\n'
            'int d; /* e\n f */ int g;\n')
    assert len(size.code_lines(text)) == 4


def test_size_measures_functions():
    body = "\n".join(["void f(void)", "{", *["\tg();"] * 59, "}", ""])
    assert list(size.functions(body)) == [(2, 61)]
    assert list(size.length_complaints({"a.c": body})) == [
        "a.c:2: B5: a function of 61 lines"]
    assert list(size.length_complaints({"a.c": "\n" * 401})) == [
        "a.c: B5: 401 lines"]


def test_size_counts_apart_what_only_variants_compile():
    apart = size.of_variants()
    assert {"mm/kasan.c", "kernel/ubsan.c", "kernel/lib/count.c"} <= apart
    assert not apart & set(size.CORE)


def test_size_counts_apart_what_only_tests_call():
    proof = "int vmap_check(void)\n{\n\treturn 0;\n}\n"
    texts = {"mm/vmap_check.c": proof, "mm/a.c": "/* vmap_check() */\n"}
    assert not list(size.proof_complaints(texts))
    texts["mm/a.c"] = "int a(void)\n{\n\treturn vmap_check();\n}\n"
    assert len(list(size.proof_complaints(texts))) == 1


def test_size_keeps_options_out_of_the_heart():
    bad = {"mm/vmalloc.c": "#ifdef A\n/* #if B */\nx = options.seed;\n",
           "mm/vmap_list.c": "int a;\n"}
    assert len(list(size.heart_complaints(bad))) == 2


# --- tree.py -----------------------------------------------------------------

C_HEAD = "/* SPDX-License-Identifier: MIT */\n"


@pytest.mark.parametrize("name, text, rule", [
    ("a.c", C_HEAD + "\tint a;\n", None),
    ("a.c", C_HEAD + "/*\n * a comment\n */\n", None),
    ("a.c", C_HEAD + "int a;" + " " * 60 + "/* behind the code */\n", None),
    ("a.c", "int a;\n", "T1"),
    ("a.py", "import os\n", "T1"),
    ("run", "#!/bin/sh\n:\n", "T1"),
    ("a.md", "no licence\n", None),
    ("a.md", "caf\u00e9\n", "T2"),
    ("a.md", "no end", "T2"),
    ("a.md", "blank \n", "T3"),
    ("a.c", C_HEAD + "        int a;\n", "T3"),
    ("a.py", "# SPDX-License-Identifier: MIT\n\tx\n", "T3"),
    ("a.c", C_HEAD + "x" * 81 + "\n", "T4"),
    ("a.c", C_HEAD + "int a;" + " " * 70 + "/* behind the code */\n", "T4"),
    ("a.md", f"see {lacuna.ROOT}/x\n", "T5"),
    ("a.patch", " context \n", None),
], ids=lambda value: str(value) if len(str(value)) < 8 else "text")
def test_tree(name, text, rule):
    found = [complaint for _, complaint in tree.file_complaints(
        pathlib.PurePosixPath(name), text.encode())]
    assert [complaint[:2] for complaint in found] == ([rule] if rule else [])


# --- claims.py ---------------------------------------------------------------

REPORT = ktap.Report(cases=[ktap.Case("vmalloc", "guards", "pass"),
                            ktap.Case("vmalloc", "skips", "skip")])


@pytest.mark.parametrize("row, says", [
    ("| C1 | a gap | vmalloc.guards | vmalloc | proved |", None),
    ("| C1 | a gap | `vmalloc.guards` | `vmalloc`, `vfree` | proved |", None),
    ("| C1 | a gap | | | open |", None),
    ("| C1 | a gap | vmalloc.nosuch | vmalloc | proved |", "no test"),
    ("| C1 | a gap | vmalloc.skips | vmalloc | proved |", "did not pass"),
    ("| C1 | a gap | vmalloc.guards | nosuch | proved |", "no function"),
    ("| C1 | a gap | vmalloc.guards, vmalloc.skips | vmalloc | proved |",
     "did not pass"),
    ("| C1 | a gap | | vmalloc | proved |", "no test or no function"),
    ("| C1 | a gap | vmalloc.guards | vmalloc | maybe |", "last field"),
], ids=lambda value: "row" if str(value).startswith("|") else str(value))
def test_claims(row, says):
    found = list(claims.check_row(claims.ROW.match(row), REPORT,
                                  {"vmalloc", "vfree"}))
    assert len(found) == (says is not None)
    assert all(says in sentence for sentence in found)


# --- break.py, lacuna.py -----------------------------------------------------

def test_each_planted_fault_names_who_catches_it():
    breaker = importlib.import_module("break")
    assert breaker.names()
    for name in breaker.names():
        title, tests = breaker.header(name)
        assert title.startswith(f"{name}: "), name
        assert tests and all("." in test for test in tests), name


def test_sizes():
    assert lacuna.parse_size("8M") == lacuna.parse_size("8") == 8 << 20
    assert lacuna.parse_size("3.5G") == 3584 << 20


def test_a_process_ends_at_its_deadline_and_keeps_what_it_said():
    begin = time.monotonic()
    run = lacuna.run(["sh", "-c", "echo hello; exec sleep 30"], 0.5)
    assert time.monotonic() - begin < 5
    assert run.timed_out
    assert run.log == "hello\n"


def test_a_process_that_ignores_the_end_is_killed():
    run = lacuna.run(["sh", "-c", "trap '' TERM; echo on; while :; do sleep 1; "
                      "done"], 0.5)
    assert run.timed_out and run.status < 0


def test_a_status_is_passed_on():
    run = lacuna.run(["sh", "-c", "echo out; echo bad >&2; exit 35"], 10)
    assert (run.status, run.log, run.errors) == (35, "out\n", "bad\n")
