# SPDX-License-Identifier: MIT
"""test_doctor.py - tools/doctor, tools/setup and the table that both read

Most tests run them on a FakeSystem, which has what the test gives it.
"""

import os
import re
import shutil
import subprocess

import pytest

import fakesystem
import lacuna

# The groups of the table that each goal needs on a Debian.
GOALS = {
    "build": {"build", "gnu"},
    "run": {"build", "gnu", "run"},
    "gdb": {"build", "gnu", "run", "gdb"},
    "iso": {"build", "gnu", "iso"},
    "test": {"build", "gnu", "run", "gdb", "iso", "test", "m32", "clang",
             "elf-src"},
    "i686-elf": {"elf-src"},
}
COLUMNS = ("fedora", "arch", "macos")
# The words that `make` and `make run` need on a system with nothing, in full:
# what a reader types. The rest is compared with the table.
TO_RUN = {
    "debian": "sudo apt-get update && sudo apt-get install -y "
              "--no-install-recommends make mawk gcc-i686-linux-gnu "
              "binutils-i686-linux-gnu qemu-system-x86 python3",
    "fedora": "sudo dnf install -y make gawk gcc binutils qemu-system-x86 "
              "python3",
    "arch": "sudo pacman -S --needed make gawk gcc binutils qemu-system-x86 "
            "python",
    "macos": "brew install make i686-elf-gcc i686-elf-binutils qemu",
}
TO_RUN["ubuntu"] = TO_RUN["mint"] = TO_RUN["debian"]


# --- The table ---------------------------------------------------------------

class Need:
    def __init__(self, line):
        self.group, look_for, self.package, self.purpose = line.split(None, 3)
        self.things = re.sub(r"^[A-Z]+:", "", look_for).split("|")
        self.thing = self.things[0]

    @property
    def label(self):
        return re.split("[/:]", self.thing)[-1]

    @property
    def target(self):
        if self.group in ("run", "gdb", "iso"):
            return f"make {self.group}"
        return "make" if self.group in ("build", "gnu") else "make test"


def read_table():
    lines = [line for line in (lacuna.ROOT / "tools/packages").read_text(
        encoding="ascii").splitlines() if line and line[0] != "#"]
    names = [line.split()[1:] for line in lines if line.startswith("name ")]
    needs = [Need(line) for line in lines if not line.startswith("name ")]
    return needs, names


NEEDS, NAMES = read_table()
ON_DEBIAN = [need for need in NEEDS if need.group in GOALS["test"]]


def names_on(system, package):
    """What a package of the table is called there; [] for none, None for +."""
    if system not in COLUMNS:
        return [] if package.startswith("-") else [package]
    row = next(row for row in NAMES if row[0] == package)
    name = row[1 + COLUMNS.index(system)]
    return {"-": [], "+": None}.get(name, name.split(","))


@pytest.mark.quick
def test_each_package_has_its_names():
    packages = {need.package for need in NEEDS} - {"-"}
    assert sorted(row[0] for row in NAMES) == sorted(packages)
    assert {len(row) for row in NAMES} == {1 + len(COLUMNS)}


@pytest.mark.quick
def test_the_groups_are_those_that_the_scripts_know():
    groups = GOALS["test"] | {"elf", "other"}
    assert {need.group for need in NEEDS} == groups


def test_debian_has_each_package():
    if not shutil.which("apt-cache"):
        assert not os.environ.get("CI"), "CI is a Debian"
        pytest.skip("only a Debian can tell: no apt-cache here")
    wanted = {need.package for need in NEEDS
              if not need.package.startswith("-")}
    told = subprocess.run(["apt-cache", "show", *sorted(wanted)], text=True,
                          capture_output=True, timeout=60, check=False).stdout
    known = set(re.findall(r"^Package: (\S+)$", told, re.MULTILINE))
    if "gcc-i686-linux-gnu" not in known:
        assert not os.environ.get("CI"), "no package lists: apt-get update"
        pytest.skip("no package lists: `apt-get update` fetches them")
    assert wanted - known == set()


