#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""iso.py - a bootable image: what `make iso` and `make iso-small` do

    tools/iso.py [--small] [--protocol 1|2] ELF ISO         APPEND, MODULES

Problem     A PC has no -kernel option. Its firmware, old or new, starts what it
            finds on a CD or a USB stick.
Idea        GRUB starts on all of them and speaks both multiboot protocols;
            grub-mkrescue packs it with our files and a menu. The image is a CD
            and a hard disk at once.
Picture     firmware       finds                       on
            BIOS           El Torito, boot sector      CD, stick
            UEFI x64       efi/boot/bootx64.efi        CD, stick
            UEFI ia32      efi/boot/bootia32.efi       CD, stick
The menu    Lacuna                  by Multiboot 2
            Lacuna (Multiboot 1)    the same by the older protocol
            Lacuna: self-tests
            Without APPEND= it waits five seconds, then takes the first, with
            the demonstration and the monitor. APPEND= is the command line of
            the first two and leaves no choice; --protocol says which it is.
Modules     As with `make run`: MODULES='a.ko x=1,b.ko' hands over two, and
            their strings are these words. Before \\, ' and " GRUB puts a \\.
Small       For BIOS alone, under 1 MB: without what GRUB does not need here,
            and the kernel compressed, without what only a debugger reads.
Real PCs    dd if=build/lacuna.iso of=/dev/sdX bs=4M writes a stick. Untried.
Read first  menu, then build
See         tests/machine/test_loaders.py
"""

import argparse
import gzip
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile

import elf
import lacuna

WAIT = 5                            # seconds at the menu
DEFAULT = "demo monitor exit"
MKRESCUE = ("grub-mkrescue", "grub2-mkrescue")      # the latter on Fedora
TOOLS = (MKRESCUE, ("xorriso",), ("mformat",))
# By which bytes of the image a platform is known; where it comes from.
PLATFORMS = {"BIOS": (b"eltorito.img", "grub-pc-bin"),
             "UEFI x64": (b"BOOTX64 EFI", "grub-efi-amd64-bin"),
             "UEFI ia32": (b"BOOTIA32EFI", "grub-efi-ia32-bin")}
NOT_NEEDED = ["--locales=", "--themes=", "--fonts="]
SMALL_MODULES = "multiboot multiboot2 normal iso9660 biosdisk part_msdos " \
                "serial terminal gzio"
# Behind the last file: GRUB reads whole blocks of this size, and hangs where the
# end of the disc cuts one. grub-mkrescue's own choice is 300 KiB.
PADDING = "32k"
SECTIONS_AT, SECTION_COUNTS_AT = 32, 46     # in the header of an ELF file

HEAD = """\
if serial --unit=0 --speed=115200; then
    terminal_input console serial
    terminal_output console serial
fi
"""
UNPACK = "insmod gzio\n"              # without it GRUB finds no kernel there
UEFI_NOTE = """\
    if [ "$grub_platform" = efi ]; then
        echo 'UEFI has no text screen: Lacuna speaks on COM1 only.'
    fi
"""


class Unusable(Exception):
    """Why there is no image, and what to do about it."""


class MissingTool(Unusable):
    """A program is not here, or GRUB not for each kind of firmware."""


def parse_modules(text):
    """[(path, words of its string)] from the form of QEMU's -initrd."""
    entries = text.replace(",,", "\0").split(",") if text else []
    strings = [entry.replace("\0", ",").split() for entry in entries]
    if not all(strings):
        raise Unusable(f"MODULES='{text}' has an empty entry; it should be "
                       "'<file> <words>,<file> ...', with ,, for a comma")
    return [(pathlib.Path(words[0]), words) for words in strings]


def quoted(words):
    """As GRUB's shell takes them, each by itself."""
    return "".join(" '" + word.replace("'", "'\\''") + "'" for word in words)


def entry(title, protocol, append, modules, note):
    """One entry of the menu."""
    version = {1: "", 2: "2"}[protocol]
    options = quoted(append.split())
    lines = [f"    multiboot{version} /boot/lacuna.elf{options}\n"]
    lines += [f"    module{version} /boot/module{number}{quoted(words)}\n"
              for number, (_, words) in enumerate(modules)]
    return f"menuentry '{title}' {{\n{note}{''.join(lines)}}}\n"


