# SPDX-License-Identifier: MIT
"""test_book.py - the book's checker finds what it is for; what is typed works

What a page has one type behind `(gdb)` or `lacuna>` is typed here. Lines that
it quotes below must be part of the answer, whatever the numbers in them; ...
stands for what is left out. That is done with the pages of ALWAYS, and with all
chapters, a minute together, when BOOK=all is set (`make trust`).
"""

import os
import re
import shlex

import pexpect
import pytest

import book
import book_figures
import lacuna
import vocabulary
from gdbsession import ask, elf, terminal, tool         # noqa: F401

SOURCE = """/* SPDX-License-Identifier: MIT */
/*
 * toy.c - a file for this test
 *
 * Problem     None.
 * Invariants  T1  A toy is never
 *                 <lib/list.h> empty.
 *             T2  MAX_TOYS bounds it.
 *             T8 and others are not of this file.
 * Locks       T9  is no invariant.
 */
#define MAX_TOYS (2 * KIB(1))
int toy_check(void)
{
    return toy->state;
}
KTEST(toy, is_never_empty)
"""

CHAPTER = """# toy: what it is about

## The problem
A `struct toy`, in `toy.c`, `MAX_TOYS` = 2 KiB, and `toy.pair` 65 (Linux 675).

| toys | list | vmem | Linux |
|---|---|---|---|
| `toy.pair` | 70 | 65 | 675 |

## A picture
```
| toy |
```

## Through the code
`toy_check()` as Linux's `toy_verify()` and `toy_scan()` do. `toy_scan()` reads
`toy->state`; a host test "toys are empty" shows it. Write `toy_new()`.

## Invariants
- **T1** A toy is never `<lib/list.h>` empty. So it is.
- **T2** `MAX_TOYS` bounds it.

## What goes wrong without them
T1: `toy.is_never_empty` goes red. T2: `toy.*`, too.

## How Linux differs
See [the invariants](#invariants).

## Exercises
1. Observe.

       make run APPEND='test=toy.* bench=toy.pair exit'
       (gdb) break toy_check
       (gdb) p MAX_TOYS
       (gdb) lacuna zones

2. Change.
3. Extend.
""" + "\n" * 30


@pytest.fixture(name="known", scope="module")
def toy_vocabulary():
    real = vocabulary.of_the_tree().texts
    texts = {"mm/toy.c": SOURCE, "Makefile": "run: all\n",
             vocabulary.MEASURED: '{"figures": {"toy.pair": {"value": 65, '
             '"linux": 675, "index": {"list": 70, "vmem": 65}}}}',
             "tests/host/test_toy.c": 'host_case("toys are empty");',
             "tools/gdb/commands.py": real["tools/gdb/commands.py"]}
    return vocabulary.Vocabulary(texts)


def complaints(known, text, name="docs/book/mm/toy.md"):
    return [what for _, what in book.complaints(book.Page(name, text),
                                                known)]


@pytest.fixture(autouse=True)
def toys_exist(monkeypatch):
    monkeypatch.setattr(lacuna, "sources",
                        lambda: ["mm/toy.c", "include/lib/list.h"])
    book.is_file.cache_clear()
    yield
    book.is_file.cache_clear()


# --- the checker -------------------------------------------------------------

@pytest.mark.quick
def test_a_page_that_is_right_is_left_in_peace(known):
    assert complaints(known, CHAPTER) == []


@pytest.mark.quick
@pytest.mark.parametrize("old, new, says", [
    ("## A picture", "## Pictures", "BK2: the headings"),
    ("# toy:", "# boy:", "BK2: the first line"),
    ("\n" * 30, "\n", "BK2: 39 lines"),
    ("3. Extend", "Extend", "BK2: no exercise 3"),
    ("- **T2** `MAX_TOYS` bounds it.\n", "", "BK3: T2 of mm/toy.c is missing"),
    ("**T2** `MAX_TOYS` bounds it.", "**T2** `MAX_TOYS` bounds it.\n"
     "- **T3** And more.", "BK3: mm/toy.c has no invariant T3"),
    ("**T1** A toy is never", "**T1** No toy is ever",
     "BK3: T1 does not begin with the words"),
    ("red. T2: ", "red. ", "BK3: what goes wrong without T2"),
    ("`toy_check()`", "`toy_chek()`", "BK4: toy_chek() is nowhere"),
    ("`toy_check()`", "`MAX_TOYS()`", "BK4: MAX_TOYS() is nowhere"),
    ("`toy->state`", "`toy->status`", "BK4: status is nowhere"),
    ("`struct toy`", "`struct boy`", "BK4: boy is nowhere"),
    ("`toy.c`", "`mm/boy.c`", "BK4: mm/boy.c is no file"),
    ("`toy.is_never_empty`", "`toy.is_empty`", "BK4: toy.is_empty is no test"),
    ("`toy.*`", "`boy.*`", "BK4: boy.* is no test"),
    ("`toy.*`", "`toy.new.pair`", "BK4: toy.new.pair is no benchmark"),
    ("toys are empty", "toys are full", "BK4: no host test"),
    ("make run", "make walk", "BK4: make walk is no command"),
    ("test=toy.*", "test=boy.*", "BK4: test=boy.* is no command"),
    ("bench=toy.pair", "bench=toy.pear", "BK4: bench=toy.pear is no command"),
    ("break toy_check", "break toy_chek", "BK4: break toy_chek is no command"),
    ("p MAX_TOYS", "p MIN_TOYS", "BK4: MIN_TOYS is no command"),
    ("lacuna zones", "lacuna zone", "BK4: lacuna zone is no command"),
    ("as Linux's `toy_verify()`", "as `toy_verify()`",
     "BK4: toy_verify() is nowhere"),
    ("Write `toy_new()`", "See `toy_new()`", "BK4: toy_new() is nowhere"),
    ("= 2 KiB", "= 2 MiB", "BK5: MAX_TOYS is 2048, not = 2 MiB"),
    ("`toy.pair` 65", "`toy.pair` 66", "BK5: toy.pair is 65, not 66"),
    ("(Linux 675)", "(Linux 765)", "BK5: toy.pair in Linux is 675, not 765"),
    ("| 70 |", "| 7 |", "BK5: toy.pair by list is 70, not 7"),
    ("| 675 |", "| 67 |", "BK5: toy.pair by Linux is 675, not 67"),
    ("#invariants", "#rules", "BK6: no heading is #rules"),
    ("](#invariants", "](boy.md#invariants", "BK6: boy.md#invariants is no"),
], ids=lambda text: text if text.startswith("BK") else "")
def test_a_planted_error_is_found(known, old, new, says):
    assert old in CHAPTER
    found = complaints(known, CHAPTER.replace(old, new, 1))
    assert any(says in what for what in found), found
    assert len(found) <= 3, found       # the same name may come again