@pytest.mark.quick
def test_the_readme_lists_the_same_packages():
    readme = (lacuna.ROOT / "README.md").read_text(encoding="ascii")
    before = set()
    for target, goal in (("make", "build"), ("make run", "run"),
                         ("make gdb", "gdb"), ("make iso", "iso"),
                         ("make test", "test")):
        packages = {need.package for need in NEEDS
                    if need.group in GOALS[goal]}
        row = re.search(rf"^\| `{target}` \| (.*) \|$", readme, re.MULTILINE)
        assert row, f"README.md has no row for {target}"
        listed = {word for word in row[1].split(", ")
                  if "those" not in word.split()}
        assert listed == packages - before, target
        before |= packages


# --- The doctor --------------------------------------------------------------

@pytest.fixture
def fake(tmp_path):
    return lambda name, **options: fakesystem.FakeSystem(
        tmp_path / name, name, **options)


@pytest.fixture
def full(fake):
    """A Debian that lacks nothing."""
    system = fake("debian")
    system.give(*[need.thing for need in ON_DEBIAN])
    return system


def doctor(system, *words, **options):
    answer = system.run("doctor", *words, **options)
    for line in answer.lines:
        assert len(line) <= 80 and line.isprintable(), line
    return answer


def missing(answer):
    """(target, label) of each line that says MISSING."""
    found, target = [], None
    for line in answer.lines:
        heading = re.match(r"(make(?: \w+)?)(,|$)", line)
        target = heading[1] if heading else target
        if line.startswith("  MISSING "):
            found.append((target, line.split()[1]))
    return found


def commands(answer):
    """What is to be typed: lines joined where a backslash ends one."""
    joined = re.sub(r" \\\n +", " ", answer.text)
    return re.findall(r"^  ((?:sudo |apt-get |brew |\S*python3 -m pip ).*)$",
                      joined, re.MULTILINE)


@pytest.mark.quick
@pytest.mark.parametrize("shell", ["dash", "bash"])
def test_nothing_is_missing(full, shell):
    answer = doctor(full, shell=shell)
    assert answer.status == 0, answer.text
    assert missing(answer) == [] and commands(answer) == []
    assert answer.lines[-1] == "Nothing is missing."
    assert re.search(r"ok +qemu-system-i386 +0\.1 ", answer.text)


def test_everything_is_missing(fake):
    answer = doctor(fake("debian"))
    assert answer.status == 1
    assert missing(answer) == sorted(
        [(need.target, need.label) for need in ON_DEBIAN],
        key=lambda pair: ["make", "make run", "make gdb", "make iso",
                          "make test"].index(pair[0]))


@pytest.mark.quick
@pytest.mark.parametrize("system", TO_RUN)
def test_what_to_type_to_run(fake, system):
    answer = doctor(fake(system))
    assert commands(answer)[0] == TO_RUN[system]
    assert ("untried" in answer.text) == (system != "debian")
    says_how = "make CC='gcc -m32'" in answer.text
    assert says_how == (system in ("fedora", "arch"))


@pytest.mark.parametrize("goal, takes, targets, status", [
    ("gdb", "gdb", ["make gdb"], 0),
    ("iso", "xorriso", ["make iso"], 0),
    ("test", "python:pexpect", ["make test"], 0),
    ("run", "python3", ["make run"], 1),
    ("build", "i686-linux-gnu-nm", ["make"], 1),
])
def test_one_thing_is_missing(full, goal, takes, targets, status):
    full.take(takes)
    need = next(need for need in ON_DEBIAN if takes == need.thing)
    answer = doctor(full)
    assert answer.status == status
    assert missing(answer)[0] == (targets[0], need.label)
    assert commands(answer)[0].split()[-1] == need.package
    assert f"Something is missing for {targets[0]}" in answer.text
    assert goal == need.group or goal == "build"


def test_what_has_no_package_is_told_as_lost(fake):
    text = doctor(fake("macos")).text
    assert "  lost in make iso: GRUB for a BIOS\n" in text
    assert text.count("lost in make test: boots the image in Bochs\n") == 1


