#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""bench_linux.py - what the same costs in Linux: `make bench-linux`

    tools/bench_linux.py [--record]     --record: the bills in tests/

Problem     A figure from somebody else's machine must be believed. It need not
            be, where it can be measured again in some minutes.
Idea        Debian's kernel for i386 and its headers come as packages from where
            this machine gets all others, into a folder of ours: nothing is
            installed. A module (tools/bench-linux/) takes the same measurements
            on the same emulated machine; figures and bills are compared with
            those that the project quotes.
Picture     apt-get download --> dpkg-deb -x --> headers --> bench.ko --.
                                            '--> vmlinuz    init -------+-> QEMU
            lean, lean with vmalloc=512M, as Debian ships it (twice) --> table
            lean, one benchmark, traced by its instructions -----------> bill
Failure     Each step says what it needs; what was fetched stays for next time.
Read first  main, then measure and trace_bill
See         docs/book/bench.md, tests/bench/figures.txt
"""

import argparse
import collections
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import bench_figures
import bench
import bill
import lacuna
import trace

FOLDER = lacuna.build_dir() / "bench-linux"
APT, DEBS, TREE, MODULE = (FOLDER / name
                           for name in ("apt", "debs", "tree", "module"))
SOURCE = lacuna.ROOT / "tools/bench-linux"
FLAVOUR = "686-pae"
MEASURED = "6.1.176-1"              # the version in figures.txt
NEEDED = {"apt-get": "apt", "apt-cache": "apt", "dpkg-deb": "dpkg",
          "make": "make", "i686-linux-gnu-gcc": "gcc-i686-linux-gnu"}
LEAN = ("mitigations=off init_on_alloc=0 page_alloc.shuffle=0 slub_debug=-")
ALWAYS = "console=ttyS0 nokaslr quiet"
TIME_LIMIT = 600
TOLERANCE = 0.01
# Of empty() in the module, by Linux's flags: room for ftrace, a frame, a ret.
EMPTY_RUN = 5
AT = re.compile(r"\bat (run|report|wait) ([0-9a-f]+)")
BENCH = re.compile(r"bench: (\S+) (\d+) (\S+)")


class Failed(Exception):
    """What is missing, and what to do about it."""


def run(*argv, **options):
    """Standard output of a command that must succeed."""
    done = subprocess.run([str(word) for word in argv], text=True, check=False,
                          capture_output=True, **options)
    if done.returncode != 0:
        raise Failed(f"bench-linux: {' '.join(map(str, argv))} failed:\n"
                     f"{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


# --- packages ------------------------------------------------------------------

class Apt:
    """apt with a state of its own, for i386 beside this machine's own."""

    def __init__(self):
        self._native = run("dpkg", "--print-architecture").strip()
        for name in ("state/lists/partial", "cache/archives/partial"):
            (APT / name).mkdir(parents=True, exist_ok=True)
        (APT / "status").touch()
        self._config = APT / "apt.conf"
        self._config.write_text(
            f'Dir::State "{APT}/state";\nDir::State::status "{APT}/status";\n'
            f'Dir::Cache "{APT}/cache";\nAPT::Sandbox::User "root";\n'
            f'APT::Architecture "{self._native}";\n'
            f'APT::Architectures {{ "{self._native}"; "i386"; }};\n',
            encoding="ascii")

    def run(self, *argv, **options):
        return run(*argv, env={**os.environ, "LC_ALL": "C",
                               "APT_CONFIG": str(self._config)}, **options)

    def update(self):
        """Sources that fail are none of ours; what we need is asked for."""
        try:
            self.run("apt-get", "update", "-q")
        except Failed as failed:
            print(f"{str(failed).splitlines()[-1]}\n"
                  "bench-linux: going on with what was read")

    def depends(self, package, pattern):
        """The dependency of a package that matches."""
        text = self.run("apt-cache", "depends", package)
        found = re.search(rf"Depends: ({pattern})(:\w+)?$", text,
                          re.MULTILINE)
        if not found:
            raise Failed(f"bench-linux: apt knows no {package}: this needs "
                         "Debian 12's sources (deb ... bookworm main)")
        return found[1]

    def packages(self):
        image = self.depends(f"linux-image-{FLAVOUR}:i386",
                             rf"linux-image-[^\s:]+-{FLAVOUR}")
        headers = image.replace("image", "headers")
        common = headers.replace(FLAVOUR, "common")
        kbuild = self.depends(f"{headers}:i386", r"linux-kbuild-[\d.]+")
        # kbuild's programs run here: they are this machine's.
        return [f"{image}:i386", f"{headers}:i386", common,
                f"{kbuild}:{self._native}"]


