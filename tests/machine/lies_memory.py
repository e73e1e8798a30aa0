# SPDX-License-Identifier: MIT
"""lies_memory.py - memory maps that are ugly, untrue, or empty

See     tests/machine/lies.py (what a lie is)
"""

from crafted import GIB, KERNEL, MIB, PAGE, RAM, REAL, RESERVED, WORLD
from lies import MOOT, UGLY, UNTRUE, lie, somewhere

UNUSABLE = (0, 2, 3, 4, 5, 6, 20, 0x80000001, 0xFFFFFFFF)
BYTES = 1 << 64


def some_size(rng):
    return rng.choice([1, 0x800, PAGE, PAGE, PAGE + 1, 64 * PAGE, MIB, 3 * MIB])


def insert(rng, d, *ranges):
    for entry in ranges:
        d.ranges.insert(rng.randrange(len(d.ranges) + 1), entry)


# --- ugly memory maps ---------------------------------------------------------

@lie(UGLY)
def shuffled(rng, d):
    """the map is not sorted"""
    rng.shuffle(d.ranges)


@lie(UGLY)
def backwards(_, d):
    """the map is sorted downwards"""
    d.ranges.sort(reverse=True)


@lie(UGLY)
def twice(_, d):
    """all of the map is said twice"""
    d.ranges *= 2


@lie(UGLY)
def pieces(rng, d):
    """RAM comes in pieces that touch or overlap, at any address"""
    start, size, _ = d.ranges.pop()
    size = size or PAGE
    cuts = sorted(rng.randrange(size) for _ in range(rng.randrange(1, 12)))
    over = rng.choice([0, 0, 0x1800])
    for at, end in zip([0] + cuts, cuts + [size]):
        d.ranges.append((start + at, min(end + over, size) - at, RAM))


@lie(UGLY)
def more_ram(rng, d):
    """there is more RAM here and there"""
    for _ in range(rng.randrange(1, 6)):
        start = somewhere(rng)
        insert(rng, d, (start, min(rng.randrange(4 * MIB), WORLD - start), RAM))


@lie(UGLY)
def crumbs(rng, d):
    """RAM in crumbs of a page or so"""
    at = rng.randrange(8 * MIB, WORLD - 2 * MIB)
    for _ in range(rng.randrange(20, 100)):
        d.ranges.append((at, rng.choice([PAGE, PAGE, 0x1800]), RAM))
        at += rng.choice([0x1800, 2 * PAGE, 3 * PAGE])


@lie(UGLY)
def holes(rng, d):
    """unusable memory of odd types and sizes lies over RAM"""
    for _ in range(rng.randrange(1, 6)):
        insert(rng, d, (somewhere(rng), some_size(rng), rng.choice(UNUSABLE)))


@lie(UGLY)
def kernel_reserved(rng, d):
    """the kernel's own place is called reserved"""
    insert(rng, d, (KERNEL, rng.choice([PAGE, 2 * MIB, 3 * MIB]), RESERVED))


@lie(UGLY)
def empty_entries(rng, d):
    """entries of zero bytes"""
    insert(rng, d, (somewhere(rng), 0, RAM), (somewhere(rng), 0, RESERVED),
           (0, 0, 0), (BYTES - 1, 0, RAM))


@lie(UGLY)
def ram_wraps(rng, d):
    """RAM wraps past 2^64"""
    start = somewhere(rng) or PAGE
    insert(rng, d, (start, BYTES - rng.choice([1, PAGE, start]), RAM))


@lie(UGLY)
def hole_wraps(rng, d):
    """unusable memory wraps past 2^64"""
    start = rng.randrange(12 * MIB, WORLD)
    insert(rng, d, (start, BYTES - rng.choice([1, PAGE, start]),
                    rng.choice(UNUSABLE)))


