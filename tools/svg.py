# SPDX-License-Identifier: MIT
"""svg.py - plain charts as SVG: lines on logarithmic axes, bars beside a scale

Problem     A plot should need no library, look the same on every run, and be
            readable on a page that is printed in black and white.
Idea        Lines differ by dashes and by the shape of their points, bars by
            their hatching; each line has its name at its end, each axis its
            words and units.
See         tools/bench_plots.py, tools/picture_html.py
"""

import math

WIDTH, HEIGHT = 720, 420
LEFT, RIGHT, TOP, BOTTOM = 104, 170, 48, 64
DASHES = ("", "8 4", "2 3", "10 3 2 3", "14 6")
HEAD = ('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" '
        'width="{w}" height="{h}" font-family="sans-serif" font-size="13">\n'
        '<rect width="{w}" height="{h}" fill="white"/>')


def escape(text):
    return str(text).replace("&", "&amp;").replace("<", "&lt;")


def text_at(x, y, words, anchor="middle", more=""):
    return (f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{more}>'
            f'{escape(words)}</text>')


def line(x1, y1, x2, y2, more='stroke="black"'):
    return (f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
            f'{more}/>')


def box(x, y, width, height, fill, title=""):
    """A rectangle; whoever points at it reads the title."""
    return (f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" '
            f'height="{height:.1f}" fill="{fill}" stroke="#555" '
            f'stroke-width="0.5"><title>{escape(title)}</title></rect>')


def shape(number, x, y):
    """A point: disc, square, triangle, diamond, ring."""
    filled = 'fill="black"'
    if number % 5 == 0:
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" {filled}/>'
    if number % 5 == 1:
        return (f'<rect x="{x - 4:.1f}" y="{y - 4:.1f}" width="8" height="8" '
                f'fill="white" stroke="black"/>')
    if number % 5 == 4:
        return (f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" fill="white" '
                f'stroke="black"/>')
    corners = {2: ((0, -5), (5, 4), (-5, 4)),
               3: ((0, -6), (6, 0), (0, 6), (-6, 0))}[number % 5]
    points = " ".join(f"{x + dx:.1f},{y + dy:.1f}" for dx, dy in corners)
    return f'<polygon points="{points}" {filled}/>'


def decades(low, high):
    """The powers of ten that enclose [low, high]."""
    return (math.floor(math.log10(low)),
            max(math.ceil(math.log10(high)), math.floor(math.log10(low)) + 1))


class LogChart:
    """Lines over a logarithmic scale below and one at the left.

    An x of 0 has no logarithm: it is drawn one step before the smallest other.
    """

    def __init__(self, title, x_words, y_words):
        self._title, self._x_words, self._y_words = title, x_words, y_words
        self._lines = []                # (name, [(x, y), ...])

    def add(self, name, points):
        if points:
            self._lines.append((name, sorted(points)))

    def _scales(self):
        xs = sorted({x for _, points in self._lines for x, _ in points})
        self._xs = xs
        positive = [x for x in xs if x > 0] or [1]
        self._zero = positive[0] / 10
        self._x_span = [math.log10(x or self._zero) for x in (xs[0], xs[-1])]
        if self._x_span[0] == self._x_span[1]:
            self._x_span[1] += 1
        ys = [max(y, 1) for _, points in self._lines for _, y in points]
        self._y_span = decades(min(ys), max(ys))

    def _x(self, x):
        low, high = self._x_span
        part = (math.log10(x or self._zero) - low) / (high - low)
        return LEFT + part * (WIDTH - LEFT - RIGHT)

    def _y(self, y):
        low, high = self._y_span
        part = (math.log10(max(y, 1)) - low) / (high - low)
        return HEIGHT - BOTTOM - part * (HEIGHT - TOP - BOTTOM)

    def _axes(self):
        bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
        yield text_at(LEFT, 24, self._title, "start", ' font-size="15"')
        for x in self._xs:
            yield line(self._x(x), bottom, self._x(x), bottom + 5)
            yield text_at(self._x(x), bottom + 20, x)
        for power in range(self._y_span[0], self._y_span[1] + 1):
            y = self._y(10 ** power)
            yield line(LEFT, y, right, y, 'stroke="#bbb"')
            yield text_at(LEFT - 8, y + 4, f"{10 ** power:,}", "end")
        yield line(LEFT, bottom, right, bottom)
        yield line(LEFT, TOP, LEFT, bottom)
        yield text_at((LEFT + right) / 2, HEIGHT - 18, self._x_words)
        yield text_at(0, 0, self._y_words, "middle",
                      f' transform="translate(18 {(TOP + bottom) / 2:.0f}) '
                      'rotate(-90)"')

    def _labels(self):
        """Where each line's name goes: at its end, none over another."""
        wanted = sorted((self._y(points[-1][1]), name)
                        for name, points in self._lines)
        places, last = {}, -math.inf
        for y, name in wanted:
            last = places[name] = max(y, last + 16)
        return places

    def svg(self):
        self._scales()
        parts = [HEAD.format(w=WIDTH, h=HEIGHT), *self._axes()]
        places = self._labels()
        for number, (name, points) in enumerate(self._lines):
            where = [(self._x(x), self._y(y)) for x, y in points]
            path = " ".join(f"{x:.1f},{y:.1f}" for x, y in where)
            parts.append(f'<polyline points="{path}" fill="none" stroke="black"'
                         f' stroke-dasharray="{DASHES[number % 5]}"/>')
            parts += [shape(number, x, y) for x, y in where]
            x, y = where[-1][0] + 12, places[name]
            parts += [shape(number, x + 4, y - 4),
                      text_at(x + 14, y, name, "start")]
        return "\n".join([*parts, "</svg>"]) + "\n"


class Bars:
    """A bar for each name; a mark on it shows where it was to end."""

    ROW, NAMES = 20, 240

    def __init__(self, title, words):
        self._title, self._words = title, words
        self._rows = []                 # (name, length, mark or None)

    def add(self, name, length, mark=None):
        self._rows.append((name, length, mark))

    def svg(self):
        top, height = 44, 44 + self.ROW * len(self._rows) + 48
        room = WIDTH - self.NAMES - 70
        most = max([1.0, *(length for _, length, _ in self._rows)])
        bottom = height - 44

        def x_of(value):
            return self.NAMES + value / most * room
        parts = [HEAD.format(w=WIDTH, h=height),
                 text_at(10, 24, self._title, "start", ' font-size="15"')]
        for tick in range(int(most * 4) + 1):
            x = x_of(tick / 4)
            parts += [line(x, top, x, bottom, 'stroke="#bbb"'),
                      text_at(x, bottom + 16, tick / 4)]
        for number, (name, length, mark) in enumerate(self._rows):
            y = top + number * self.ROW
            parts += [text_at(self.NAMES - 8, y + 14, name, "end"),
                      f'<rect x="{self.NAMES}" y="{y + 4}" '
                      f'width="{length / most * room:.1f}" height="12" '
                      'fill="#666" stroke="black"/>',
                      text_at(x_of(max(length, mark or 0)) + 6, y + 14,
                              f"{length:.2f}", "start")]
            if mark is not None:
                x = x_of(mark)
                parts.append(line(x, y + 1, x, y + 19,
                                  'stroke="black" stroke-width="3"'))
        parts += [line(x_of(1), top, x_of(1), bottom, 'stroke="black" '
                       'stroke-dasharray="4 3"'),
                  text_at(self.NAMES, height - 8, self._words, "start")]
        return "\n".join([*parts, "</svg>"]) + "\n"
