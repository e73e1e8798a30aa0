#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""book.py - does the book say what the source says? `make book`

    tools/book.py [--figures] [FILE ...]    only these: docs/book/mm/page.md

--figures writes what was measured into the pages, and nothing else.

Problem     A book about code is wrong a week later: a function has a new name,
            a test is gone, a figure was better once. Nobody notices.
Idea        What stands in `backticks` is a name, and names can be looked up. So
            can numbers, the words of an invariant, and what is typed.
Picture     `memblock_add()`      a function or a macro of the tree
            `kspace.check_finds_k1`, `kspace.*`     tests that exist
            `mm/page.c`, `page.c`, `<mm/page.h>`    files that exist
            `page->state`, `PAGE_FREE`, `vmap=list` words of the sources
            `make gdb`, `lacuna pt`, `(gdb) ...`    commands that exist
            `MAX_ORDER` = 10      what the #define says
            `page.order0.pair` 65       what make bench has measured
            Linux's `kswapd()`    somebody else's, from there on in the page
            Write `page_count()`  an exercise's
            host test "RAM is whole pages that ..."     a case on the host
Rules       BK1 Each mm/*.c has its chapter, each chapter its file, and the
                table of contents names them all.
            BK2 A chapter has the headings of HEADINGS, 60 to 110 lines, and
                three exercises.
            BK3 Its invariants are those of the file's first comment, each with
                the same words; what goes wrong is told of each.
            BK4 Every name in backticks is known.
            BK5 Numbers beside a constant or a benchmark are its value.
            BK6 Links lead somewhere.
See         tools/vocabulary.py, tests/machine/test_book.py, docs/book/README.md
"""

import fnmatch
import functools
import pathlib
import re
import sys

import book_figures
import lacuna
import vocabulary

BOOK = "docs/book/"
CONTENTS = BOOK + "README.md"
OTHERS = ["docs/hour.md", "docs/linux.md", "docs/map.md", "docs/messages.md",
          "docs/quiz.md"]
HEADINGS = ["The problem", "A picture", "Through the code", "Invariants",
            "What goes wrong without them", "How Linux differs", "Exercises"]
LINES = range(60, 111)

CODE = re.compile(r"`([^`]+)`")
# Looked up nowhere: Linux's `x`, `y` and `z`; and what an exercise has one write.
FOREIGN = re.compile(r"(?:\b(?:Linux|GDB|QEMU|GRUB|gcc|clang|Solaris|C)"
                     r"(?: \d[\d.]*)?(?:'s|')?|\bWrite|\bAdd an option)\s+$")
CHAIN = re.compile(r"(?:,|,? and|,? or| /)\s+|\s*\([^()`]*\),?\s+(?:and\s+)?")
NUMBER = re.compile(r"[`]?\s*(?:=|is)\s+([\d,]+|0x[\da-fA-F]+)"
                    r"(?:\s+(KiB|MiB|GiB))?\b")
UNIT = {None: 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
NOT_C = {"true", "false"}


def squeeze(text):
    """Words alone: no line ends, no marks of Markdown."""
    return " ".join(re.sub(r"[`\\]", "", text).split())


def slug(heading):
    """The anchor that GitHub gives a heading."""
    plain = re.sub(r"[^\w\- ]", "", heading.lstrip("# ").lower())
    return plain.replace(" ", "-")


class Page:
    """A file of the book, its code blocks apart from its text."""

    def __init__(self, name, text):
        self.name, self.lines = name, text.splitlines()
        self.typed, prose, fenced = [], [], False
        for number, line in enumerate(self.lines, 1):
            fence = line.lstrip().startswith("```")
            fenced ^= fence
            if fence or fenced or line.startswith("    "):
                self.typed.append((number, line.strip()))
                line = " " * len(line)      # offsets stay
            prose.append(line)
        self.prose = "\n".join(prose)
        self.headings = [line for line in prose if line.startswith("#")]

    @property
    def is_chapter(self):
        return self.name.startswith(BOOK + "mm/")

    @property
    def source(self):
        """The file that a chapter is about."""
        return f"mm/{pathlib.PurePath(self.name).stem}.c"

    def section(self, heading):
        parts = re.split(r"^## (.*)$", self.prose, flags=re.MULTILINE)
        return dict(zip(parts[1::2], parts[2::2])).get(heading, "")

    def line_of(self, offset):
        return self.prose.count("\n", 0, offset) + 1


# --- one chapter beside its file (BK2, BK3) ----------------------------------

def invariants_of(source):
    """{number: sentence} of a file's first comment."""
    comment = re.search(r"/\*\n(.*?)\*/", source, re.DOTALL)
    found, last, inside = {}, None, False
    for line in (comment[1] if comment else "").splitlines():
        line = line[3:]
        if line[:12].strip():
            inside = line.startswith("Invariants")
        rule = re.fullmatch(r"([A-Z]{1,2}\d+) *", line[12:16])
        if not inside or not (rule or line[12:16] == "    "):
            last = None
        elif rule:
            last, found[rule[1]] = rule[1], line[16:]
        elif last:
            found[last] += " " + line[16:]
    return {number: squeeze(text) for number, text in found.items()}


