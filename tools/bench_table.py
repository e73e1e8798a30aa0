# SPDX-License-Identifier: MIT
"""bench_table.py - the figures of `make bench` as one table of plain text

Picture     benchmark            Lacuna  Linux  ratio   goal
            page.order0.pair         65    675   0.10     70 reached   ...
            `...` is the same work by each index, then what an emulator does
            for nothing: flushes of a page, of everything, page-table writes,
            spinlocks taken, each per operation.
"""

from bench_figures import EVENTS

HEADS = {"page_flushes": "page", "full_flushes": "full", "pte_writes": "pte",
         "spinlocks": "locks"}
NAME, NUMBER, SMALL = 32, 9, 8


def number(value, width=NUMBER):
    return f"{'-' if value is None else value:>{width}}"


def event(value):
    """2, 0.5, 0.002; a dot where nothing happened."""
    text = "." if not value else f"{value:.3f}".rstrip("0").rstrip(".")
    return f"{text:>{SMALL}}"


def row(figure, indexes):
    ratio = "-" if figure.ratio is None else f"{figure.ratio:.2f}"
    verdict = {None: "", True: "reached", False: "MISSED"}[figure.reached]
    cells = [f"{figure.name:{NAME}}", number(figure.value),
             number(figure.peer.lean), number(figure.peer.default),
             f"{ratio:>{SMALL}}", number(figure.goal, SMALL),
             f" {verdict:8}"]
    cells += [number(figure.by_index.get(index)) for index in indexes]
    cells += [event(figure.events[name]) if figure.events else number(None,
              SMALL) for name in EVENTS]
    return "".join(cells).rstrip()


def heads(indexes):
    cells = [f"{'benchmark':{NAME}}", *(f"{head:>{NUMBER}}" for head in
             ("Lacuna", "Linux", "default")), f"{'ratio':>{SMALL}}",
             f"{'goal':>{SMALL}}", " " * 9,
             *(f"{index:>{NUMBER}}" for index in indexes),
             *(f"{HEADS[name]:>{SMALL}}" for name in EVENTS)]
    return "".join(cells)


def text(figures):
    """The whole table, with the words that explain it."""
    with_goal = [figure for figure in figures if figure.goal is not None]
    reached = sum(figure.reached for figure in with_goal)
    lines = [heads(figures.indexes),
             *(row(figure, figures.indexes) for figure in figures), "",
             "Instructions of one operation at 2 GiB; Lacuna: by the default "
             f"index, {figures.default_index}; Linux: 6.1, lean and as Debian "
             "ships it;",
             "then by each index; then per operation: flushes of a page and of "
             "everything, page-table writes, spinlocks. docs/book/bench.md",
             f"{reached} of {len(with_goal)} goals reached",
             *(f"MISSED {figure.complaint()}" for figure in with_goal
               if not figure.reached)]
    if figures.missing:
        lines.append(f"not measured: {', '.join(figures.missing)}")
    return "\n".join(lines) + "\n"
