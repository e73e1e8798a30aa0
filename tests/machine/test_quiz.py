# SPDX-License-Identifier: MIT
"""test_quiz.py - somebody plays the quiz, and loses nothing but points"""

import re

import pytest

import lacuna

PAGE = lacuna.ROOT / "docs" / "quiz.md"
SCORE = re.compile(r"^(\d+) of (\d+) right\.$", re.MULTILINE)
SEEN = re.compile(r"^    (RIGHT|WRONG)  ", re.MULTILINE)
PROMPTS = ["answer> ", "lacuna> "]


def play(person, seed, answer, end="\n"):
    """A game; answer(what was printed so far) is typed. Returns all of it."""
    child = person._child               # it speaks with more than one prompt
    child.delaybeforesend = None        # nobody else types
    child.send(f"quiz {seed}{end}")
    text = ""
    while child.expect_exact(PROMPTS) == 0:
        text += child.before.replace("\r", "") + PROMPTS[0]
        child.send(answer(text) + end)
    return text + child.before.replace("\r", "")


@pytest.fixture
def seat(talk):
    """A machine with a prompt; the same one each time."""
    def sit(**options):
        person = talk(lacuna.machine(append="monitor exit", **options))
        person.wait_for_prompt()
        return person
    return sit


def guess(text):
    """With a slip of the finger; then what fits: a letter, or a number."""
    question = text[text.rfind("\n["):]
    if question.count(PROMPTS[0]) == 1:
        return "perhaps"
    return "b" if "    a) " in question else "1"


@pytest.mark.quick
def test_a_seed_asks_the_same_on_each_day(seat, detail):
    games = [play(seat(), 7, guess) for _ in range(2)]
    assert games[0] == games[1]
    right, asked = map(int, SCORE.search(games[0]).groups())
    assert asked == 11 == games[0].count("or q to leave.")
    verdicts = SEEN.findall(games[0])
    assert len(verdicts) == 11 and verdicts.count("RIGHT") == right
    assert "NEXT LINE IS WRONG" not in games[0]
    detail(f"{right} of {asked} right, twice")


def test_answers_are_typed_as_at_the_prompt(seat):
    """Arrows, a second try, and a line end of two bytes, also of the command's
    own line; then Ctrl-C leaves."""
    person = seat(serial="mon:stdio")
    typed = iter(["bz\x7f", "x\x1b[D\x1b[3~b", "\x03"])
    text = play(person, 3, lambda _: next(typed), "\r\n")
    assert "or q to leave." not in text.partition("\n")[2]
    assert text.endswith("\n1 of 2 right.\n")
    person.type("exit\r")
    assert person.wait() == lacuna.PASS


def test_many_games_leave_memory_as_it_was(seat):
    person = seat()
    play(person, 1, guess)
    before = [person.ask(question) for question in ("zones", "vmlist")]
    for seed in range(2, 6):
        text = play(person, seed, guess)
        for line in text.splitlines():
            ours = line.startswith(("[", "    why ", "    read ", "    RIGHT",
                                    "    WRONG"))
            assert not ours or len(line) <= 80, line
        for name in re.findall(r"^    read   (\S+)$", text, re.MULTILINE):
            assert (lacuna.ROOT / name).is_file(), name
    assert [person.ask(question) for question in ("zones", "vmlist")] == before
    person.type("exit\r")
    assert person.wait() == lacuna.PASS


@pytest.mark.quick
def test_rules_hold_where_zones_are_small(boot):
    """Of 2 MiB of NORMAL a request often has to go to DMA."""
    run = boot(mem="64M", append="mem=18M test=quiz.* seed=1 exit")
    assert run.problems() == []


def shape(text):
    """Lines without their numbers."""
    return "\n".join(re.sub(r"\b(0x)?[0-9a-f]*\d[0-9a-f]*\b", "#",
                            line.rstrip()) for line in text.splitlines())


@pytest.mark.quick
def test_the_session_of_the_page_is_what_one_sees(seat):
    """What docs/quiz.md has one type is typed here. Numbers may be others; ...
    stands for what is left out."""
    session = re.search(r"^lacuna> quiz (\d+)\n(.*?)^```",
                        PAGE.read_text("ascii"),
                        re.MULTILINE | re.DOTALL)
    typed = iter(re.findall(r"^answer> (\S+)$", session[2], re.MULTILINE))
    played = play(seat(mem="2G"), session[1], lambda _: next(typed))
    parts = [shape(part.strip("\n")) for part in session[2].split("...\n")]
    wanted = ".*".join(map(re.escape, parts))
    assert re.fullmatch(wanted, shape(played.partition("\n")[2]).strip(),
                        re.DOTALL), played
