# SPDX-License-Identifier: MIT
"""test_monitor.py - somebody types at the monitor

As a person does: with mistakes, arrows and tabs, and also what nobody types on
purpose. What the terminal shows is worked out by Screen, which knows no more
than a terminal must.
"""

import random
import re

import pytest

import elf
import lacuna
import screens

UP, DOWN, RIGHT, LEFT = "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D"
HOME, END, DELETE, TAB = "\x1b[H", "\x1b[F", "\x1b[3~", "\t"
CTRL_C, CTRL_U, BELL = "\x03", "\x15", "\a"
PAGE = "docs/monitor.md"


class Screen:
    """The rows that a terminal of 80 columns has after this text."""

    def __init__(self, text):
        self.rows, self.column, self.bells = [""], 0, text.count(BELL)
        for letter in text.replace("\r", "").replace(BELL, ""):
            if letter == "\n":
                self.rows.append("")
                self.column = 0
            elif letter == "\b":
                self.column -= 1
                assert self.column >= 0
            else:
                assert letter.isprintable() and self.column < 79, text
                row = self.rows[-1].ljust(self.column)
                self.rows[-1] = row[:self.column] + letter + \
                    row[self.column + 1:]
                self.column += 1

    @property
    def last(self):
        return self.rows[-1].rstrip()


@pytest.fixture(name="prompt")
def at_the_prompt(talk):
    """A function: a terminal that has just shown its first prompt."""
    def start(append="monitor exit seed=1", mem="64M"):
        # mon: hands Ctrl-C on; plain stdio would end QEMU.
        terminal = talk(lacuna.machine(mem=mem, append=append,
                                       serial="mon:stdio"))
        terminal.wait_for_prompt()
        return terminal
    return start


def entered(terminal, keys):
    """What the line was that these keys and Return make; and its answer."""
    answer = terminal.ask(keys).rstrip("\n")
    line, _, rest = answer.partition("\n")
    return Screen(line).last, rest


# --- the line ----------------------------------------------------------------

@pytest.mark.quick
def test_a_line_is_corrected(prompt):
    terminal = prompt()
    for keys, line in [
            ("zones", "zones"),
            ("zonse\x7f\x7fes", "zones"),
            ("zonse" + LEFT * 2 + DELETE + RIGHT + "s", "zones"),
            ("ones" + HOME + "z" + END, "zones"),
            ("nonsense" + CTRL_U + "zones", "zones"),
            ("z\x1b[5~o\x1b[1;5Dn\x1bOPe\x1b(B\x1b[[As", "zones"),
            (CTRL_U + "zo" + TAB, "zones"),
            ("help vml" + TAB, "help vmlist"),
            ("elp zones" + HOME + "h", "help zones")]:
        shown, answer = entered(terminal, keys)
        assert shown == line, keys
        assert ("HIGHMEM" if line == "zones" else "meaning") in answer


def test_lines_come_back(prompt):
    terminal = prompt()
    terminal.ask("help pt")
    terminal.ask("help page")
    for keys, line in [(UP, "help page"), (UP * 2, "help pt"),
                       (UP * 3 + DOWN, "help page"),
                       ("help zones" + UP + DOWN, "help zones"),
                       (UP + "\x7f" * 5 + "buddy", "help buddy"),
                       (UP * 30, "help pt")]:
        assert entered(terminal, keys)[0] == line, keys


def test_tab_lists_what_fits(prompt):
    terminal = prompt()
    terminal.type("v" + TAB)
    listed = terminal.wait_for_prompt()
    assert set(listed.split("\n")[1].split()) >= {"vmalloc", "vfree", "vmlist"}
    terminal.type("ml" + TAB + "\r")
    assert "guard" in terminal.wait_for_prompt()
    shown, answer = entered(terminal, "nothing" + TAB)
    assert shown == "nothing" and "is no command" in answer
    assert BELL in terminal.output


def test_a_long_line_rings_and_ends(prompt):
    terminal = prompt()
    answer = terminal.ask("x" * 200)
    line, _, rest = answer.partition("\n")
    screen = Screen("lacuna> " + line)
    assert screen.bells == 200 - 69 and screen.last == "lacuna> " + "x" * 69
    assert "is no command" in rest
    shown, answer = entered(terminal, "y" * 100 + CTRL_U + "zones")
    assert shown == "zones" and "NORMAL" in answer


def test_control_c_drops_a_line(prompt):
    terminal = prompt()
    terminal.type("alloc 3" + LEFT + CTRL_C)
    assert Screen(terminal.wait_for_prompt()).rows[0] == "alloc 3^C"
    terminal.type("exit\r")
    assert terminal.wait() == lacuna.PASS
    assert "Given back: 1 area, 0 blocks" in terminal.output


