# SPDX-License-Identifier: MIT
"""lies.py - what hostile loaders say, made up from a seed

Problem     A loader may say anything, and nobody writes down by hand what three
            hundred of them could say.
Idea        Begin with something that makes sense, and add a few lies. Each is a
            function that spoils a Description, and its docstring is what a test
            that fails prints. They fall into three kinds: what is merely ugly;
            RAM that is not there; and what leaves hardly anything to read. The
            lies themselves are in lies_memory.py and lies_form.py.
Invariants  Q2  The same seed makes up the same lies.
Read first  make_up
See         tests/machine/crafted.py (how they get into memory)
"""

from crafted import KERNEL, MIB, PAGE, RAM, RESERVED, WORLD, Description

WORK = b"test=frames.* exit "           # what an intact command line asks for
UGLY, UNTRUE, MOOT = [], [], []

# Addresses without memory behind them, most of them close to some border.
NOWHERE = (0x10000000, 0x37FFFFF0, 0x38000000, 0x80000000, 0xFFFFFFF0)


def lie(kind, protocols=(1, 2)):
    """The function below is such a lie."""
    def note(function):
        kind.append((function.__name__, function, protocols))
        return function
    return note


def make_up(seed, rng):
    """A Description, and what is said in it, in words."""
    d = Description(1 + seed % 2)
    d.cmdline = WORK
    size = rng.randrange(2, 24) * MIB + rng.choice([0, 0, PAGE, 0x800, 1])
    start = rng.choice([KERNEL] * 6 + [KERNEL + 0x800, 4 * MIB])
    d.ranges = [(0, 0x9FC00, RAM), (0xF0000, 0x10000, RESERVED),
                (start, size, RAM)]
    words = [f"Multiboot {d.protocol}", f"{size:#x} bytes from {start:#x} on"]

    def choose(kind, number):
        return rng.sample([function for _, function, protocols in sorted(kind)
                           if d.protocol in protocols], number)

    lies = choose(UGLY, rng.randrange(1, 6))
    lies += choose(UNTRUE, rng.random() < 0.25)
    lies += choose(MOOT, rng.random() < 0.2)
    for tell in lies:
        tell(rng, d)
        words.append(tell.__doc__)
    return d, words


def somewhere(rng):
    """An address of WORLD, most often of a page."""
    return rng.randrange(WORLD) & rng.choice([-PAGE, -PAGE, -1])
