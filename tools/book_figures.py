# SPDX-License-Identifier: MIT
"""book_figures.py - what the book says of costs, beside what was measured

Problem     A figure in a text is right on the day when it is written.
Idea        A figure stands behind the name of its benchmark, so it can be
            found, compared, and written anew.
Picture     `page.order0.pair` 65 (Linux 675)

            | instructions             | list | vmem | Linux |
            | `vmalloc.1p.live0.alloc` | 1124 | 1178 |  1753 |
Failure     Where the kernel is newer than the figures nothing is compared.
See         tools/bench.py, tools/book.py
"""

import dataclasses
import re

import lacuna

FIGURE = re.compile(r"`([\w.]+)`\s+(\d[\d,]*)\b"
                    r"(?:,?\s+\(Linux\s+(\d[\d,]*))?")
CELL = re.compile(r"[^|\n]+")
PLOTS = lacuna.ROOT / "docs/book/img"
INDEXES = {"list", "rbtree", "vmem"}


@dataclasses.dataclass
class Place:
    """A number in a text: from where to where, and what it should be."""
    name: str
    start: int
    end: int
    said: int
    measured: int

    def text(self):
        return f"{self.name} is {self.measured}, not {self.said}"


def place(name, match, group, measured):
    return Place(name, match.start(group), match.end(group),
                 int(match[group].replace(",", "")), measured)


def in_sentences(text, measured):
    for match in FIGURE.finditer(text):
        figure = measured.get(match[1])
        if figure:
            yield place(match[1], match, 2, figure["value"])
        if figure and match[3]:
            yield place(f"{match[1]} in Linux", match, 3, figure["linux"])


def in_tables(text, measured):
    columns = []
    for line in re.finditer(r"^.*$", text, re.MULTILINE):
        cells = list(CELL.finditer(text, *line.span())) if "|" in line[0] else []
        words = [cell[0].strip(" `") for cell in cells]
        if INDEXES & set(words) or not cells:
            columns = words
        figure = measured.get(words[0]) if words else None
        for column, cell in zip(columns, cells):
            number = re.search(r"\d[\d,]*", cell[0])
            wanted = figure and (figure["linux"] if column == "Linux"
                                 else figure["index"].get(column))
            if wanted and number:
                at = cell.start() + number.start()
                yield Place(f"{words[0]} by {column}", at, at + len(number[0]),
                            int(number[0].replace(",", "")), wanted)


def places(text, measured):
    return [*in_sentences(text, measured), *in_tables(text, measured)]


def old_plots(known):
    """What make bench has drawn otherwise than the book shows it."""
    for path in sorted(PLOTS.glob("*.svg")):
        drawn = lacuna.build_dir() / "bench" / path.name
        if known.measured and drawn.read_bytes() != path.read_bytes():
            yield f"{lacuna.shown(path)} shows other figures"


def write(pages, measured):
    """Bring the pages and their plots up to date."""
    if not measured:
        raise SystemExit("book: no figures of this kernel; make bench first")
    for page in pages:
        path = lacuna.ROOT / page.name
        text = path.read_text("utf-8")
        for one in sorted(places(page.prose, measured),
                          key=lambda one: one.start, reverse=True):
            text = text[:one.start] + str(one.measured) + text[one.end:]
        path.write_text(text, "utf-8")
    for path in PLOTS.glob("*.svg"):
        path.write_bytes((lacuna.build_dir() / "bench" /
                          path.name).read_bytes())
