# SPDX-License-Identifier: MIT
"""bench_plots.py - the figures of `make bench` as three plots

areas.svg   what an allocation costs behind so many live ones, by each index
sizes.svg   what a page costs in areas of more and more pages
ratios.svg  each cost as a part of Linux's
See         tools/svg.py
"""

import re

import svg

LIVE = re.compile(r"vmalloc\.1p\.live(\d+)\.alloc$")
SIZE = re.compile(r"vmalloc\.(\d+)p\.pair$")


def numbered(figures, pattern):
    """(number in the name, figure)"""
    return [(int(pattern.match(figure.name)[1]), figure) for figure in figures
            if pattern.match(figure.name)]


def areas(figures):
    chart = svg.LogChart("One page from vmalloc, behind so many live areas",
                         "live areas", "instructions")
    found = numbered(figures, LIVE)
    for index in figures.indexes:
        chart.add(f"vmap={index}", [(live, figure.by_index[index])
                                    for live, figure in found
                                    if index in figure.by_index])
    chart.add("Linux 6.1, lean", [(live, figure.peer.lean)
                                  for live, figure in found
                                  if figure.peer.lean])
    return chart.svg() if found else None


def sizes(figures):
    chart = svg.LogChart("vmalloc and vfree, of one page among so many",
                         "pages of the area", "instructions for each page")
    found = numbered(figures, SIZE)
    chart.add("Lacuna", [(pages, figure.value / pages)
                         for pages, figure in found])
    for name, which in (("Linux 6.1, lean", "lean"),
                        ("Linux 6.1, Debian's", "default")):
        chart.add(name, [(pages, getattr(figure.peer, which) / pages)
                         for pages, figure in found
                         if getattr(figure.peer, which)])
    return chart.svg() if found else None


def ratios(figures):
    bars = svg.Bars("Instructions, as a part of Linux's (6.1, lean)",
                    "1.00 is Linux's cost; a thick mark: the goal")
    found = [figure for figure in figures
             if figure.ratio is not None and figure.unit == "ticks"]
    for figure in found:
        mark = figure.goal / figure.peer.lean if figure.goal else None
        bars.add(figure.name, figure.ratio, mark)
    return bars.svg() if found else None


def write(figures, folder):
    """Write what there are figures for; returns the files' names."""
    written = []
    for draw in (areas, sizes, ratios):
        picture = draw(figures)
        path = folder / f"{draw.__name__}.svg"
        path.unlink(missing_ok=True)
        if picture:
            path.write_text(picture, encoding="ascii")
            written.append(path.name)
    return written