def fetch():
    """The packages' contents in TREE; downloads what is not there yet."""
    for command, package in NEEDED.items():
        if not shutil.which(command):
            raise Failed(f"bench-linux: no {command} here; Debian: apt-get "
                         f"install {package}. Other systems: not possible")
    if not (FOLDER / "fetched").exists():
        apt = Apt()
        print("bench-linux: reading the package lists", flush=True)
        apt.update()
        packages = apt.packages()
        shutil.rmtree(DEBS, ignore_errors=True)
        DEBS.mkdir()
        print(f"bench-linux: downloading {' '.join(packages)}", flush=True)
        apt.run("apt-get", "download", "-q", *packages, cwd=DEBS)
        shutil.rmtree(TREE, ignore_errors=True)
        for package in sorted(DEBS.glob("*.deb")):
            run("dpkg-deb", "-x", package, TREE)
        (FOLDER / "fetched").touch()
    image = next(DEBS.glob("linux-image-*.deb"))
    return image.name.split("_")[1]


def only(pattern):
    """The one file of TREE that matches."""
    found = sorted(TREE.glob(pattern))
    if len(found) != 1:
        raise Failed(f"bench-linux: {len(found)} files {TREE}/{pattern}; "
                     f"remove {lacuna.shown(FOLDER)} and try again")
    return found[0]


# --- what is booted --------------------------------------------------------------

def cpio_entry(name, data, mode, number):
    """A file of a newc archive, which Linux unpacks as its first root."""
    fields = (number, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0)
    head = "070701" + "".join(f"{field:08x}" for field in fields) + name + "\0"
    head = head.encode() + b"\0" * (-len(head) % 4)
    return head + data + b"\0" * (-len(data) % 4)


def build():
    """The module and init in an archive; returns its path."""
    headers = only(f"usr/src/linux-headers-*-{FLAVOUR}")
    # Its one absolute path, to the headers of all flavours.
    makefile = headers / "Makefile"
    makefile.write_text(f"include {only('usr/src/linux-headers-*-common')}"
                        "/Makefile\n", encoding="ascii")
    shutil.rmtree(MODULE, ignore_errors=True)
    shutil.copytree(SOURCE, MODULE)
    cross = "i686-linux-gnu-"
    run("make", "-C", headers, f"M={MODULE}", "ARCH=i386", f"CC={cross}gcc",
        f"LD={cross}ld", f"CROSS_COMPILE={cross}", "modules",
        env=lacuna.clean_environment("O", "CC", "LD", "CROSS_COMPILE"))
    run(f"{cross}gcc", "-Os", "-nostdlib", "-static", "-ffreestanding",
        "-fno-pic", "-fno-stack-protector", "-fcf-protection=none", "-o",
        MODULE / "init", MODULE / "init.c")
    files = {"init": "init", "bench.ko": "lacuna_bench.ko"}
    archive = b"".join(cpio_entry(name, (MODULE / made).read_bytes(), 0o100755,
                                  number)
                       for number, (name, made) in enumerate(files.items(), 1))
    path = FOLDER / "initramfs"
    path.write_bytes(archive + cpio_entry("TRAILER!!!", b"", 0, 0))
    return path


def machine(initramfs, options, word):
    """QEMU's argument list: our machine, with another kernel."""
    return [*lacuna.qemu(), "-m", "2G", "-display", "none", "-no-reboot",
            "-nic", "none", "-device", "isa-debug-exit,iobase=0xf4,iosize=4",
            *bench.ICOUNT, "-kernel", only("boot/vmlinuz-*"),
            "-initrd", initramfs, "-append", f"{ALWAYS} {options} -- {word}"]


# --- figures ---------------------------------------------------------------------

def measure(initramfs, options):
    """name -> (value, unit), from the usual machine and one with a larger
    window."""
    found = {}
    for more, word in (("vmalloc=512M", "wide=1"), ("", "wide=0")):
        argv = machine(initramfs, f"{options} {more}", word)
        done = lacuna.run([*argv, "-serial", "stdio"], TIME_LIMIT)
        if done.status != lacuna.PASS:
            raise Failed(f"bench-linux: Linux did not come to the end\n"
                         f"{done.why()}")
        found.update({name: (int(value), unit)
                      for name, value, unit in BENCH.findall(done.log)})
    return found


