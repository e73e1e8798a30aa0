#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""timelapse.py - what `make timelapse` does: a run recorded, checked, played

    tools/timelapse.py [build/lacuna.elf]       MEM, CPU, APPEND, QEMU

Problem     What a memory manager did is gone when one looks. Steps of a
            debugger show one at a time, and reports show where it ended.
Idea        Boot with trace=* and COM2 in a file. In the end the monitor is
            asked for its own sums; the trace is played on a model and must come
            to the same (tools/replay.py). Only then a page and a file for other
            viewers are made of it.
Picture     QEMU - COM1 - build/timelapse.log ------.
                 - COM2 - build/trace.jsonl - replay --+-- timelapse.html
                                                       '-- trace.json
Failure     A run that does not end by itself, or a trace that cannot be: a
            sentence, status 1, and nothing is drawn. A run that ends with a
            failure is drawn as far as it came; then the same.
See         tools/timelapse_page.py, tools/chrome_trace.py, docs/trace.md
"""

import json
import os
import sys

import chrome_trace
import lacuna
import replay
import timelapse_page

TIME_LIMIT = 300
PROMPT = b"lacuna> "
QUESTIONS = ("zones", "buddy", "vmlist", "exit")
SMALL = "demo highmem=16M"          # with MEM=48M: three zones of 16 MiB


def command_line(append):
    """What is asked for, with a trace of everything and the monitor's sums."""
    words = (append or SMALL).split()
    given = {word.split("=")[0] for word in words}
    words += ["trace=*"] if "trace" not in given else []
    words += ["seed=1"] if "seed" not in given else []
    return " ".join([*(word for word in words
                       if word not in ("monitor", "exit")), "monitor", "exit"])


def record(elf, trace, append, timeout=TIME_LIMIT, **machine):
    """One run, its events in the file trace; returns (status, what the console
    said)."""
    questions, log, read = list(QUESTIONS), b"", 0
    keys, typed = os.pipe()
    argv = lacuna.machine(elf, append=append, extra=["-serial",
                                                     f"file:{trace}"],
                          **machine)
    with lacuna.Process(argv, timeout, keys) as process:
        os.close(keys)
        for chunk in process.chunks():
            log += chunk
            while questions and PROMPT in log[read:]:
                read = log.index(PROMPT, read) + len(PROMPT)
                os.write(typed, questions.pop(0).encode("ascii") + b"\r")
        os.close(typed)
        text = log.decode("ascii", "replace").replace("\r", "")
        return process.status, text + process.errors


def main():
    elf = sys.argv[1] if len(sys.argv) > 1 else lacuna.kernel()
    folder = lacuna.build_dir()
    trace, log = folder / "trace.jsonl", folder / "timelapse.log"
    append = command_line(os.environ.get("APPEND", ""))
    missing = lacuna.find_command(lacuna.qemu())
    if missing:
        sys.exit(f"timelapse: {missing}")
    lacuna.die_cleanly()
    trace.unlink(missing_ok=True)       # that of another run is not this one's
    status, text = record(elf, trace, append, **lacuna.chosen())
    log.write_text(text, encoding="ascii", errors="replace")
    ended = f"the run ended with status {status}"
    read_on = f"\n  the log: {lacuna.shown(log)}"
    if status not in (lacuna.PASS, lacuna.FAIL) or not trace.exists():
        sys.exit(f"timelapse: {ended}, so nothing is drawn{read_on}")
    try:
        memory, sentence = replay.check(trace, text)
    except replay.Broken as broken:
        sys.exit(f"timelapse: {broken}; {ended}{read_on}")
    print(f"timelapse: {sentence}")
    page, chrome = folder / "timelapse.html", folder / "trace.json"
    made = timelapse_page.Page(replay.read(trace))
    page.write_text(made.text(f"Lacuna: {append}"), encoding="ascii",
                    errors="xmlcharrefreplace")
    with open(chrome, "w", encoding="ascii") as file:
        json.dump(chrome_trace.export(replay.read(trace)), file)
    if made.nr_events > len(made.events):
        print(f"  the page has {made.extent()}; the other files have all")
    for path, what in ((page, "open it in a browser"),
                       (chrome, "for ui.perfetto.dev and speedscope"),
                       (trace, "the events, a line each"),
                       (log, "what the console said")):
        print(f"  {lacuna.shown(path):24} {what}")
    if status != lacuna.PASS:
        sys.exit(f"timelapse: {ended}; {len(memory.open)} scenes were open")


if __name__ == "__main__":
    main()
