#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""screens.py - does a page show what the monitor answers?

    tools/screens.py [--write] FILE ...     --write puts the answers in

Problem     A screen that was copied into a page is wrong as soon as the kernel
            prints another word.
Idea        What stands in a page's code blocks behind `lacuna> ` is typed at
            the prompt of the machine that the page's first `make run` names,
            all of it in one session, and the lines below it are compared with
            the answer. Addresses and figures may differ, words may not.
Picture     lacuna> vmalloc 10000           typed
              f8804000  10000 bytes, in     compared; f8804000 is f8808000 in
            ...                             this kernel. Any lines
            lacuna> vfree f8804000          typed is f8808000
Invariants  SC1 An address or a frame that a page has from an answer is typed as
                what stands in its place now.
Read first  Terminal, then replay
See         docs/monitor.md, tests/machine/test_monitor.py
"""

import itertools
import os
import pathlib
import re
import shlex
import sys

import lacuna
import run

PROMPT = "lacuna> "
TIME_LIMIT = 60
MACHINE = re.compile(r"^ *(make run\b.*)$", re.MULTILINE)
# Hexadecimal as a rule; words such as "add" and "face" have no digit.
NUMBER = re.compile(r"\b(?:0x)?(?:[0-9a-f]*\d[0-9a-f]*|[a-f]{5,})\b")
PLACE = re.compile(r"\b[0-9a-f]{5,8}\b")        # an address or a frame
ANY = "..."


class Terminal:
    """A machine with its prompt; use it in a with statement."""

    def __init__(self, make_line):
        words = dict(word.split("=", 1) for word in shlex.split(make_line)
                     if "=" in word)
        append = run.command_line(words.pop("APPEND", ""), True)
        self._read, self._write = os.pipe()
        argv = lacuna.machine(append=append, mem=words.get("MEM", "2G"))
        self._process = lacuna.Process(argv, TIME_LIMIT, stdin=self._read)
        self._chunks, self._text = self._process.chunks(), ""

    def __enter__(self):
        self.answer()
        return self

    def __exit__(self, *_):
        self._process.close(patience=0)
        os.close(self._read)
        os.close(self._write)

    def answer(self):
        """What it prints up to the next prompt, as lines."""
        while not ("\n" + self._text).endswith("\n" + PROMPT):
            chunk = next(self._chunks, b"")
            if not chunk:
                break
            self._text += chunk.decode("ascii", "replace").replace("\r", "")
        lines, self._text = self._text.rstrip().split("\n"), ""
        return [line.rstrip() for line in lines if line != PROMPT.rstrip()]

    def ask(self, command):
        os.write(self._write, command.encode("ascii") + b"\n")
        return self.answer()[1:]


class Shown:
    """A command of a page, and the lines below it."""

    def __init__(self, number, command):
        self.number, self.command, self.lines = number, command, []


def shown_in(text):
    """All that a page has one type at the prompt."""
    found, fenced = [], False
    for number, line in enumerate(text.splitlines()):
        if line.startswith("```"):
            fenced = not fenced
        elif fenced and line.startswith(PROMPT):
            found.append(Shown(number, line[len(PROMPT):]))
            found[-1].end = number + 1
        elif fenced and found and found[-1].end == number:
            found[-1].lines.append(line)
            found[-1].end = number + 1
    return found


def shape(line):
    return " ".join(NUMBER.sub("#", line).split())


def pairs(shown, lines):
    """[(shown line, answered line)]; None where they do not match."""
    if ANY not in shown:
        if [shape(line) for line in shown] != [shape(line) for line in lines]:
            return None
        return list(zip(shown, lines))
    head = shown.index(ANY)
    tail = len(shown) - head - 1
    if len(lines) < head + tail:
        return None
    matched = pairs(shown[:head], lines[:head])
    rest = pairs(shown[head + 1:], lines[len(lines) - tail:])
    return None if matched is None or rest is None else matched + rest


def with_answer(shown, lines):
    """As many lines of the answer as the page has."""
    if ANY not in shown or len(lines) < len(shown):
        return lines
    head = shown.index(ANY)
    tail = len(shown) - head - 1
    return lines[:head] + [ANY] + lines[len(lines) - tail:]


def replay(text):
    """(what the page has, what the kernel answers) for each command."""
    now = {}                            # SC1
    with Terminal(MACHINE.search(text)[1]) as terminal:
        for shown in shown_in(text):
            command = PLACE.sub(lambda match: now.get(match[0], match[0]),
                                shown.command)
            answer = terminal.ask(command)
            for old, new in pairs(shown.lines, answer) or ():
                now.update(zip(NUMBER.findall(old), NUMBER.findall(new)))
            yield shown, command, answer


def compare(name):
    """([what is wrong], how many answers were compared)"""
    text = (lacuna.ROOT / name).read_text("ascii")
    wrong, number = [], 0
    for number, (shown, command, answer) in enumerate(replay(text), 1):
        if pairs(shown.lines, answer) is None:
            wrong += [f"{name}:{shown.number + 1}: {command}: the kernel says",
                      *answer]
    return wrong, number


def write(name):
    path = lacuna.ROOT / name
    text = path.read_text("ascii")
    lines = text.splitlines()
    for shown, command, answer in reversed(list(replay(text))):
        lines[shown.number:shown.end] = [
            PROMPT + command, *with_answer(shown.lines, answer)]
    path.write_text("\n".join(lines) + "\n", "ascii")


def main():
    names = [lacuna.shown(pathlib.Path(name)) for name in sys.argv[1:]
             if name != "--write"]
    if "--write" in sys.argv:
        for name in names:
            write(name)
        return 0
    wrong = list(itertools.chain(*(compare(name)[0] for name in names)))
    print("\n".join([*wrong, f"screens: {len(names)} pages, "
                     + ("and they differ" if wrong else "as answered")]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