def compare(lean, default, peers):
    """A table beside the figures that the project quotes."""
    def cell(pair):
        return f"{pair[0] if pair else '-':>10}"

    def against(pair, quoted):
        if not pair or not quoted:
            return f"{'-':>9}"
        return f"{(pair[0] - quoted) / quoted:>+9.1%}"
    yield (f"{'Linux, measured here':32}{'lean':>10}{'quoted':>9}"
           f"{'default':>10}{'quoted':>9}")
    for name, pair in lean.items():
        peer = peers.get(name, bench_figures.Peer())
        yield (f"{name:32}{cell(pair)}{against(pair, peer.lean)}"
               f"{cell(default.get(name))}"
               f"{against(default.get(name), peer.default)}")
    far = [name for name, pair in lean.items() if peers.get(name)
           and peers[name].lean
           and abs(pair[0] - peers[name].lean) > TOLERANCE * peers[name].lean]
    yield (f"further from the quoted figure than {TOLERANCE:.0%} (why: "
           f"docs/book/bench.md): {', '.join(far) or 'none'}")


# --- the bill --------------------------------------------------------------------

class Symbols:
    """Linux's functions, as it names them itself."""

    def __init__(self, initramfs):
        path = FOLDER / "kallsyms"
        done = lacuna.run([*machine(initramfs, LEAN, "symbols"), "-serial",
                           "stdio", "-debugcon", f"file:{path}"], TIME_LIMIT)
        words = [line.split()[:3] for line in
                 path.read_text("ascii").splitlines() if "[" not in line]
        self._all = sorted((int(address, 16), name)
                           for address, kind, name in words if kind in "tTwW")
        self._end = next((int(address, 16) for address, _, name in words
                          if name == "_etext"), 0)
        if not self._end:
            raise Failed(f"bench-linux: no names of functions\n{done.why()}")

    def name_at(self, address):
        """What is no part of the kernel is our module."""
        low, high = 0, len(self._all)
        while low < high:
            middle = (low + high) // 2
            if self._all[middle][0] <= address:
                low = middle + 1
            else:
                high = middle
        inside = low and address < self._end
        return self._all[low - 1][1] if inside else bill.HARNESS


def trace_bill(initramfs, name, symbols):
    """function -> instructions of one run that nothing interrupts."""
    with tempfile.TemporaryDirectory() as folder:
        argv = machine(initramfs, LEAN, f"trace={name}")
        with trace.Machine(argv, folder, TIME_LIMIT) as linux:
            log = linux.wait_for_line("at wait")
            at = {what: int(address, 16) for what, address in AT.findall(log)}
            linux.stub.write_memory(at["wait"], bytes(4))
            executed = linux.trace(at["report"], 2, at["report"])
            figure = bill.figure_in(linux.finish(), name)
    chosen = bill.pick(list(trace.runs_of(executed, at["run"])), figure,
                       EMPTY_RUN, name)
    return collections.Counter(symbols.name_at(address) for address in chosen)


def main():
    parser = argparse.ArgumentParser(description="measure Linux beside ours")
    parser.add_argument("--record", action="store_true",
                        help="the bills are those that the project quotes")
    options = parser.parse_args()
    lacuna.die_cleanly()
    FOLDER.mkdir(parents=True, exist_ok=True)
    try:
        version = fetch()
        print(f"bench-linux: Linux {version}; building the module", flush=True)
        if version != MEASURED:
            print(f"bench-linux: the figures quoted are of {MEASURED}")
        initramfs = build()
        print("bench-linux: booting, some minutes", flush=True)
        symbols = Symbols(initramfs)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            columns = [pool.submit(measure, initramfs, words)
                       for words in (LEAN, "")]
            traced = {name: pool.submit(trace_bill, initramfs, name, symbols)
                      for name in bill.BENCHMARKS}
            table = list(compare(*(one.result() for one in columns),
                                 bench_figures.read_peers()))
            bills = {name: one.result() for name, one in traced.items()}
    except (Failed, bill.Wrong, ConnectionError) as failed:
        sys.exit(str(failed))
    print("\n".join(table))
    (FOLDER / "linux.txt").write_text("\n".join(table) + "\n", "ascii")
    path = bill.LINUX if options.record else FOLDER / bill.LINUX.name
    bill.write_linux(bills, path, f"Debian's linux-image-{FLAVOUR} {version}, "
                     f"{LEAN}")
    for name, parts in bills.items():
        print(f"{name}: {sum(parts.values())} instructions in "
              f"{len(parts)} functions")
    print(f"bench-linux: {lacuna.shown(FOLDER / 'linux.txt')}, "
          f"{lacuna.shown(path)}")


if __name__ == "__main__":
    main()
