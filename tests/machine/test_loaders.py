# SPDX-License-Identifier: MIT
"""test_loaders.py - started by GRUB, from a CD or a disk, by any firmware

Each firmware gives GRUB another memory map, UEFI hundreds of entries and no
text screen, and GRUB lays the kernel, the modules and what it says about them
where it finds room. All self-tests must pass on whatever is left: the cases
that the kernel reports under -kernel, with no others skipped than those that
need a screen or a port that is not there.
"""

import contextlib
import os
import re
import shutil
import subprocess

import pexpect
import pytest

import emulators
import iso
import lacuna

MEM = "1G"                              # with all three zones
DOWN = "\x1b[B"                         # a key
OVMF = "/usr/share/OVMF/"
CD, DISK = "-cdrom", "-drive"

# For each firmware: CPU, machine, its files and their package.
FIRMWARE = {
    "BIOS": ("i386", "pc", (), ""),
    "UEFI x64": ("x86_64", "pc",
                 ("OVMF_CODE_4M.fd", "OVMF_VARS_4M.fd"), "ovmf"),
    "UEFI ia32": ("i386", "q35,smm=on",
                  ("OVMF32_CODE_4M.secboot.fd", "OVMF32_VARS_4M.fd"),
                  "ovmf-ia32"),
}
STARTS = [("BIOS", CD, 1), ("BIOS", CD, 2), ("BIOS", DISK, 2),
          ("UEFI x64", CD, 2), ("UEFI x64", DISK, 1), ("UEFI ia32", CD, 2)]
NAMES = {CD: "CD", DISK: "disk"}

NEEDS_VGA = ["vga."]
NEEDS_UART = ["serial.", "irq.a_device_on_the_first_chip_"]
MODULE = re.compile(r"its module '(.*)' at \[(\w+), (\w+)\)$", re.MULTILINE)
MOST_MODULES = 16                       # BOOTINFO_MAX_MODULES


@pytest.fixture(scope="module")
def image():
    """An image, made when it is first asked for; it stays."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    folder = lacuna.build_dir() / f"test/images{worker}"
    folder.mkdir(parents=True, exist_ok=True)
    made = {}

    def make(**options):
        key = str(options)
        if key not in made:
            made[key] = emulators.image(folder / f"{len(made)}.iso", **options)
        return made[key]
    return make


def pc(firmware, medium, path):
    """QEMU's argument list for a machine that starts from an image."""
    cpu, kind, files, package = FIRMWARE[firmware]
    qemu, *words = lacuna.qemu()
    qemu = qemu.replace("i386", cpu)
    emulators.demand(qemu, "qemu-system-x86")
    argv = [qemu, *words, "-machine", kind, "-cpu", "max", "-m", MEM, "-display",
            "none", "-no-reboot", "-nic", "none", "-serial", "stdio",
            "-device", "isa-debug-exit,iobase=0xf4,iosize=4"]
    for file in files:
        emulators.demand(OVMF + file, package)
        argv += ["-drive",
                 f"if=pflash,format=raw,snapshot=on,file={OVMF}{file}"]
    if medium == DISK:
        path = f"format=raw,snapshot=on,file={path}"
    return [*argv, medium, path]


@pytest.mark.parametrize(
    "firmware, medium, protocol",
    [pytest.param(*start, id=f"{start[0]}-{NAMES[start[1]]}-{start[2]}")
     for start in STARTS])
def test_every_case_passes_from_the_image(machines, image, row, detail,
                                          firmware, medium, protocol):
    path = image(append=emulators.ALL, protocol=protocol)
    run = emulators.judge(
        lacuna.run(pc(firmware, medium, path), 120), machines, MEM,
        skipped=() if firmware == "BIOS" else NEEDS_VGA)
    loader = run.line_with("loaded by GRUB ")
    assert loader.endswith(f" with Multiboot {protocol}")
    assert ("speaks on COM1 only" in run.log) == (firmware != "BIOS")
    detail(run.report.summary())
    row(f"{firmware}, {NAMES[medium]}, {loader.removeprefix('loaded by ')}",
        run.report.summary(), "Loaders")


def test_the_small_image(machines, image, row, detail):
    path = image(append=emulators.ALL, small=True)
    assert path.stat().st_size < 1_000_000
    run = emulators.judge(lacuna.run(pc("BIOS", CD, path), 120), machines, MEM)
    assert run.line_with("loaded by GRUB ")
    detail(f"{path.stat().st_size} bytes")
    row("BIOS, CD, lacuna-small.iso", run.report.summary(), "Loaders")


# --- modules ----------------------------------------------------------------

@pytest.fixture
def modules(tmp_path):
    """MODULES= of more files than the kernel takes, and what each should be."""
    expected = []
    for number in range(MOST_MODULES + 4):
        path = tmp_path / f"m{number}.ko"
        path.write_bytes(b"x" * (1 + 5000 * number))
        expected.append((f"{path} x={number} (a;b)", path.stat().st_size))
    return ",".join(string for string, _ in expected), expected


def reported(run):
    return [(string, int(end, 16) - int(start, 16))
            for string, start, end in MODULE.findall(run.log)]