@pytest.mark.parametrize("command, script, says, status", [
    ("i686-linux-gnu-gcc", 'case $* in *-m32*) exit 1 ;; esac',
     "cannot compile with -m32", 1),
    ("python3", "case $* in *'(3, 9)'*) exit 1 ;; esac",
     "older than 3.9", 1),
    ("gdb", "echo 'Python scripting is not supported' >&2",
     "GDB has no Python", 0),
    ("make", "echo GNU Make 3.81", "GNU make is older than 4", 1),
])
def test_programs_that_do_not_do(full, command, script, says, status):
    full.script(command, script)
    answer = doctor(full, PYTHON="python3")
    wrong = [line for line in answer.lines if line.startswith("  WRONG ")]
    assert len(wrong) == 1 and says in wrong[0], answer.text
    assert answer.status == status


def test_line_ends_of_another_system(full, tmp_path):
    tree = tmp_path / "tree"
    shutil.copytree(lacuna.ROOT / "tools", tree / "tools")
    (tree / "mm").mkdir()
    (tree / "mm/zone.c").write_bytes(b"int a;\r\n")
    answer = doctor(full, tree=tree)
    assert answer.status == 1
    assert "WRONG    ./mm/zone.c has CR LF" in answer.text
    (tree / "mm/zone.c").write_bytes(b"int a;\n")
    assert doctor(full, tree=tree).status == 0


def test_all_systems(fake):
    answer = doctor(fake("suse"), "--all")
    assert answer.status == 0
    blocks = dict(zip(("debian", *COLUMNS), answer.text.split("\n\n")[1:]))
    for system, block in blocks.items():
        group = "elf-src" if system == "debian" else "elf"
        words = set(re.findall(r"[\w+-]+", block))
        for need in NEEDS:
            if need.group not in GOALS["test"] - {"elf-src"} | {group}:
                continue
            names = names_on(system, need.package)
            if names == []:
                assert f": {need.purpose}\n" in block + "\n", need.thing
            for name in names or []:
                assert name.replace("pip:", "") in words, (system, name)


def test_this_machine_is_ready():
    """In CI every tool has to be there; elsewhere it just has to be asked."""
    run = lacuna.run(["make", "-s", "-C", lacuna.ROOT, "doctor"], 120,
                     env=lacuna.clean_environment())
    assert "Lacuna's doctor, on " in run.log and not run.timed_out
    if os.environ.get("CI"):
        assert run.status == 0, run.log
        assert "MISSING" not in run.log and "WRONG" not in run.log


# --- Setup -------------------------------------------------------------------

@pytest.mark.quick
@pytest.mark.parametrize("goal", GOALS)
def test_setup_is_silent_when_nothing_is_missing(full, goal):
    assert full.run("setup", goal) == fakesystem.Answer(0, "")


def can_be_found(system, thing):
    """Modules are seen only by Python, clang's parts only by clang."""
    asked = {"python": "python3", "clang": "clang"}.get(thing.split(":")[0])
    return system.has(thing) and (not asked or system.has(asked))


@pytest.mark.parametrize("need", ON_DEBIAN, ids=lambda need: need.label)
def test_setup_asks_for_each_need_of_a_goal_and_no_other(full, need):
    full.take(*filter(full.has, need.things))
    for goal, groups in GOALS.items():
        packages = {
            other.package for other in ON_DEBIAN
            if other.group in groups
            and not any(can_be_found(full, thing) for thing in other.things)}
        assert need.package in packages or need.group not in groups
        answer = full.run("setup", goal)
        assert answer.status == bool(packages), (goal, answer.text)
        asked = [command.split("recommends ")[1].split()
                 for command in commands(answer)]
        assert set(sum(asked, [])) == packages, goal


def test_an_i686_elf_gcc_that_was_made_needs_no_sources(full):
    sources = "/usr/src/gcc-12/gcc-12*.tar.xz"
    full.take(sources)
    for tool in ("gcc", "ld", "nm"):
        path = full.root / ".cache/lacuna/i686-elf/bin" / f"i686-elf-{tool}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("", encoding="ascii")
        path.chmod(0o755)
    assert full.run("setup", "test").text == ""
    assert full.run("setup", "i686-elf").status == 1


@pytest.mark.parametrize("system", COLUMNS)
def test_setup_elsewhere_says_what_to_type(fake, system):
    answer = fake(system).run("setup", "run")
    assert answer.status == 1
    assert commands(answer) == [TO_RUN[system]]
    assert "untried" in answer.text


