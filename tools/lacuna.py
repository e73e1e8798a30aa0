# SPDX-License-Identifier: MIT
"""lacuna.py - what the tools on the host share: one machine, run from outside

Problem     Several tools boot the kernel. Each must agree on how QEMU is
            called, and none may wait for ever.
Idea        machine() turns memory, CPU and command line into QEMU's argument
            list; Process runs such a list with a deadline and hands out its
            serial port in chunks; boot() does both and returns a Run.
Invariants  L1  A process started here is dead when its Process is closed, and
                on Linux also when this one is killed.
            L2  A Run keeps all that was printed up to its end, however it
                ended, but never more than MAX_OUTPUT.
Read first  machine, then boot
"""

import ctypes
import dataclasses
import filecmp
import os
import pathlib
import selectors
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent

# What QEMU returns when the kernel wrote 0x10 or 0x11 to isa-debug-exit.
PASS, FAIL = 33, 35

MAX_OUTPUT = 128 << 20

# Of the Makefile, which exports them.
MAKE_DEFAULTS = {"MEM": "2G", "CPU": "max", "SMP": "", "MODULES": "",
                 "QEMU": "qemu-system-i386"}


def build_dir():
    """The build folder: O= of make, else build/."""
    return ROOT / (os.environ.get("O") or "build")


def kernel():
    return build_dir() / "lacuna.elf"


def shown(path):
    """A path as the reader of the terminal would type it."""
    path = pathlib.Path(path).absolute()
    return str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path)


def python():
    """The Python that Debian's pytest belongs to, where there is one."""
    debian = "/usr/bin/python3"
    return debian if os.access(debian, os.X_OK) else sys.executable


def qemu():
    """QEMU= of make as a list of words; it may carry options of its own."""
    return shlex.split(os.environ.get("QEMU") or "qemu-system-i386")


def cross(name):
    """A tool of the cross compiler's binutils, such as nm or addr2line."""
    return os.environ.get("CROSS_COMPILE", "i686-linux-gnu-") + name


def parse_size(text):
    """Bytes in QEMU's notation: 512M, 2G; a bare number is MiB."""
    units = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
    unit = text[-1].upper()
    if unit in units:
        return int(float(text[:-1]) * units[unit])
    return int(text) << 20


def memory_options(mem):
    """Large memories are reserved lazily: the host may have less."""
    if parse_size(mem) <= 2 << 30:
        return ["-m", mem]
    return ["-m", mem, "-machine", "pc,memory-backend=ram", "-object",
            f"memory-backend-ram,id=ram,size={mem},reserve=off"]


def machine(elf=None, mem="1G", cpu="max", append="", modules="", smp="",
            serial="stdio", exit_device=True, extra=()):
    """QEMU's argument list for one machine.

    modules is what -initrd takes: "a.ko x=1,b.ko". extra goes last.
    """
    argv = [*qemu(), "-cpu", cpu, *memory_options(mem)]
    argv += ["-smp", smp] if smp else []
    argv += ["-display", "none", "-no-reboot", "-nic", "none"]
    argv += ["-serial", serial] if serial else []
    if exit_device:
        argv += ["-device", "isa-debug-exit,iobase=0xf4,iosize=4"]
    argv += ["-kernel", str(elf or kernel())]
    argv += ["-initrd", modules] if modules else []
    argv += ["-append", append] if append else []
    return argv + list(extra)


if sys.platform == "linux":
    PR_SET_PDEATHSIG = 1
    LIBC = ctypes.CDLL(None)

    def die_with_parent():
        """In a child, before it begins: be told when the parent is gone."""
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
else:
    die_with_parent = None


