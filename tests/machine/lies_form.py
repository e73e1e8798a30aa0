# SPDX-License-Identifier: MIT
"""lies_form.py - modules, texts and structures that make no sense

See     tests/machine/lies.py (what a lie is)
"""

from crafted import (
    CMDLINE, FLAGS, KERNEL, LOADER_NAME, MIB, MMAP_ADDR, MMAP_LENGTH,
    MODULES_ADDR, MODULES_COUNT, PAGE, WORLD)
from lies import MOOT, NOWHERE, UGLY, lie, somewhere


# --- ugly modules -------------------------------------------------------------

def add_module(d, start, end, text=b"module"):
    d.modules.append((start, end % (1 << 32), text))


@lie(UGLY)
def modules(rng, d):
    """modules somewhere, some of them overlapping"""
    for _ in range(rng.randrange(1, 8)):
        start = somewhere(rng)
        add_module(d, start, start + rng.choice([1, 100, PAGE, 0x12345]))
        add_module(d, start + 50, start + 200, b"")


@lie(UGLY)
def modules_over_the_kernel(rng, d):
    """modules lie over the kernel"""
    add_module(d, KERNEL + rng.randrange(MIB), KERNEL + 2 * MIB)
    add_module(d, KERNEL - PAGE, KERNEL + 5)
    add_module(d, 0, WORLD, b"everything")


@lie(UGLY)
def modules_nowhere(rng, d):
    """modules lie where there is no memory"""
    for start in NOWHERE:
        add_module(d, start, start + rng.choice([1, 15, PAGE]))


@lie(UGLY)
def modules_backwards(rng, d):
    """modules that end before they begin, or have no bytes"""
    start = somewhere(rng)
    add_module(d, start + PAGE, start)
    add_module(d, start, start)
    add_module(d, 0, 0)


@lie(UGLY)
def modules_huge(rng, d):
    """modules of megabytes, and one of 4 GiB"""
    start = rng.randrange(3 * MIB, 16 * MIB)
    add_module(d, start, start + rng.randrange(16 * MIB))
    add_module(d, 0, 0xFFFFFFFF)


@lie(UGLY)
def modules_galore(rng, d):
    """hundreds of modules"""
    first = rng.randrange(3 * MIB, WORLD - 8 * MIB)
    for number in range(rng.randrange(17, 400)):
        start = first + rng.randrange(4 * MIB)
        add_module(d, start, start + 1000, b"m%d" % number)


# --- ugly texts ---------------------------------------------------------------

@lie(UGLY)
def endless_texts(_, d):
    """texts have no end"""
    d.text_end = b""


@lie(UGLY)
def binary_texts(rng, d):
    """texts are not printable"""
    d.loader = rng.randbytes(60)
    d.cmdline += rng.randbytes(60).replace(b"\0", b"\x1B")


@lie(UGLY)
def long_texts(rng, d):
    """texts of kilobytes"""
    d.loader = b"L" * 4000
    d.cmdline += rng.choice([b"x", b"x ", b"bad=1 "]) * 4000


@lie(UGLY)
def odd_options(rng, d):
    """options that make no sense"""
    words = [b"mem=0", b"mem=1", b"mem=xyz", b"mem=", b"highmem=99999999999G",
             b"vmalloc=1", b"vmalloc=1M", b"vmalloc=5G", b"seed=-1", b"exit=1",
             b"=", b"'unbalanced", b'"quotes', b"test", b"\\", b"loglevel=9"]
    d.cmdline += b" ".join(rng.sample(words, 6))


@lie(UGLY)
def another_border(rng, d):
    """an option moves the border of high memory"""
    d.cmdline += rng.choice([b"highmem=4M", b"highmem=16M", b"vmalloc=900M"])


@lie(UGLY)
def named_qemu(rng, d):
    """the loader calls itself qemu"""
    d.loader, d.cmdline = b"qemu", b"kernel " + d.cmdline


@lie(UGLY)
def no_names(_, d):
    """loader and modules have no names"""
    d.loader = None
    d.modules = [(start, end, None) for start, end, _ in d.modules]


# --- ugly structures of Multiboot 1 -------------------------------------------

