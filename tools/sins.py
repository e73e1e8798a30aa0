#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""sins.py - commits every sin in every build, and says which build caught it

    tools/sins.py [BUILD ...]       bare, default, pentium3, debug, ubsan, kasan
    tools/sins.py --write           all of them, and the table in docs/trust.md
    tools/sins.py --each [PATCH ...]    without one means at a time

Problem     That a check speaks is shown by a sin that it reports. That it is
            this check, and no accident, is shown by the same sin where it is
            missing.
Idea        tests/sins/ commits the sins and says who must notice each. What a
            build is to notice and survive is committed in one boot, what is to
            go unnoticed in a boot with some others, and what ends the kernel in
            a boot of its own. What is seen must be what was announced.
Picture     tests/bare/*.patch   each takes away one means, from a copy
            bare      all of them at once: nothing but the CPU may notice
            default   as everybody runs it
            kasan     with all there is
Invariants  X1  A sin is caught exactly where one of the means it names is
                there, by one of these, with the words that it announced.
            X2  A sin that goes unnoticed ends the run in good order: so it was
                committed, and nothing else went wrong.
            X3  Without one means and the self-tests' books and checks (--each),
                each of its sins goes unnoticed or is caught by another means
                that it names.
Read first  Build.judge, then the builds
See         include/tests/sin.h, docs/trust.md, tests/machine/test_sins.py
"""

import argparse
import concurrent.futures
import json
import os
import re
import subprocess
import sys

import ktap
import lacuna

BARE = lacuna.ROOT / "tests/bare"
PAGE = lacuna.ROOT / "docs/trust.md"
BEGIN, END = "<!-- sins: begin -->", "<!-- sins: end -->"
TIME_LIMIT = 120                        # seconds for one boot
NAMES_MAX = 900                         # bytes of a command line for names
# Around self-tests: they see much of the harm that a sin has done afterwards.
NETS = ["books", "checks"]
# Beyond what patches take away.
COMPILED = {
    "CPU": "exceptions of the CPU: nobody can switch them off",
    "pattern": "locals hold a pattern until they are written (debug)",
    "UBSAN": "a test before each operation that C does not define (UBSAN=1)",
    "KASAN": "a test before each access, red zones, a quarantine (KASAN=1)",
}
ANNOUNCED = re.compile(r"# (\S+): (.+) must say \"(.*)\"$")
CAUGHT = re.compile(r"# (\S+): caught by (.+)$")


class Wrong(Exception):
    """A sin was not seen to go as it should."""


class Sin:
    """One sin in one build."""

    def __init__(self, case):
        self.name, self.reason = case.full_name, case.reason
        self.alone = "end the run" in case.reason
        self.means = [match[2] for match in map(ANNOUNCED.match, case.notes)
                      if match and match[1] == self.name]

    @property
    def expected(self):
        """Is it to be noticed?"""
        return "unnoticed" not in self.reason


def boot(elf, cpu, names):
    """Commit what names say: a glob, or names joined by commas."""
    return lacuna.boot(TIME_LIMIT, elf=elf, mem="64M", cpu=cpu,
                       append=f"test={names} highmem=16M exit")


def who_caught(name, run, report):
    """The means that noticed a sin, or "" when nobody did."""
    case = report.named(name)
    notes = case.notes if case else run.lines
    for line in notes:
        caught = CAUGHT.match(line.strip())
        if caught and caught[1] == name:
            return caught[2]
    if case and any(note.endswith(": unnoticed") for note in notes):
        return ""
    announced = [match for match in map(ANNOUNCED.search, run.lines) if match]
    said = "\n".join(line for line in run.lines if not ANNOUNCED.search(line))
    for match in announced:
        if report.panics and match[3] in said:
            return match[2]
    raise Wrong(f"{name}: neither caught as announced nor unnoticed\n"
                f"{run.why()}")


class Build:
    """A kernel on a CPU."""

    def __init__(self, name, title, words=(), folder="", cpu="max"):
        self.name, self.title, self.cpu = name, title, cpu
        self.words, self.folder = list(words), lacuna.build_dir() / folder
        self.elf = self.folder / "lacuna.elf"

    def make(self):
        make(lacuna.ROOT, *self.words, f"O={lacuna.shown(self.folder)}")

    def sins(self):
        """Commit those that are caught and survived; what becomes of each."""
        run = boot(self.elf, self.cpu, "sins.*")
        report = ktap.read(run.log)
        broken = report.problems(run.status, run.timed_out)
        if broken:
            raise Wrong(f"{self.name}: {broken[0]}\n{run.why(40)}")
        return {sin: "" if sin.reason else who_caught(sin.name, run, report)
                for sin in map(Sin, report.cases)}

    def commit_all(self, pool, groups):
        """Who caught each sin. One boot for each group."""
        found, wrong = {}, []
        for boot_of_group in [pool.submit(self.commit, group)
                              for group in groups]:
            try:
                found.update(boot_of_group.result())
            except Wrong as complaint:
                wrong.append(f"{self.name}: {complaint}")
        if wrong:
            raise Wrong("\n".join(wrong))
        return found

    def commit(self, sins):
        """Commit these in one boot; who caught each."""
        run = boot(self.elf, self.cpu, ",".join(sin.name for sin in sins))
        report = ktap.read(run.log)
        found = {sin.name: who_caught(sin.name, run, report) for sin in sins}
        if "" in found.values() and report.broken(run.status, run.timed_out):
            raise Wrong(f"{sins[0].name}: X2: unnoticed, and then\n{run.why()}")
        return found

    def judge(self, pool):
        """Who caught each sin, {name: means or ""}; X1."""
        sins = self.sins()
        found = {sin.name: means for sin, means in sins.items()}
        groups = [[sin] for sin in sins if sin.alone]
        groups += in_lines(sin for sin in sins if sin.reason and not sin.alone)
        found.update(self.commit_all(pool, groups))
        for sin in sins:
            if bool(found[sin.name]) != sin.expected:
                raise Wrong(f"{self.name}: X1: {sin.name} was "
                            f"{found[sin.name] and 'caught' or 'unnoticed'}")
        return found


class Bare(Build):
    """A copy of the tree without some means; names are those of patches."""

    def __init__(self, name, title, without):
        super().__init__(name, title)
        self.without = without
        self.folder = lacuna.build_dir() / "bare" / name
        self.elf = self.folder / "build/lacuna.elf"

    def make(self):
        lacuna.copy_tree(self.folder)
        for patch in self.without:
            run(["patch", "-p1", "-s", "--no-backup-if-mismatch", "-r", "-",
                 "-i", str(BARE / f"{patch}.patch")], self.folder)
        make(self.folder, "WERROR=")    # what is unused now is no fault

    def judge(self, pool, sins=None):
        """Each sin in a boot of its own: whatever it does stays done."""
        gone = [means_of(patch) for patch in self.without]
        sins = sins or all_sins()
        found = self.commit_all(pool, [[sin] for sin in sins])
        for sin in sins:
            means = found[sin.name]
            if means in gone or (means and means not in sin.means):
                raise Wrong(f"{self.name}: X1: {sin.name} was caught by "
                            f"{means}, which is not there")
        return found


def all_sins():
    """The sins of the default build; what it would do with each."""
    report = ktap.read(boot(lacuna.kernel(), "max", "sins.*").log)
    return [Sin(case) for case in report.cases]


def in_lines(sins):
    """Groups of sins whose names fit into one command line."""
    group = []
    for sin in sins:
        if sum(len(other.name) + 1 for other in group) > NAMES_MAX:
            yield group
            group = []
        group.append(sin)
    if group:
        yield group


def run(argv, folder):
    done = lacuna.run(argv, 600, cwd=folder, stderr=subprocess.STDOUT,
                      env=lacuna.clean_environment("O", "DEBUG"))
    if done.status != 0:
        raise Wrong(f"{done.command} failed in {folder}:\n{done.log}")


def make(folder, *variables):
    run(["make", "-s", "-j", str(os.cpu_count()), *variables], folder)


def patches():
    """What each means is, by the name of the patch that takes it away."""
    return {path.stem: path.read_text("ascii").splitlines()[0].split(": ", 1)[1]
            for path in sorted(BARE.glob("*.patch"))}


def means_of(patch):
    """What the kernel calls the means that a patch takes away."""
    return patch.replace("-", " ")


def builds():
    """In folders that other tests use as well."""
    return [
        Bare("bare", "without any means", list(patches())),
        Build("default", "`make`"),
        Build("pentium3", "the same on a CPU without NX, SMEP and SMAP",
              cpu="pentium3"),
        Build("debug", "`make DEBUG=1`", ["DEBUG=1"], "debug"),
        *[Build(name.lower(), f"`make {name}=1`", [f"{name}=1", "WERROR=1"],
                f"variants/{name.lower()}")
          for name in ("UBSAN", "KASAN")],
    ]


# --- without one means at a time ---------------------------------------------

def without(patch, sins, pool):
    """Take one means away, commit what it should have noticed: X3."""
    means = means_of(patch)
    build = Bare(patch, "", sorted({patch, *NETS}))
    build.make()
    mine = [sin for sin in sins if means in sin.means]
    if not mine:
        raise Wrong(f"{means}: X3: no sin names it")
    found = build.judge(pool, mine)
    others = sorted(set(found.values()) - {""})
    unnoticed = sum(not caught for caught in found.values())
    print(f"{means:14} {unnoticed:3} of {len(mine):3} go unnoticed"
          + (f"; others: {', '.join(others)}" if others else ""), flush=True)


def each(pool, names):
    """All patches, or those named; returns how many went wrong."""
    sins, wrong = all_sins(), 0
    for patch in names or patches():
        try:
            without(patch, sins, pool)
        except Wrong as complaint:
            print(complaint, flush=True)
            wrong += 1
    print(f"each of {len(names or patches())} means taken away, "
          f"{wrong} gone wrong")
    return wrong


# --- the page ----------------------------------------------------------------

def result_file(build):
    return lacuna.build_dir() / "test" / f"sins-{build.name}.json"


def keep(build, found):
    """For the table, which needs the columns of all builds."""
    file = result_file(build)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(found), encoding="ascii")


def kept():
    """{build's name: what it found}, of all builds that were judged."""
    return {build.name: json.loads(result_file(build).read_text("ascii"))
            for build in builds() if result_file(build).exists()}


def first_line(group):
    """What a file of sins says it is about."""
    text = (lacuna.ROOT / f"tests/sins/{group}.c").read_text("ascii")
    return re.search(rf" \* {group}\.c - (.*)", text)[1]


def group_of(name):
    return name.split(".")[1]


def group_tables(columns, names):
    """A table for each group: what caught each of its sins in each build."""
    heads = list(columns)
    for group in dict.fromkeys(map(group_of, names)):
        yield f"### {group}: {first_line(group)}\n"
        yield f"| sin | {' | '.join(heads)} |"
        yield "|---" * (len(heads) + 1) + "|"
        for name in (name for name in names if group_of(name) == group):
            cells = [columns[head].get(name) or "-" for head in heads]
            yield f"| {title_of(name)} | {' | '.join(cells)} |"
        yield ""


def nr_caught(found):
    return sum(map(bool, found.values()))


def title_of(name):
    return name.split(".")[2].replace("_", " ")


def table():
    """What stands between the two marks of docs/trust.md."""
    columns = kept()
    names = list(columns["default"])
    nothing = [name for name in names
               if not any(column[name] for column in columns.values())]
    lines = ["| build | what it is | caught |", "|---|---|---|"]
    lines += [f"| {build.name} | {build.title} | "
              f"{nr_caught(columns[build.name])} of {len(names)} |"
              for build in builds() if build.name in columns]
    lines += ["", "Caught by nothing, in any build:", ""]
    lines += [f"- {group_of(name)}: {title_of(name)}" for name in nothing]
    lines += ["", "| means | what it is |", "|---|---|"]
    what = {means_of(patch): text for patch, text in patches().items()}
    lines += [f"| {means} | {text} |"
              for means, text in {**what, **COMPILED}.items()]
    return "\n".join([*lines, "", *group_tables(columns, names)])


def write():
    """The table into docs/trust.md, if every build was judged."""
    if len(kept()) < len(builds()):
        return False
    text = PAGE.read_text("ascii")
    head, rest = text.split(BEGIN)
    tail = rest.split(END)[1]
    PAGE.write_text(f"{head}{BEGIN}\n{table()}{END}{tail}", encoding="ascii")
    return True


def main():
    parser = argparse.ArgumentParser(description="commit every sin")
    parser.add_argument("builds", nargs="*", metavar="BUILD",
                        help=" ".join(build.name for build in builds()))
    parser.add_argument("--each", action="store_true",
                        help="without one means at a time (names: of patches)")
    parser.add_argument("--write", action="store_true",
                        help="write the table in docs/trust.md")
    options = parser.parse_args()
    lacuna.die_cleanly()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        try:
            if options.each:
                return 1 if each(pool, options.builds) else 0
            for build in builds():
                if options.builds and build.name not in options.builds:
                    continue
                build.make()
                found = build.judge(pool)
                keep(build, found)
                print(f"{build.name:9} {nr_caught(found)} of {len(found)} "
                      "sins caught", flush=True)
            if options.write and not write():
                raise Wrong("not every build was judged")
        except Wrong as wrong:
            print(wrong)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