def chapter_invariants(page):
    parts = re.split(r"\*\*([A-Z]{1,2}\d+)\*\*", page.section("Invariants"))
    return dict(zip(parts[1::2], map(squeeze, parts[2::2])))


def form_complaints(page):
    stem = pathlib.PurePath(page.name).stem
    if page.headings[1:] != [f"## {heading}" for heading in HEADINGS]:
        yield f"BK2: the headings are not {', '.join(HEADINGS)}"
    if not page.lines or not page.lines[0].startswith(f"# {stem}: "):
        yield f"BK2: the first line does not begin with '# {stem}: '"
    if len(page.lines) not in LINES:
        yield f"BK2: {len(page.lines)} lines, not {LINES[0]} to {LINES[-1]}"
    for number in (1, 2, 3):
        if not re.search(rf"^{number}\. ", page.section("Exercises"),
                         re.MULTILINE):
            yield f"BK2: no exercise {number}"


def invariant_complaints(page, source):
    wanted, found = invariants_of(source), chapter_invariants(page)
    wrong = page.section("What goes wrong without them")
    for number in sorted(wanted.keys() | found.keys()):
        if number not in found:
            yield f"BK3: {number} of {page.source} is missing"
        elif number not in wanted:
            yield f"BK3: {page.source} has no invariant {number}"
        elif not found[number].startswith(wanted[number]):
            yield (f"BK3: {number} does not begin with the words of "
                   f"{page.source}: {wanted[number]}")
        elif not re.search(rf"\b{number}\b", wrong):
            yield f"BK3: what goes wrong without {number} is not told"


# --- names (BK4, BK5) --------------------------------------------------------

@functools.lru_cache(maxsize=None)
def is_file(name):
    name = re.sub(r"^<(.*)>$", r"include/\1", name)
    names = lacuna.sources()
    return bool(fnmatch.filter(names, name) or name.startswith("build/")
                or any(other.startswith(name.rstrip("/") + "/")
                       or other.endswith("/" + name) for other in names))


def unknown_words(text, known, foreign=frozenset()):
    """The identifiers in it that the tree does not have."""
    called = set(re.findall(r"\b(\w+)\(", text))
    for word in vocabulary.IDENTIFIER.findall(re.sub(r"'[^']*'|\b\d\w*", "",
                                                     text)):
        if len(word) < 3 or word in foreign or word in NOT_C:
            continue
        if word not in (known.functions if word in called else known.words):
            yield f"{word}()" if word in called else word


def unknown_globs(text, known):
    """Of a kernel's command line: test=, bench= without a match."""
    for kind, globs in re.findall(r"\b(test|bench)=([\w.*,]+)", text):
        names = known.cases if kind == "test" else known.figures
        for glob in globs.split(","):
            if names and not fnmatch.filter(names, glob):
                yield f"{kind}={glob}"