def menu(append, protocol, modules, small):
    """GRUB's configuration."""
    start, note = (HEAD + UNPACK, "") if small else (HEAD, UEFI_NOTE)
    wait = 0 if append else WAIT
    wanted = append or DEFAULT
    return (start + f"set timeout={wait}\nset default={2 - protocol}\n"
            + entry("Lacuna", 2, wanted, modules, note)
            + entry("Lacuna (Multiboot 1)", 1, wanted, modules, note)
            + entry("Lacuna: self-tests", 2, "test=*", modules, note))


def compressed(path):
    """The kernel up to the end of its last segment, and that compressed."""
    end = max(segment.offset + segment.file_size
              for segment in elf.Image(path).segments)
    kernel = bytearray(path.read_bytes()[:end])
    struct.pack_into("<I", kernel, SECTIONS_AT, 0)
    struct.pack_into("<3H", kernel, SECTION_COUNTS_AT, 0, 0, 0)
    return gzip.compress(kernel, mtime=0)


def fill(folder, kernel, append, protocol, modules, small):
    """What is ours of the image's files."""
    boot = folder / "boot"
    (boot / "grub").mkdir(parents=True)
    (boot / "grub/grub.cfg").write_text(
        menu(append, protocol, modules, small), encoding="utf-8",
        errors="surrogateescape")
    (boot / "lacuna.elf").write_bytes(
        compressed(kernel) if small else kernel.read_bytes())
    for number, (path, _) in enumerate(modules):
        shutil.copyfile(path, boot / f"module{number}")


def demand_tools():
    for names in TOOLS:
        if not any(map(shutil.which, names)):
            raise MissingTool(f"{names[0]} not found; `tools/setup iso` "
                              "installs it")


def mkrescue(folder, iso, small):
    """GRUB beside our files."""
    argv = [next(filter(shutil.which, MKRESCUE)), "-o", iso, *NOT_NEEDED, folder]
    if small:
        argv += ["--compress=xz", f"--install-modules={SMALL_MODULES}",
                 "--directory=/usr/lib/grub/i386-pc", "--", "-padding", PADDING]
    done = subprocess.run(argv, text=True, check=False, capture_output=True)
    if done.returncode:
        raise Unusable(f"grub-mkrescue failed:\n{done.stdout}{done.stderr}")


def demand_platforms(iso, small):
    """grub-mkrescue leaves out what is not installed, and says nothing."""
    image = iso.read_bytes()
    for name, (mark, package) in PLATFORMS.items():
        if mark not in image and (name == "BIOS" or not small):
            raise MissingTool(f"GRUB for {name} is not installed here; its "
                              f"Debian package is {package}")


def build(kernel, iso, append="", protocol=2, modules="", small=False):
    """Make the image; raises Unusable, and then there is none."""
    demand_tools()
    elf.Image(kernel).demand_multiboot(kernel)
    with tempfile.TemporaryDirectory() as scratch:
        folder, new = pathlib.Path(scratch) / "files", iso.with_suffix(".new")
        fill(folder, kernel, append, protocol, parse_modules(modules), small)
        try:
            mkrescue(folder, new, small)
            demand_platforms(new, small)
            new.replace(iso)
        finally:
            new.unlink(missing_ok=True)


def main():
    parser = argparse.ArgumentParser(description="make a bootable image")
    parser.add_argument("kernel", type=pathlib.Path)
    parser.add_argument("iso", type=pathlib.Path)
    parser.add_argument("--small", action="store_true", help="for BIOS alone")
    parser.add_argument("--protocol", type=int, choices=(1, 2), default=2,
                        help="of multiboot, when APPEND= is given")
    options = parser.parse_args()
    try:
        build(options.kernel, options.iso, os.environ.get("APPEND", ""),
              options.protocol, os.environ.get("MODULES", ""), options.small)
    except (Unusable, elf.Unusable, OSError) as error:
        sys.exit(f"iso: {error}")
    size = options.iso.stat().st_size
    print(f"{lacuna.shown(options.iso)}: {size / 1e6:.1f} MB; try it: "
          f"{lacuna.qemu()[0]} -cpu max -m 2G -serial stdio "
          f"-cdrom {lacuna.shown(options.iso)}")


if __name__ == "__main__":
    sys.exit(main())