@pytest.mark.quick
def test_chapters_files_and_contents_must_match():
    assert list(book.missing(["mm/a.c", "docs/book/mm/a.md"],
                             "[a](mm/a.md)")) == []
    found = list(book.missing(["mm/a.c", "docs/book/mm/b.md"], ""))
    assert [what.split(" ")[1] for what in found] == [
        "mm/a.c", "docs/book/mm/b.md", "docs/book/README.md"]


@pytest.mark.quick
def test_figures_are_written_into_a_page(known, tmp_path, monkeypatch):
    monkeypatch.setattr(lacuna, "ROOT", tmp_path)
    wrong = (CHAPTER.replace("pair` 65", "pair` 1").replace("| 70 |", "| 2 |")
             .replace("Linux 675", "Linux 3").replace("| 675 |", "| 4 |"))
    monkeypatch.setattr(book_figures, "PLOTS", tmp_path / "img")
    (tmp_path / "toy.md").write_text(wrong, "ascii")
    book_figures.write([book.Page("toy.md", wrong)], known.measured)
    assert (tmp_path / "toy.md").read_text("ascii") == CHAPTER


@pytest.mark.quick
def test_rows_of_the_deviations_name_tests(known):
    row = "| a | b | c | toy.is_never_empty |\n| a | b | c | toy.is_empty |"
    assert complaints(known, row, "docs/linux.md") == [
        "BK4: toy.is_empty is no test"]


# --- what is typed -----------------------------------------------------------

MISTAKE = re.compile(r"No symbol|Undefined |is no command|not being run|"
                     r"No frame|Cannot|Invalid|[Nn]o such|syntax error",
                     re.MULTILINE)


def sessions(page):
    """(program, its APPEND and so on, [(what is typed, [lines quoted])])"""
    program, told, typed = None, {}, []
    for _, line in page.typed:
        prompt = re.match(r"(?:\(gdb\)|lacuna>) (.*?)(?:   |$)", line)
        if line.startswith("make "):
            if typed:
                yield program, told, typed
            _, program, *words = shlex.split(line)
            told, typed = dict(word.split("=", 1) for word in words
                               if "=" in word), []
        elif prompt:
            typed.append((prompt[1], []))
        elif typed and line and not line.startswith("```"):
            typed[-1][1].append(line)
    if typed:
        yield program, told, typed


def shape(text):
    """A line without its numbers and the width of its gaps."""
    return " ".join(re.sub(r"\b(0x)?[0-9a-f]*\d[0-9a-f]*\b", "#",
                           text).split())


def ask_monitor(questions):
    """What the kernel's own prompt answers to each."""
    with terminal(tool("run", lacuna.kernel()), APPEND="demo") as reader:
        reader.expect_exact("lacuna> ")
        for question in questions:
            reader.sendline(question)
            reader.expect(["lacuna> ", pexpect.EOF])
            yield reader.before.replace("\r\n", "\n")


ALWAYS = ("start.md", "tlb-lab.md")


def pages():
    everything = os.environ.get("BOOK") == "all"
    return sorted(str(page.relative_to(lacuna.ROOT))
                  for page in (lacuna.ROOT / "docs/book").rglob("*.md")
                  if everything or page.name in ALWAYS)


@pytest.mark.slow
@pytest.mark.xdist_group("gdb")
@pytest.mark.parametrize("name", pages())
def test_what_a_page_has_one_type_works(elf, name):     # noqa: F811
    page = book.Page(name, (lacuna.ROOT / name).read_text("ascii"))
    for program, told, typed in sessions(page):
        commands = [command for command, _ in typed]
        told["APPEND"] = f"{told.get('APPEND', 'demo')} exit"   # it comes back
        answers = (ask(elf, commands, **told) if program == "gdb"
                   else ask_monitor(commands))
        for (command, quoted), answer in zip(typed, answers):
            assert not MISTAKE.search(answer), f"{command}\n{answer}"
            for part in "...".join(quoted).split("..."):
                assert shape(part) in shape(answer), f"{command}\n{answer}"