def command_complaints(text, known):
    """What is wrong with a line that is typed; None if it is no command."""
    words = text.split()
    if words[0] == "make":
        targets = [word for word in words[1:] if re.fullmatch(r"[a-z-]+", word)]
        yield from (f"make {word}" for word in targets
                    if word not in known.targets)
        yield from unknown_globs(text, known)
    elif words[0] == "lacuna":
        if len(words) > 1 and words[1] not in known.lacuna:
            yield text
    elif words[0] in ("break", "tbreak", "b"):
        place = words[1].lstrip("*")
        if not is_file(place.split(":")[0]) and place not in known.functions:
            yield text
    elif words[0] in ("p", "print", "p/x", "print/x", "x", "ptype", "display"):
        yield from unknown_words(text.split(" ", 1)[-1], known)


COMMANDS = ("make", "lacuna", "break", "tbreak", "print", "print/x", "ptype")


def typed_complaints(page, known):
    """Code blocks: only what stands behind a prompt, and make."""
    for number, line in page.typed:
        line = re.sub(r"\s{2,}.*", "", line)        # a remark behind it
        prompt = re.match(r"(?:\(gdb\)|lacuna>|\$)\s*(.*)", line)
        if prompt and line.startswith("lacuna>"):
            words = [word for word in prompt[1].split()[:1]
                     if word not in known.monitor]
        elif prompt and prompt[1] or line.startswith("make "):
            text = prompt[1] if prompt else line
            words = command_complaints(text, known)
        else:
            continue
        yield from ((number, f"BK4: {word} is no command") for word in words)


def token_complaints(token, known, foreign):
    """What is wrong with one name in backticks."""
    words = token.split()
    if len(words) > 1 and words[0] in COMMANDS:
        return [f"{word} is no command"
                for word in command_complaints(token, known)]
    if re.fullmatch(r"[\w*]+(\.[\w*]+)+", token) and not is_file(token) \
            and ("*" in token or
                 not any(token in text for text in known.c_texts)):
        if token in known.figures or fnmatch.filter(known.cases, token):
            return []
        if token.count(".") > 1:        # a benchmark; none was run
            return [f"{token} is no benchmark"] if known.measured else []
        if token.split(".")[0] in known.suites or "*" in token:
            return [f"{token} is no test"]
    if re.fullmatch(r"<?[\w.*-]*[/.][\w./*-]+>?", token) and (
            "/" in token or is_file(token)):
        return [] if is_file(token) else [f"{token} is no file"]
    if token in known.pytests or token in known.lacuna | known.monitor:
        return []
    return [*(f"{word} is nowhere in the tree"
              for word in unknown_words(token, known, foreign)),
            *(f"{word} matches nothing" for word in unknown_globs(token, known))]


def name_complaints(page, known):
    foreign, end, chained = set(), 0, False
    for match in CODE.finditer(page.prose):
        between = page.prose[end:match.start()]
        chained = bool(FOREIGN.search(between)
                       or chained and CHAIN.fullmatch(between))
        end = match.end()
        if chained:
            foreign.update([match[1], *vocabulary.IDENTIFIER.findall(match[1])])
        if match[1] not in foreign:
            for complaint in token_complaints(match[1], known, foreign):
                yield page.line_of(match.start()), f"BK4: {complaint}"


def host_test_complaints(page, known):
    for match in re.finditer(r"\bhost\s+tests?\s+((?:\"[^\"]+\"|and|,|\s)+)",
                             page.prose):
        for name in re.findall(r'"([^"]+)"', match[1]):
            if squeeze(name) not in known.host_cases:
                yield (page.line_of(match.start()),
                       f'BK4: no host test is called "{squeeze(name)}"')