@lie(UGLY)
def unreachable(rng, d):
    """RAM and holes at addresses that no CPU has"""
    for _ in range(rng.randrange(1, 4)):
        start = 1 << rng.choice([46, 52, 62, 63])
        insert(rng, d, (start + rng.choice([0, 1, PAGE]),
                        rng.choice([PAGE, GIB, start - 1, start]),
                        rng.choice([RAM, RAM, RESERVED])))


@lie(UGLY)
def many_holes(rng, d):
    """more ranges than fit: most are far away, the last lie in RAM"""
    far = [(0xF0000000 + 2 * PAGE * n, PAGE, RESERVED)
           for n in range(rng.choice([120, 125, 130, 200]))]
    near = [(somewhere(rng), some_size(rng), RESERVED) for _ in range(3)]
    d.ranges = rng.choice([far + d.ranges, d.ranges + far]) + near


@lie(UGLY)
def very_many_entries(rng, d):
    """more than 4096 entries"""
    at = rng.choice([0, len(d.ranges)])
    d.ranges[at:at] = [(0xF0000000 + n * PAGE, PAGE, RESERVED)
                       for n in range(rng.choice([4090, 4096, 4300]))]


@lie(UGLY)
def sizes_too(rng, d):
    """the two classic sizes contradict the map"""
    d.sizes = rng.choice([(0, 0), (640, 20 * 1024), (0xFFFFFFFF, 30 * 1024)])


# --- RAM that is not there ----------------------------------------------------

@lie(UNTRUE)
def ram_goes_on(rng, d):
    """RAM goes on where there is none"""
    d.ranges.append((KERNEL, rng.choice([100, 300, 894, 895, 2000]) * MIB, RAM))


@lie(UNTRUE)
def ram_in_the_void(rng, d):
    """RAM where there is none, below the end of low memory"""
    start = rng.randrange(REAL, 800 * MIB)
    d.ranges.append((start, rng.choice([PAGE, 5 * PAGE, MIB, 50 * MIB]), RAM))


@lie(UNTRUE)
def crumbs_in_the_void(rng, d):
    """crumbs of RAM where there is none"""
    at = rng.randrange(REAL, 700 * MIB)
    for _ in range(rng.randrange(1, 60)):
        d.ranges.append((at, rng.choice([PAGE, 3 * PAGE, MIB]), RAM))
        at += rng.randrange(MIB, 3 * MIB)


@lie(UNTRUE)
def high_ram(rng, d):
    """high memory where there is none"""
    start = rng.choice([896 * MIB, GIB, 3 * GIB, 4 * GIB, 7 * GIB + PAGE])
    d.ranges.append((start, rng.choice([PAGE, MIB, 100 * MIB, GIB]), RAM))


@lie(UNTRUE)
def ram_without_end(rng, d):
    """RAM up to addresses that no CPU has"""
    d.ranges.append((rng.choice([KERNEL, 4 * GIB]), 1 << 52, RAM))


@lie(UNTRUE)
def devices_are_ram(rng, d):
    """the screen, ROMs and registers of devices are called RAM"""
    d.ranges += [(0xA0000, 0x60000, RAM), (0xFD000000, 16 * MIB, RAM),
                 (0xFEC00000, 4 * MIB, RAM), (0xFFF00000, MIB, RAM)]


# --- hardly anything to read --------------------------------------------------

@lie(MOOT)
def hardly_any(rng, d):
    """there is hardly any RAM"""
    d.ranges = [(KERNEL, rng.randrange(8 * MIB), RAM)]


@lie(MOOT)
def no_ram(_, d):
    """nothing is RAM"""
    d.ranges = [(start, size, RESERVED) for start, size, _ in d.ranges]


@lie(MOOT)
def no_map(rng, d):
    """there is no map"""
    d.has_map = False
    d.sizes = rng.choice([None, (640, 15 * 1024), (0, 0)])


@lie(MOOT)
def no_entries(rng, d):
    """the map has no entries"""
    d.ranges = []
    d.sizes = rng.choice([None, (600, 15 * 1024)])