@lie(UGLY, [1])
def odd_entries(rng, d):
    """entries of the map have odd sizes"""
    d.entry_sizes = rng.sample([24, 25, 28, 40, 255, 260], 3)


@lie(UGLY, [1])
def map_too_long(rng, d):
    """the map's length is a lie"""
    d.fields[MMAP_LENGTH] = rng.choice([0x7FFFFFFF, 0xFFFFFFFF, 4096, 77])


@lie(UGLY, [1])
def module_table_lies(rng, d):
    """the table of modules is elsewhere, or longer than it is"""
    modules(rng, d)
    field, value = rng.choice([(MODULES_ADDR, rng.choice(NOWHERE)),
                               (MODULES_COUNT, 0xFFFFFFFF)])
    d.fields[field] = value


@lie(UGLY, [1])
def stray_loader(rng, d):
    """the loader's name lies nowhere"""
    d.fields[LOADER_NAME] = rng.choice([0, *NOWHERE])


# --- ugly structures of Multiboot 2 -------------------------------------------

@lie(UGLY, [2])
def larger_entries(rng, d):
    """entries of the map are larger than usual"""
    d.entry_sizes = [rng.choice([25, 32, 40, 256])]


@lie(UGLY, [2])
def unknown_tags(rng, d):
    """tags of unknown types"""
    for _ in range(rng.randrange(1, 40)):
        d.extra_tags.append((rng.choice([5, 9, 17, 22, 1000, 0xFFFFFFFF]),
                             rng.randbytes(rng.randrange(50))))


@lie(UGLY, [2])
def short_tags(rng, d):
    """tags too short for what they are"""
    d.extra_tags += [(3, b""), (3, b"1234567"), (4, b"1234"), (6, b""),
                     (6, b"\x18\0\0\0\0\0\0"), (1, b""), (2, b"")]


@lie(UGLY, [2])
def tags_twice(_, d):
    """each tag comes twice"""
    d.tag_copies = 2


@lie(UGLY, [2])
def no_end(_, d):
    """the list of tags has no end"""
    d.has_end = False


@lie(UGLY, [2])
def total_lies(rng, d):
    """the total size is too large"""
    d.total = rng.choice([MIB, 2 * MIB, 0xFFFFFFFF])


@lie(MOOT)
def no_command_line(_, d):
    """there is no command line"""
    d.cmdline = None


@lie(MOOT)
def wrong_magic(rng, d):
    """eax is not what a loader leaves"""
    d.magic = rng.choice([0, 0x1BADB002, 0xE85250D6, 0xFFFFFFFF])


@lie(MOOT)
def stray_info(rng, d):
    """the information lies nowhere"""
    d.info = rng.choice([0, *NOWHERE])


@lie(MOOT, [1])
def stray_map(rng, d):
    """the map lies nowhere"""
    d.fields[MMAP_ADDR] = rng.choice([0, *NOWHERE])


@lie(MOOT, [1])
def entry_of_no_size(rng, d):
    """an entry of the map has size 0, or a huge one"""
    d.entry_sizes = [rng.choice([4, 20, 300, 0x7FFFFFFF])]


@lie(MOOT, [1])
def odd_flags(rng, d):
    """the flags are wrong"""
    d.fields[FLAGS] = rng.choice([0, 0xFFFFFFFF])


@lie(MOOT, [1])
def stray_command_line(rng, d):
    """the command line lies nowhere"""
    d.fields[CMDLINE] = rng.choice([0, *NOWHERE])


@lie(MOOT, [2])
def odd_entry_size(rng, d):
    """the size of the map's entries is wrong"""
    d.entry_sizes = [rng.choice([0, 8, 23, 257, PAGE, 0x80000018])]


@lie(MOOT, [2])
def broken_tag(rng, d):
    """a tag's size is wrong"""
    wrong = [0, 7, MIB, 0xFFFFFFF9, rng.randrange(8, 400)]
    d.tag_sizes[rng.randrange(4)] = rng.choice(wrong)


@lie(MOOT, [2])
def runaway_tags(rng, d):
    """more than 1024 tags"""
    d.extra_tags += [(99, b"")] * 2000


@lie(MOOT, [2])
def total_too_small(rng, d):
    """the total size is too small"""
    d.total = rng.choice([0, 7, 15] + 3 * [rng.randrange(16, 200)])