def constant_complaints(page, known):
    for match in CODE.finditer(page.prose):
        said = NUMBER.match(page.prose, match.end())
        values = known.values(match[1]) if said else ()
        if values and int(said[1].replace(",", ""), 0) * UNIT[said[2]] \
                not in values:
            yield (page.line_of(match.start()), f"BK5: {match[1]} is "
                   f"{min(values)}, not {said[0].strip()}")


def figure_complaints(page, known):
    for place in book_figures.places(page.prose, known.measured):
        if place.said != place.measured:
            yield page.line_of(place.start), f"BK5: {place.text()}"


# --- links, tables, the whole (BK1, BK6) -------------------------------------

def link_complaints(page):
    for match in re.finditer(r"\]\(([^)\s]+)\)", page.prose):
        target, _, anchor = match[1].partition("#")
        if re.match(r"https?:", target):
            continue
        path = (lacuna.ROOT / page.name).parent / target
        if target and not path.exists():
            yield page.line_of(match.start()), f"BK6: {match[1]} is no file"
            continue
        other = Page("", path.read_text("utf-8")) if target else page
        if anchor and anchor not in map(slug, other.headings):
            yield (page.line_of(match.start()),
                   f"BK6: no heading is #{anchor} in {match[1]}")


def row_complaints(page, known):
    """docs/linux.md: the last field of a row names what shows it."""
    for number, line in enumerate(page.lines, 1):
        names = re.findall(r"\b\w+\.\w+\b", line.split("|")[-2]) \
            if line.count("|") == 5 else []
        for name in names:
            if name not in known.cases and not is_file(name):
                yield number, f"BK4: {name} is no test"


def complaints(page, known):
    """(line, what is wrong) of one page."""
    if page.is_chapter:
        yield from ((1, text) for text in form_complaints(page))
        yield from ((1, text) for text in invariant_complaints(
            page, known.texts.get(page.source, "")))
    if page.name.startswith(BOOK) or page.name == "docs/hour.md":
        yield from name_complaints(page, known)
        yield from host_test_complaints(page, known)
        yield from constant_complaints(page, known)
        yield from figure_complaints(page, known)
        yield from typed_complaints(page, known)
    else:
        yield from row_complaints(page, known)
    yield from link_complaints(page)


def missing(names, contents):
    """BK1: what has no counterpart."""
    stems = {name[3:-2] for name in names if re.fullmatch(r"mm/\w+\.c", name)}
    chapters = {name[len(BOOK) + 3:-3] for name in names
                if re.fullmatch(rf"{BOOK}mm/\w+\.md", name)}
    for stem in sorted(stems - chapters):
        yield f"BK1: mm/{stem}.c has no chapter {BOOK}mm/{stem}.md"
    for stem in sorted(chapters - stems):
        yield f"BK1: {BOOK}mm/{stem}.md is about no file of mm/"
    for stem in sorted(chapters):
        if f"(mm/{stem}.md)" not in contents:
            yield f"BK1: {CONTENTS} does not name mm/{stem}.md"


def main():
    known, names = vocabulary.of_the_tree(), lacuna.sources()
    chosen = [lacuna.shown(name) for name in sys.argv[1:]
              if name != "--figures"]
    wanted = chosen or [name for name in names if name in OTHERS or
                        name.startswith(BOOK) and name.endswith(".md")]
    pages = [Page(name, (lacuna.ROOT / name).read_text("utf-8"))
             for name in wanted]
    if "--figures" in sys.argv:
        book_figures.write(pages, known.measured)
        return 0
    found = [f"{page.name}:{line}: {what}" for page in pages
             for line, what in complaints(page, known)]
    if not chosen:
        found += missing(names, next(("\n".join(page.lines) for page in pages
                                      if page.name == CONTENTS), ""))
        found += [f"BK5: {what}" for what in book_figures.old_plots(known)]
    without = "" if known.measured else "; figures: after make bench"
    print("\n".join([*found, f"book: {len(pages)} pages, {len(found)} wrong"
                     f"{without}"]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