@pytest.mark.parametrize("protocol", [1, 2])
def test_modules_arrive_as_they_are(boot, image, modules, row, protocol):
    words, expected = modules
    path = image(append="loglevel=8 exit", protocol=protocol, modules=words)
    run = lacuna.run(pc("BIOS", CD, path), 60)
    assert run.status == lacuna.PASS, run.why()
    assert reported(run) == expected[:MOST_MODULES]
    assert "0 ranges and 4 modules ignored" in run.log
    same = boot(append="loglevel=8 exit", modules=words)
    assert reported(same) == reported(run)
    row(f"BIOS, {len(expected)} modules, Multiboot {protocol}",
        f"{MOST_MODULES} taken, 4 reported as ignored", "Loaders")


# --- serial port or screen alone ---------------------------------------------

def test_without_a_screen(machines, row):
    run = emulators.judge(
        lacuna.boot(120, mem=MEM, append=emulators.ALL, extra=["-vga", "none"]),
        machines, MEM, skipped=NEEDS_VGA)
    row("QEMU without VGA", run.report.summary(), "Loaders")


def test_without_a_serial_port(live, row):
    machine = live(mem=MEM, append=emulators.ALL, serial="none",
                   exit_device=False, timeout=120)
    machine.wait_for_power_off()
    report = emulators.twin(MEM, "max").report
    nr_cases, nr_suites = len(report.cases), len(report.suites)
    nr_run = len(emulators.without(
        emulators.names(report.with_status("pass")), NEEDS_UART))
    nr_skipped = nr_cases - nr_run
    assert [line for line in machine.screen() if line][-1] == (
        f"# totals: pass:{nr_run} fail:0 skip:{nr_skipped} "
        f"suites:{nr_suites}")
    row("QEMU without a serial port", f"{nr_run} of {nr_cases} "
        f"passed, {nr_skipped} skipped in {nr_suites} suites", "Loaders")


def test_with_neither(boot):
    run = boot(append="test=list.* exit", serial="none", extra=["-vga", "none"])
    assert run.status == lacuna.PASS


# --- the menu, and the tool ---------------------------------------------------

def test_the_menu_offers_both_protocols_and_the_self_tests(image):
    """Without APPEND= it waits; a key chooses, here over the serial port."""
    argv = pc("BIOS", CD, image())
    terminal = pexpect.spawn(argv[0], [str(word) for word in argv[1:]],
                             timeout=60, encoding="latin1")
    with contextlib.closing(terminal):
        terminal.expect_exact("Lacuna: self-tests")
        terminal.send(DOWN + "\r")
        terminal.expect(r"loaded by GRUB \S+ with Multiboot 1\r")
        terminal.expect_exact("BAD WRITE CAUGHT")
        terminal.expect_exact("lacuna> ")
        terminal.send("exit\r")
        terminal.expect(pexpect.EOF)
    assert terminal.exitstatus == lacuna.PASS


@pytest.fixture
def tool(tmp_path):
    """tools/iso.py, as make calls it: what it says, and the image or None."""
    try:
        iso.demand_tools()
    except iso.MissingTool as error:
        emulators.unavailable(str(error))

    def run(kernel=None, **environment):
        path = tmp_path / "lacuna.iso"
        done = subprocess.run(
            [lacuna.python(), lacuna.ROOT / "tools/iso.py",
             kernel or lacuna.kernel(), path], text=True, capture_output=True,
            env={**lacuna.clean_environment(), **environment}, check=False)
        assert done.returncode == (0 if path.exists() else 1)
        assert not list(tmp_path.glob("*.new"))
        return done.stdout + done.stderr, path if path.exists() else None
    return run


@pytest.mark.quick
@pytest.mark.parametrize("target, words", [
    ("iso", "lacuna.elf {o}/lacuna.iso"),
    ("iso-small", "--small {o}/lacuna.elf {o}/lacuna-small.iso")])
def test_make_calls_the_tool(target, words):
    said = subprocess.run(["make", "-n", "-C", lacuna.ROOT, target], text=True,
                          capture_output=True, check=True).stdout
    out = os.environ.get("O") or "build"
    assert words.format(o=out) in said


def test_the_tool_says_how_to_try_the_image(tool):
    said, path = tool(APPEND="exit")
    assert f"-cdrom {path}" in said


@pytest.mark.quick
def test_a_missing_tool_is_named(tool, tmp_path):
    said, path = tool(PATH=str(tmp_path))
    assert "grub-mkrescue not found; `tools/setup iso` installs it" in said
    assert path is None


def test_a_missing_platform_is_named(tool, tmp_path):
    """grub-mkrescue itself does not mind."""
    real = shutil.which("grub-mkrescue")
    fake = tmp_path / "grub-mkrescue"
    fake.write_text(f'#!/bin/sh\nexec {real} -d /usr/lib/grub/i386-pc "$@"\n',
                    encoding="ascii")
    fake.chmod(0o755)
    said, path = tool(PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert "GRUB for UEFI x64 is not installed here" in said
    assert "grub-efi-amd64-bin" in said
    assert path is None


@pytest.mark.quick
@pytest.mark.parametrize("modules, complaint", [
    (",", "MODULES=',' has an empty entry"),
    ("no such.ko", "No such file or directory: 'no'"),
])
def test_modules_that_make_no_sense_are_named(tool, modules, complaint):
    said, path = tool(MODULES=modules)
    assert complaint in said
    assert path is None


@pytest.mark.quick
def test_a_kernel_that_no_loader_starts_is_refused(tool, tmp_path):
    broken = tmp_path / "broken.elf"
    broken.write_bytes(lacuna.kernel().read_bytes().replace(
        b"\x02\xb0\xad\x1b", bytes(4)))
    said, path = tool(broken)
    assert "is no multiboot kernel" in said
    assert path is None