@pytest.mark.parametrize("seed", range(3))
def test_junk_does_no_harm(prompt, seed):
    """All but QEMU's own key, Ctrl-A, and those that end a line."""
    terminal = prompt()
    numbers = random.Random(seed)
    bytes_ = [byte for byte in range(256) if byte not in b"\x01\r\n"]
    terminal.type_bytes(bytes(numbers.choices(bytes_, k=4000)))
    terminal.type_bytes(b"\x15\r")
    terminal.ask("")
    terminal.type(CTRL_U + "exit\r")
    assert terminal.wait() == lacuna.PASS
    assert "The books balance" in terminal.output


# --- what is said ------------------------------------------------------------

WRONG = [
    ("nosuch", "'nosuch' is no command"),
    ("ZONES", "'ZONES' is no command"),
    ("zones x", "usage: zones, for example: zones"),
    ("pt", "usage: pt ADDR, for example: pt c0100000"),
    ("pt nosuch", "usage: pt ADDR"),
    ("pt 1ffffffff", "usage: pt ADDR"),
    ("pt 1 2", "usage: pt ADDR"),
    ("page", "usage: page ADDR|PFN"),
    ("peek 0 0", "usage: peek ADDR [N]"),
    ("peek c0100000 1K", "usage: peek ADDR [N]"),
    ("peek 10", "BAD READ CAUGHT: at 00000010"),
    ("poke 10", "usage: poke ADDR BYTE"),
    ("poke 10 100", "usage: poke ADDR BYTE"),
    ("poke vmalloc 90", "BAD WRITE CAUGHT"),
    ("vmalloc -1", "usage: vmalloc SIZE"),
    ("vmalloc 10Q", "usage: vmalloc SIZE"),
    ("vmalloc 0", "nothing was given"),
    ("vmalloc 3G", "nothing was given"),
    ("vfree 10", "vfree: bad address 00000010"),
    ("vfree c0100000", "vfree: nonexistent area c0100000"),
    ("alloc x", "usage: alloc ORDER"),
    ("alloc 11", "no block of order 11"),
    ("free 0", "never allocated"),
    ("free ffffff", "has no struct page"),
    ("kmap 0", "frame 0 is not yours"),
    ("kunmap 0", "frame 0 is not yours"),
    ("frag x", "usage: frag [SEED]"),
    ("map live 5", "usage: map [ADDR|PFN [PAGES]]|live"),
    ("log x", "usage: log [N]"),
    ("test", "usage: test GLOB"),
    ("test nosuch.*", "no test matches 'nosuch.*'"),
    ("bench nosuch.*", "no figure, or not each"),
    ("help nosuch", "no command and no group"),
    ("exit now", "usage: exit"),
]


@pytest.mark.quick
def test_wrong_input_of_each_kind(prompt):
    terminal = prompt()
    for command, says in WRONG:
        assert says in terminal.ask(command), command
    terminal.type("exit\r")
    assert terminal.wait() == lacuna.PASS
    assert "The books balance" in terminal.output


# What does not come back to the prompt by itself.
INTERACTIVE = {"exit", "quiz"}


def test_each_example_is_good(prompt):
    terminal = prompt()
    listing = terminal.ask("help")
    names = re.findall(r"  ([a-z_]+)", listing.partition("`help")[0])
    assert len(names) > 20
    for name in set(names) - INTERACTIVE:
        example = re.search(r"example +(.+)", terminal.ask(f"help {name}"))[1]
        answer = terminal.ask(example)
        assert "usage:" not in answer, example
        assert "not ok" not in answer, example
        if name == "frag":
            terminal.ask("frag")


def test_tests_run_at_the_prompt(prompt):
    terminal = prompt(mem="256M")
    terminal.ask("vmalloc 100K")
    terminal.ask("alloc 4")
    answer = terminal.ask("test take.*,slots.*,edit.*,session.*,vmalloc.*")
    assert re.search(r"# totals: pass:\d+ fail:0 ", answer), answer
    assert re.search(r"Given back: 2 areas, 1 block of frames\.\s+KTAP", answer)
    answer = terminal.ask("test planted.failed_expectation")
    assert "not ok 1 planted" in answer
    assert re.search(r"^bench: page.order0.pair \d+ ticks",
                     terminal.ask("bench page.order0.pair"), re.MULTILINE)
    terminal.type("exit\r")
    assert terminal.wait() == lacuna.PASS
    assert "The books balance" in terminal.output