class Process:
    """A process with a deadline, read in chunks. Use it in a with statement.

    late is called once it has missed its deadline, while it still runs.
    """

    alive = set()

    def __init__(self, argv, timeout=None, stdin=subprocess.DEVNULL,
                 late=None, **popen):
        self.argv, self.timeout = [str(word) for word in argv], timeout
        self._late = late
        self.started = time.monotonic()
        self.timed_out = False
        self.status = None
        self._errors = tempfile.TemporaryFile()
        popen.setdefault("stderr", self._errors)
        self._leads_group = popen.get("start_new_session", False)
        self._process = subprocess.Popen(self.argv, stdin=stdin, bufsize=0,
                                         stdout=subprocess.PIPE,
                                         preexec_fn=die_with_parent, **popen)
        Process.alive.add(self)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close(patience=0)
        self._errors.close()

    @property
    def seconds(self):
        return time.monotonic() - self.started

    @property
    def errors(self):
        """What it printed on standard error so far."""
        self._errors.seek(0)
        return self._errors.read().decode("utf-8", "replace")

    def running(self):
        return self._process.poll() is None

    def _patience(self):
        if self.timeout is None:
            return None
        return max(0, self.timeout - self.seconds)

    def chunks(self):
        """Yield what it prints, as it comes, until it ends or is late."""
        total = 0
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            while total < MAX_OUTPUT:
                if not selector.select(self._patience()):
                    self.timed_out = True
                    break
                chunk = self._process.stdout.read(1 << 16)
                if not chunk:
                    break
                total += len(chunk)
                yield chunk
            else:
                self.timed_out = True
        if self.timed_out and self._late:
            self._late()
        self.close()

    def close(self, patience=5):
        """End it if it does not end by itself; sets status."""
        if self.status is not None:
            return
        if self.timed_out:
            patience = 0
        for end in (self.terminate, self._process.kill):
            try:
                self.status = self._process.wait(patience)
                break
            except subprocess.TimeoutExpired:
                self.timed_out = True
                end()
                patience = 2
        self.status = self._process.wait()
        self._process.stdout.close()
        Process.alive.discard(self)

    def terminate(self):
        if self._leads_group:           # with all that it has started
            os.killpg(self._process.pid, signal.SIGTERM)
        else:
            self._process.terminate()


@dataclasses.dataclass
class Run:
    """How a process went."""
    argv: list
    status: int = None
    log: str = ""
    errors: str = ""
    seconds: float = 0.0
    timed_out: bool = False

    @property
    def lines(self):
        return self.log.splitlines()

    @property
    def command(self):
        return shlex.join(self.argv)

    def why(self, last=15):
        """What somebody needs who has to find out what went wrong."""
        end = f"status {self.status}"
        if self.timed_out:
            end = f"ended by force after {self.seconds:.0f} s"
        return "\n".join([f"repeat: {self.command}", f"{end}; last lines:",
                          *self.lines[-last:], *self.errors.splitlines()[-last:]])


def run(argv, timeout, **popen):
    """Run argv to its end, at most timeout seconds long."""
    with Process(argv, timeout, **popen) as process:
        log = b"".join(process.chunks())
        text = log.decode("ascii", "replace").replace("\r\n", "\n")
        return Run(process.argv, process.status, text, process.errors,
                   process.seconds, process.timed_out)


def boot(timeout=60, **options):
    """Boot the kernel on machine(**options) with nobody at the keyboard."""
    return run(machine(**options), timeout)


def die_cleanly():
    """Killed by make or a closed terminal, take the children along (L1)."""
    def end(*_):
        for process in list(Process.alive):
            process.terminate()
        sys.exit(1)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)


def sources():
    """The project's files, relative to ROOT: nothing built, nothing ignored."""
    git = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"],
                         cwd=ROOT, text=True, capture_output=True, check=False)
    if git.returncode == 0:
        names = git.stdout.splitlines()
    else:                               # a tarball
        names = [str(path.relative_to(ROOT)) for path in ROOT.rglob("*")
                 if "__pycache__" not in path.parts]
    return sorted(name for name in names if (ROOT / name).is_file()
                  and not name.startswith(("build/", ".git/")))


def copy_tree(folder):
    """Make folder a copy of the sources; what is built there stays.

    Only files that differ are written: make then rebuilds just those. A new
    file is as old as its original, so objects may be copied as well.
    """
    folder = pathlib.Path(folder)
    wanted = sources()
    for name in wanted:
        target = folder / name
        if target.is_file() and filecmp.cmp(ROOT / name, target, False):
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copy if target.exists() else shutil.copy2
        copy(ROOT / name, target)
    for path in folder.rglob("*"):
        name = str(path.relative_to(folder))
        if path.is_file() and not name.startswith("build/") \
                and name not in wanted:
            path.unlink()


def clean_environment(*more):
    """The environment without what a make above us says to its recipes."""
    ours = ("MAKEFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "MFLAGS", "Q", "V",
            "APPEND", "MODULES", "MEM", "CPU", "SMP", *more)
    return {name: value for name, value in os.environ.items()
            if name not in ours}


def chosen():
    """What make's variables say, as options of machine()."""
    return {name.lower(): os.environ.get(name) or default
            for name, default in MAKE_DEFAULTS.items() if name != "QEMU"}


def again(target, append):
    """The make command that does target on the same machine."""
    given = [f"{name}={shlex.quote(os.environ[name])}"
             for name, default in MAKE_DEFAULTS.items()
             if os.environ.get(name, "") not in ("", default)]
    return " ".join(["make", target, *given, f"APPEND={shlex.quote(append)}"])


def find_command(argv):
    """None when argv can be started, else a sentence that says what to do."""
    if shutil.which(argv[0]):
        return None
    return f"{argv[0]} not found; `tools/setup run` installs QEMU"
