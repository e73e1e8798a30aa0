#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""messages.py - does docs/messages.md explain every report of the kernel?

    tools/messages.py [--list]      --list: the texts that the sources have

Problem     Whoever reads a report wants to look it up. A page that lists them
            is out of date with the next printk, silently.
Idea        Reports are literals in calls of a few functions, and words that
            these put into a %s. Both are found in the sources. In the page an
            entry begins with its text in backticks, <what> for what differs.
Picture     printk(KERN_ERR "vfree: %s %p\\n", ok ? "bad address" : "no area")
            - `vfree: bad address <address>`      both words in one entry, or
            - `vfree: <what> <address>`
              - `no area`                         the words by themselves
Invariants  ME1 Each text of the sources is in an entry of the page.
            ME2 Each entry is made of texts of the sources: for a %s stands
                <anything>, one word, or another text.
            ME3 Each entry says where to read on: it has a link.
            ME4 Of the names in the page each is in the sources.
            ME5 Several words in a call are given to one of these functions, or
                to one that is known to report nothing.
See         docs/messages.md, tests/machine/test_checkers.py
"""

import dataclasses
import functools
import re
import sys

import lacuna

PAGE = lacuna.ROOT / "docs" / "messages.md"
FOLDERS = ("boot/", "drivers/", "include/", "kernel/", "mm/", "modules/")
KERNEL = ("boot/", "drivers/", "kernel/", "mm/")
GREETING = "kernel/main.c"      # what it says without a level is no report

# Who takes a text, and as which of its arguments; None: as any.
TAKERS = {"printk": None, "panic": None, "refuse": None, "low_print": 0,
          "ignore_module": 1, "caught_end": None, "spin_fail": None,
          "report_refusal": None, "tail_place": None, "undefined": None,
          "UNDEFINED": None}
QUIET = re.compile(r"\s*KERN_(NOTICE|INFO|DEBUG)\b")

# Who takes words that are no report by themselves: what a command of the monitor
# prints; the lines behind CAUGHT, which the page describes together; names.
OTHERS = {"print", "caught_print", "snprintf", "memblock_alloc",
          "memblock_reserve", "_Static_assert", "asm", "__asm__", "volatile"}

# Functions and tables whose words go into a report.
WORDS = {
    "kernel/explain.c": ["regions", "image_part", "window_place",
                         "explain_place"],
    "kernel/kasan_report.c": ["how_far", "object_place", "print_place",
                              "variable_place", "reason_words"],
    "mm/ioremap.c": ["refusal"],
    "mm/page_refused.c": ["why_not_freed"],
    "mm/slab.c": ["misuse_words"],
    "mm/vmalloc.c": ["populate_area"],
}

STRING = r'"(?:[^"\\]|\\.)*"'
TOKEN = re.compile(rf"/\*.*?\*/|//[^\n]*|{STRING}|'(?:[^'\\]|\\.)+'", re.DOTALL)
LITERAL = re.compile(rf"{STRING}(?:\s*{STRING})*")
CONVERSION = re.compile(r"%[-+ #0]*(?:\*|\d+)?(?:\.(?:\*|\d+))?(?:hh|h|ll|l|z)?"
                        r"(?:p[a-zA-Z]|[a-zA-Z])")
NAME = re.compile(r"`(?!__builtin)([a-z_]\w*_\w+)(?:\(\))?`")
ENTRY = re.compile(r"^( *)- `([^`]+)`", re.MULTILINE)


@dataclasses.dataclass(frozen=True)
class Text:
    """What one literal of the sources prints."""
    file: str
    line: int
    text: str                           # with its %s, blanks squeezed

    @functools.cached_property
    def pattern(self):
        """What an entry may have in its place; each %s is a group."""
        parts, end = [], 0
        for match in CONVERSION.finditer(self.text):
            parts += [re.escape(self.text[end:match.start()]),
                      "(.*?)" if match[0][-1] == "s" else "<[^<>]*>"]
            end = match.end()
        parts.append(re.escape(self.text[end:]))
        return re.compile(r"(?<!\w)" * self.text[:1].isalnum() +
                          "".join(parts).replace("%%", "%") +
                          r"(?!\w)" * self.text[-1:].isalnum())


def squeeze(text):
    return " ".join(text.split())


def unquote(literal):
    """A run of adjacent string literals as one text."""
    text = "".join(part[1:-1] for part in re.findall(STRING, literal))
    return squeeze(re.sub(r"\\[nt]", " ", text).replace('\\"', '"'))


def is_text(text):
    """A word at least, of two letters: no separator; no file to read in."""
    return bool(re.search(r"[A-Za-z]{2}", CONVERSION.sub(" ", text))
                and not re.match(r"[\w/]+\.[ch]\b", text))


def without_comments(source):
    """The same offsets and lines, blanks for comments."""
    def blank(match):
        if match[0][0] != "/":
            return match[0]
        return re.sub(r"[^\n]", " ", match[0])
    return TOKEN.sub(blank, source)


def closing(code, at):
    """The offset behind the bracket that closes the one at at."""
    depth = 0
    while at < len(code):
        token = TOKEN.match(code, at)
        if token:
            at = token.end()
            continue
        depth += {"(": 1, "{": 1, ")": -1, "}": -1}.get(code[at], 0)
        at += 1
        if depth == 0:
            break
    return at


def arguments(code, start, end):
    """[(offset, text)] of what stands between the brackets of a call."""
    at = first = start + 1
    while at < end - 1:
        token = TOKEN.match(code, at)
        if token:
            at = token.end()
        elif code[at] == "(":
            at = closing(code, at)
        elif code[at] == ",":
            yield first, code[first:at]
            at = first = at + 1
        else:
            at += 1
    yield first, code[first:end - 1]


def called_with(code, greets=False):
    """(offset, text) of each argument that a taker prints."""
    for call in re.finditer(rf"\b({'|'.join(TAKERS)})\(", code):
        start = call.end() - 1
        given = list(arguments(code, start, closing(code, start)))
        if call[1] == "printk" and (QUIET.match(given[0][1]) or greets
                                    and not given[0][1].startswith("KERN_")):
            continue
        wanted = TAKERS[call[1]]
        yield from given if wanted is None else given[wanted:wanted + 1]


def calls(code):
    """[(start, end, name)] of all calls, inner ones behind their outer."""
    return [(call.end() - 1, closing(code, call.end() - 1), call[1])
            for call in re.finditer(r"\b(\w+) ?\(", code)]


def strangers(name, source):
    """ME5, as complaints."""
    code = without_comments(source)
    inside = calls(code)
    for literal in LITERAL.finditer(code):
        text = unquote(literal[0])
        names = [callee for start, end, callee in inside
                 if start < literal.start() < end]
        if is_text(text) and re.search(r"\w \w", text) and names and \
                not {*TAKERS, *OTHERS} & {*names}:
            line = code.count("\n", 0, literal.start()) + 1
            yield (f"{name}:{line}: ME5: `{names[-1]}` takes a text; is it a "
                   f"report? {text}")


def bodies(code, names):
    """(offset, text) of the functions and tables of these names."""
    for name in names:
        start = re.search(rf"^(?=\S)[^\n]*\b{name}\b[^;{{}}]*\{{", code,
                          re.MULTILINE)
        assert start, f"messages.py: WORDS has {name}, which is gone"
        body = code[start.end():closing(code, start.end() - 1)]
        assert any(is_text(unquote(literal[0]))
                   for literal in LITERAL.finditer(body)), \
            f"messages.py: WORDS has {name}, which has no text"
        yield start.end(), body


def texts_of(name, source, words=()):
    """What one file prints."""
    code = without_comments(source)
    for offset, part in [*called_with(code, name == GREETING),
                         *bodies(code, words)]:
        for literal in LITERAL.finditer(part):
            text = unquote(literal[0])
            if is_text(text):
                line = code.count("\n", 0, offset + literal.start()) + 1
                yield Text(name, line, text)


def entries_of(page):
    """[(line, text, has a link)]; an inner entry has that of its outer."""
    found = [(match.start(), len(match[1]), squeeze(match[2]))
             for match in ENTRY.finditer(page)]
    ends = [start for start, indent, _ in found if not indent]
    for start, indent, text in found:
        end = next((other for other in ends if other > start), len(page))
        end = page.find("\n## ", start, end) if "\n## " in page[start:end] \
            else end
        yield (page.count("\n", 0, start) + 1, text,
               bool(indent) or "](" in page[start:end])


def fits(slot, texts, depth=2):
    """May this stand where the sources have %s?"""
    if re.fullmatch(r"(<[^<>]*>)?|[\w=.-]+", slot):
        return True
    return depth > 0 and any(
        match and all(fits(inner, texts, depth - 1)
                      for inner in match.groups())
        for match in (text.pattern.fullmatch(slot) for text in texts))


def places(text, entry, texts):
    """Where in an entry a text stands: [(start, end)]."""
    at = 0
    while match := text.pattern.search(entry, at):
        good = all(fits(slot, texts) for slot in match.groups())
        if good:
            yield match.span()
        at = max(match.end() if good else 0, match.start() + 1)


def complaints(texts, page):
    entries = list(entries_of(page))
    used = {entry: [False] * len(entry) for _, entry, _ in entries}
    for text in texts:
        found = [(entry, span) for entry in used
                 for span in places(text, entry, texts)]
        for entry, (start, end) in found:
            used[entry][start:end] = [True] * (end - start)
        if not found:
            yield f"{text.file}:{text.line}: ME1: not in the page: {text.text}"
    for line, entry, linked in entries:
        rest = "".join(c if not done else " "
                       for c, done in zip(entry, used[entry]))
        if re.search(r"\w", re.sub(r"<[^<>]*>", "", rest)):
            yield (f"docs/messages.md:{line}: ME2: no source prints: "
                   f"{squeeze(rest)}")
        if not linked:
            yield f"docs/messages.md:{line}: ME3: no link: {entry}"


def gone(page, code):
    """ME4, as complaints: code is all that there is."""
    known = set(re.findall(r"\w+", code))
    for match in NAME.finditer(page):
        if match[1] not in known:
            line = page.count("\n", 0, match.start()) + 1
            yield f"docs/messages.md:{line}: ME4: no source has `{match[1]}`"


def main():
    texts, wrong, code = [], [], ""
    page = PAGE.read_text("ascii")
    for name in lacuna.sources():
        if name.startswith(FOLDERS) and name.endswith((".c", ".h")):
            source = (lacuna.ROOT / name).read_text(encoding="ascii")
            texts += texts_of(name, source, WORDS.get(name, ()))
            code += without_comments(source)
            if name.startswith(KERNEL):
                wrong += strangers(name, source)
    if "--list" in sys.argv:
        print("\n".join(f"{t.file}:{t.line}: {t.text}" for t in texts))
        return 0
    wrong += [*complaints(texts, page), *gone(page, code)]
    print("\n".join(wrong + [f"messages: {len(texts)} texts of the kernel, "
                             f"{len(wrong)} complaints"]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