def test_cases_that_come_back_here_leave_the_line_alone(prompt):
    """Those of monitor.* read lines in the middle of this one's work, and show
    prompts of their own."""
    terminal = prompt(mem="256M")
    terminal.type("test monitor.*,list.*\r")
    answer = ""
    while "# totals:" not in answer:
        answer += terminal.wait_for_prompt()
    lines = answer.splitlines()
    assert {"1..2", "ok 1 list", "ok 2 monitor"} <= set(lines)
    assert re.search(r"# totals: pass:\d+ fail:0 skip:0 suites:2\s", answer)
    assert "HIGHMEM" in terminal.ask("zones")


def test_the_live_map_fills_the_screen_and_not_the_log(prompt):
    terminal = prompt()
    terminal.type("map live\rx" + UP + "q")
    shown = terminal.wait_for_prompt()
    assert shown.count("\x1b[H\x1b[J") == shown.count("window: ") == 3
    terminal.type("map live\r" + CTRL_C)
    terminal.wait_for_prompt()
    logged = terminal.ask("log 3").splitlines()[1:4]
    assert logged == ["> map live", "> map live", "> log 3"]


def variable(name):
    return next(f"{symbol.address:x}"
                for symbol in elf.Image(lacuna.kernel()).symbols
                if symbol.name == name)


def test_a_zero_in_the_log_is_passed(prompt):
    terminal = prompt()
    terminal.ask(f"poke {variable('ring')} 0")
    assert "loaded by qemu" in terminal.ask("log 500")


def test_books_that_do_not_balance_are_a_failure(prompt):
    """One area more is counted than there is: the exit status says so."""
    terminal = prompt()
    terminal.ask(f"poke {variable('nr_areas')} 2")
    terminal.type("exit\r")
    assert terminal.wait() == lacuna.FAIL
    assert "THE BOOKS DO NOT BALANCE" in terminal.output


@pytest.mark.quick
def test_fragmented_memory_serves_vmalloc_only(prompt):
    """frag, alloc, vmalloc, map, explain, poke, vfree, exit."""
    terminal = prompt("demo monitor exit seed=1", mem="256M")
    assert "in crumbs: " in terminal.ask("frag")
    refused = terminal.ask("alloc 4")
    assert "no block of order 4 for run_alloc" in refused
    assert re.search(r"NORMAL +\d+ +\d+ +9\d\d  \d+ 0 0 0 ", refused), refused
    given = terminal.ask("vmalloc 64K")
    start, guard = re.search(
        r"in the 16 pages \[([0-9a-f]+), ([0-9a-f]+)\)", given).groups()
    assert f"{guard}  the guard" in given
    assert start in terminal.ask("vmlist")
    assert "vmalloc" in terminal.ask("map")
    inside = f"{int(start, 16) + 0x3004:x}"
    assert f"inside vmalloc area {start}" in terminal.ask(f"explain {inside}")
    report = terminal.ask(f"poke {guard} 41")
    assert "BAD WRITE CAUGHT" in report and "run_vmalloc" in report
    assert f"past the end of vmalloc area {start}" in report
    assert "changed nothing" in report
    assert "given back" in terminal.ask(f"vfree {start}")
    assert not re.search(f"{start} .* vmalloc ", terminal.ask("vmlist"))
    terminal.type("exit\r")
    assert terminal.wait() == lacuna.PASS
    assert "and the crumbs." in terminal.output
    assert re.search(r"The books balance: \d+ free frames, \d+ objects, "
                     r"0 areas, as when you came", terminal.output)


# --- screens.py --------------------------------------------------------------

@pytest.mark.quick
@pytest.mark.parametrize("shown, answered, good", [
    (["p at f8800000, 3"], ["p   at f8804000, 12"], True),
    (["p at f8800000, 3"], ["q at f8800000, 3"], False),
    (["a"], ["a", "b"], False),
    (["a", "..."], ["a", "b", "c"], True),
    (["a", "...", "c"], ["a", "c"], True),
    (["a", "...", "c"], ["a"], False),
    (["a", "...", "c"], ["a", "b"], False),
])
def test_screens_compares_words(shown, answered, good):
    assert (screens.pairs(shown, answered) is not None) == good


# --- the page ----------------------------------------------------------------

def test_the_page_shows_what_the_kernel_says(detail):
    wrong, shown = screens.compare(PAGE)
    assert not wrong, "\n".join(wrong) + \
        f"\nmake the screens anew: python3 tools/screens.py --write {PAGE}"
    detail(f"{shown} answers")


def test_the_page_has_every_command(prompt):
    text = (lacuna.ROOT / PAGE).read_text("ascii")
    listing = prompt().ask("help").partition("`help")[0]
    names = set(re.findall(r"  ([a-z_]+)", listing))
    typed = set(re.findall(r"^lacuna> (\w+)", text, re.MULTILINE))
    linked = set(re.findall(r"^\| `(\w+)[ `].*\]\(", text, re.MULTILINE))
    assert names - typed - linked == set()
