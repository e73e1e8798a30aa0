#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""explain_page.py - docs/explain.md shows what the kernel says of each kind

    tools/explain_page.py [--write]     compare; or put this run's answers in

Problem     A page full of examples is wrong as soon as a word changes.
Idea        One self-test has an address of each kind and prints what is said
            of it. In the page each kind is a heading with that answer below;
            the text between them is written by hand and kept.
Invariants  EP1 The page has each kind, and no other, in the run's sequence.
            EP2 Each answer is the run's but for its numbers, and the picture,
                since it is chance which pages lie beside a function.
See         tests/modules/test_explain_kinds.c, tests/machine/test_explain.py
"""

import re
import sys

import lacuna

PAGE = lacuna.ROOT / "docs/explain.md"
CASE = "explain_kinds.each_kind_is_told"
MACHINE = {"mem": "192M", "append": f"highmem=64M seed=1 test={CASE} exit"}

NUMBER = re.compile(r"\b(0x)?[0-9a-f]*\d[0-9a-f]*\b|\b[a-f]{3,}\b")
BLOCK = re.compile(r"^### ([^\n]+)\n```\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def answers(log):
    """{kind: [lines]} as the case prints them."""
    found, lines = {}, None
    for line in log.splitlines():
        if line.startswith("# == "):
            lines = found.setdefault(line[5:].rstrip(), [])
        elif lines is not None and line.startswith("#  "):
            lines.append(line[2:].rstrip())
        else:
            lines = None
    return found


def shape(lines):
    """What of it is the same in each run."""
    return [" ".join(NUMBER.sub("#", line).split()) for line in lines
            if not line.startswith("   ") or line.startswith(" " * 10)
            and not line.endswith("X here")]


def in_page(text):
    return {kind: block.splitlines() for kind, block in BLOCK.findall(text)}


def complaints(said, text):
    shown = in_page(text)
    if list(shown) != list(said):
        yield f"EP1: the kinds are {', '.join(said)}"
    for kind in said:
        if kind in shown and shape(shown[kind]) != shape(said[kind]):
            yield "\n".join([f"EP2: of {kind} the kernel says, and --write "
                             "takes over:", *said[kind]])


def written(said, text):
    """The page with this run's answers."""
    def replace(match):
        lines = said.get(match[1], match[2].splitlines())
        return "\n".join([f"### {match[1]}", "```", *lines, "```"])
    return BLOCK.sub(replace, text)


def main():
    run = lacuna.boot(**MACHINE)
    said, text = answers(run.log), PAGE.read_text("ascii")
    if "--write" in sys.argv:
        PAGE.write_text(written(said, text), "ascii")
        return 0
    found = list(complaints(said, text))
    print("\n".join([*found, f"explain: {len(found)} complaints"]))
    return 1 if found or not said else 0


if __name__ == "__main__":
    sys.exit(main())
