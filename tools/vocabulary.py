# SPDX-License-Identifier: MIT
"""vocabulary.py - the words that the tree knows: functions, tests, commands

Problem     Whoever writes about code writes names, and names change.
Idea        Read every source once, by simple patterns rather than as a compiler
            does: the tree has one style, so a line at the left margin that has
            a name and a parenthesis is a function, and so on.
See         tools/book.py, which asks
"""

import functools
import json
import re

import lacuna

C_LIKE = (".c", ".h", ".S", ".ld")
READ = C_LIKE + (".mk", ".py", ".gdb", "Makefile", "tests/coverage.txt",
                 "tests/bench/figures.txt")
MEASURED = "build/bench/bench.json"

IDENTIFIER = re.compile(r"[A-Za-z_]\w*")
# At the left margin, and not a call: `int f(`, `f(` below a line with its type.
FUNCTION = re.compile(r"^(?![#} */])[^;={}\"]*?\b(\w+)\(", re.MULTILINE)
MACRO = re.compile(r"^#\s*define\s+(\w+)(\([^)]*\))?[ \t]*((?:.*\\\n)*.*)$",
                   re.MULTILINE)
LABEL = re.compile(r"^(\w+):", re.MULTILINE)
CASE = re.compile(r"^KTEST\w*\(\s*(\w+),\s*(\w+)", re.MULTILINE)
SHARED_SUITE = re.compile(r"^#define SUITE\s+(\w+)", re.MULTILINE)
SHARED_CASE = re.compile(r"^CASE\((\w+)\)", re.MULTILINE)
QUOTED = re.compile(r'^#include "(\w+\.h)"', re.MULTILINE)
PYTEST = re.compile(r"^def (test_\w+)\(", re.MULTILINE)
TARGET = re.compile(r"^([a-z][\w.-]*):(?!=)", re.MULTILINE)
GDB_COMMAND = re.compile(r"^class (?!Lacuna|Command)(\w+)"
                         r"\((?:gdb\.)?Command\)", re.MULTILINE)
MONITOR_COMMAND = re.compile(r"^MONITOR_COMMAND\((\w+),", re.MULTILINE)
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
UNITS = {"KIB": 1 << 10, "MIB": 1 << 20, "GIB": 1 << 30}


class Vocabulary:
    """All of it; texts maps a file's name to what it holds."""

    def __init__(self, texts):
        self.texts = texts
        self.words = {word for text in texts.values()
                      for word in IDENTIFIER.findall(text)}
        self.functions, self.macros, self.cases = set(), {}, set()
        for name, text in texts.items():
            if name.endswith(C_LIKE):
                self._read_c(name, text)
        self.c_texts = [text for name, text in texts.items()
                        if name.endswith((".c", ".h"))]
        self.host_cases = {case for name, text in texts.items()
                           if name.startswith("tests/host/") for case in
                           re.findall(r'\bhost_case\("([^"]+)"', text)}
        self.pytests = {test for name, text in texts.items()
                        if name.startswith("tests/machine/")
                        for test in PYTEST.findall(text)}
        self.targets = {target for name, text in texts.items()
                        if name.endswith((".mk", "Makefile"))
                        for target in TARGET.findall(text)}
        self.lacuna = {command.lower() for name, text in texts.items()
                       if name.startswith("tools/gdb/")
                       for command in GDB_COMMAND.findall(text)}
        self.monitor = set(MONITOR_COMMAND.findall(
            "".join(text for name, text in texts.items()
                    if name.startswith(("modules/", "tests/")))))

    def _read_c(self, name, text):
        code = COMMENT.sub("", text)
        self.functions.update(FUNCTION.findall(code))
        for macro, arguments, value in MACRO.findall(code):
            if arguments:
                self.functions.add(macro)
            else:
                self.macros.setdefault(macro, []).append(value)
        if name.endswith(".S"):
            self.functions.update(LABEL.findall(code))
        self.cases.update(f"{suite}.{case}"
                          for suite, case in CASE.findall(code))
        suite = SHARED_SUITE.search(code)
        if suite:                       # and the cases of what it includes
            folder = name.rpartition("/")[0]
            shared = [self.texts.get(f"{folder}/{header}", "")
                      for header in QUOTED.findall(code)]
            self.cases.update(f"{suite[1]}.{case}"
                              for text in [code, *shared]
                              for case in SHARED_CASE.findall(text))

    @property
    def suites(self):
        return {case.split(".")[0] for case in self.cases}

    def values(self, macro, depth=0):
        """What a constant may be: one number for each of its definitions."""
        return {value for text in self.macros.get(macro, ()) for value in
                [self._evaluate(text, depth)] if value is not None}

    def _evaluate(self, text, depth):
        """An expression of numbers, units and other constants, or None."""
        def number(match):
            word = match[0]
            if word[0].isdigit():
                return word.rstrip("uUlL")
            if word in UNITS or word == "UL":
                return str(UNITS.get(word, 1)) + "*"
            known = self.values(word, depth + 1) if depth < 8 else ()
            return str(min(known)) if known else "?"
        plain = re.sub(r"\w+", number, text.replace("\\\n", " "))
        if not re.fullmatch(r"[0-9a-fA-FxX\s()+*/<>|&~-]+", plain):
            return None
        try:
            return int(eval(plain.replace("/", "//")))  # numbers and signs only
        except (SyntaxError, ZeroDivisionError):
            return None

    @functools.cached_property
    def figures(self):
        """Benchmarks by name; what was measured only if that is up to date."""
        rows = (line.split() for line in self.texts.get(
            "tests/bench/figures.txt", "").splitlines())
        names = {row[0]: {} for row in rows if row and row[0] != "#"}
        return {**names, **self.measured}

    @functools.cached_property
    def measured(self):
        """{name: {"value": 65, "linux": 675, "index": {"list": 70}}}"""
        return json.loads(self.texts.get(MEASURED, '{"figures": {}}'))[
            "figures"]


def fresh_figures():
    """What make bench has measured of the kernel as it is now, if it has."""
    path = lacuna.build_dir() / "bench/bench.json"
    if path.exists() and lacuna.kernel().exists() and \
            path.stat().st_mtime >= lacuna.kernel().stat().st_mtime:
        return {MEASURED: path.read_text("ascii")}
    return {}


@functools.lru_cache(maxsize=None)
def of_the_tree():
    texts = {name: (lacuna.ROOT / name).read_text("ascii", "replace")
             for name in lacuna.sources() if name.endswith(READ)}
    return Vocabulary({**texts, **fresh_figures()})