@pytest.mark.parametrize("system, things", [
    ("fedora", ["gcc", "ld", "nm"]),
    ("macos", ["i686-elf-gcc", "i686-elf-ld", "i686-elf-nm"]),
])
def test_setup_elsewhere_is_content_with_what_there_is(fake, system, things):
    there = fake(system)
    there.give("make", "awk", "qemu-system-i386", "python3", *things)
    answer = there.run("setup", "run")
    if system == "fedora":
        assert answer.status == 1
        assert "say: make CC='gcc -m32'" in answer.text
        answer = there.run("setup", "run", CC="gcc -m32")
    assert answer == fakesystem.Answer(0, "")


def test_setup_stops_where_a_goal_cannot_be_had(fake):
    there = fake("macos")
    there.give(*[need.thing for need in NEEDS if need.group != "iso"])
    answer = there.run("setup", "iso", CROSS_COMPILE="i686-elf-")
    assert answer.status == 1
    assert "setup: iso cannot work without them" in answer.text


@pytest.mark.parametrize("variables, things", [
    ({"CC": "clang"}, ["clang", "ld.lld", "llvm-nm"]),
    ({"CC": "clang", "NM": "nm"}, ["clang", "ld.lld", "llvm-nm"]),
    ({"CC": "gcc -m32"}, ["gcc", "ld", "nm"]),
    ({"CROSS_COMPILE": ""}, ["gcc", "ld", "nm"]),
    ({}, ["i686-linux-gnu-gcc", "i686-linux-gnu-ld", "i686-linux-gnu-nm"]),
])
def test_setup_looks_for_the_compiler_that_is_meant(fake, variables, things):
    there = fake("debian")
    there.give("make", "awk")
    answer = there.run("setup", "build", **variables)
    assert answer.status == 1
    assert f"needed for build: {' '.join(things)}\n" in answer.text
    there.give(*things)
    assert there.run("setup", "build", **variables).text == ""


@pytest.mark.parametrize("variable", ["CC", "QEMU", "PYTHON", "LD"])
def test_what_somebody_chose_is_never_installed(full, variable):
    answer = full.run("setup", "run", **{variable: "/nowhere/thing -x"})
    assert answer.status == 1
    assert answer.text == f"setup: not found: {variable}=/nowhere/thing\n"


def installer(system, *then):
    """An apt-get that notes what it is asked for, then does that."""
    system.script("apt-get", f'echo "$*" >>{system.root}/asked', *then)
    system.script("env", 'while :; do case $1 in *=*) shift ;; *) break ;; esac',
                  'done; exec "$@"')


def test_setup_installs_as_root(fake):
    there = fake("debian", root_user=True)
    there.give("make", "awk", "i686-linux-gnu-gcc", "i686-linux-gnu-ld")
    installer(there, f"/bin/ln -sf .player {there.bin}/i686-linux-gnu-nm")
    answer = there.run("setup", "build")
    assert answer.status == 0, answer.text
    assert answer.lines[-1] == "setup: done"
    asked = (there.root / "asked").read_text(encoding="ascii").splitlines()
    assert asked[0] == "-q=2 update"
    assert asked[-1] == ("install -y --no-install-recommends "
                         "binutils-i686-linux-gnu -q=2")


def test_setup_looks_again_after_installing(fake):
    there = fake("debian", root_user=True)
    installer(there)
    answer = there.run("setup", "build")
    assert answer.status == 1
    assert "still not found: make awk i686-linux-gnu-gcc" in answer.text


def test_setup_without_root_only_says(fake):
    there = fake("debian")
    installer(there)
    there.script("sudo", "exit 1")      # it would ask for a password
    answer = there.run("setup", "run")
    assert answer.status == 1
    assert commands(answer) == [TO_RUN["debian"]]
    assert not (there.root / "asked").exists()


@pytest.mark.parametrize("tool, words", [("setup", []), ("setup", ["all"]),
                                         ("doctor", ["-h"])])
def test_usage(full, tool, words):
    answer = full.run(tool, *words)
    assert answer.status == 2
    assert answer.text.startswith(f"usage: tools/{tool}")
