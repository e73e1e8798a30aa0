# SPDX-License-Identifier: MIT
"""death.py - the chain of exceptions that ended in a triple fault

Problem     The log names every exception of the run, in order. Which of them
            belong to the death, and what made each of them fail?
Idea        Backwards from the end. What was raised while the one before was
            being delivered belongs to it; so does one in whose handler this
            happened: its frame still lies on the stack, or, behind a task gate,
            another task is running. The chain ends at the first that neither
            holds for.
Picture     page fault, delivered, its handler runs ----- handler ---+
              page fault in the handler, not delivered -- delivery --+
                double fault, not delivered ------------- delivery --+
                  shutdown
Read first  Death.__init__, then sentence
See         tools/autopsy/intlog.py, tools/autopsy/deliver.py
"""

import dataclasses

from autopsy import deliver, intlog, words

FRAME = 12                      # bytes: eip, cs, eflags
RESUME_FLAG = 1 << 16           # the CPU may set it in the frame it pushes
SHOWN_BEFORE = 3
SHOWN_AT_AN_END = 4             # of a long chain


@dataclasses.dataclass
class Step:
    """One exception of the chain, and how it led to the next."""
    run: intlog.Run
    follows: bool               # raised while the one before was delivered?
    obstacle: str = ""          # why it was not delivered; "": it was
    raised: int = None          # what the CPU raised instead

    @property
    def event(self):
        return self.run.first

    @property
    def depth(self):
        """How many of the run lie in each other's handlers."""
        run = self.run
        used = run.first.registers.esp - run.last.registers.esp
        return run.count if used >= FRAME * (run.count - 1) else 1


class Death:
    """How the machine came to its triple fault."""

    def __init__(self, log, teller):
        self._log, self._words = log, teller
        self._machine = teller.machine
        runs = list(log.runs)
        self.steps = [self._last_step(runs.pop())]
        while runs:
            step = self._step_before(runs[-1], self.steps[0])
            if not step:
                break
            self.steps.insert(0, step)
            runs.pop()
        self._before = runs

    # --- which exceptions belong to it --------------------------------------

    def _obstacle(self, event, raised):
        delivery = deliver.Delivery(self._words, event.registers)
        return delivery.obstacle(event.vector, raised)

    def _reason(self, event, raised):
        found = self._obstacle(event, raised)
        return found.text if found else "the CPU does not say why"

    def _last_step(self, run):
        raised = self._log.triple
        return Step(run, False, self._reason(run.last, raised), raised)

    def _step_before(self, run, step):
        """The step that this run is, if it belongs to the one after it."""
        if self._in_delivery(run.last, step.event):
            step.follows = True
            raised = step.event.raised
            return Step(run, False, self._reason(run.last, raised), raised)
        return Step(run, False) if self._in_handler(run.last, step.event) \
            else None

    def _in_delivery(self, event, following):
        """Was the second raised by the attempt to deliver the first?"""
        if not following.is_exception or not event.same_moment(following):
            return False
        if following.old != intlog.NOTHING:
            return True
        # Not known: the first is an interrupt, or an exception that the CPU
        # does not keep in mind. Then the reason must fit.
        found = self._obstacle(event, following.vector)
        return bool(found) and \
            found.address in (None, following.registers.cr2)

    def _in_handler(self, event, following):
        """Has the first one's handler not returned yet?"""
        one, two = event.registers, following.registers
        if event.vector == intlog.DOUBLE_FAULT and \
                one.tr.selector != two.tr.selector:
            return True
        frame = self._machine.words(one, one.esp - FRAME, FRAME // 4)
        return bool(frame) and two.esp <= one.esp - FRAME and \
            frame[:2] == [one.general[-1], one.cs.selector] and \
            frame[2] | RESUME_FLAG == one.eflags | RESUME_FLAG

    # --- in words -----------------------------------------------------------

    @property
    def cause(self):
        """The exception that the rest followed from."""
        return self.steps[0].event

    @property
    def where(self):
        """Addresses at which a breakpoint is of use, the best one first."""
        registers = self.cause.registers
        return [registers.eip, *(address - 1 for address in
                                 self._machine.callers(registers))]

    @property
    def paging(self):
        return self.cause.registers.paging

    def _parts(self, number, step):
        """What the sentence says of one step."""
        vector = step.event.vector
        if not step.follows:
            yield "in its handler, " * (number > 0) + \
                self._words.event(step.event)
        elif vector != self.steps[number - 1].raised:
            yield words.exception(vector)
        if step.depth > 1:
            yield ("the same in its own handler, and so on, "
                   f"{step.depth} times in all")
        if step.raised is not None:
            yield (f"while delivering it, {words.exception(step.raised)}: "
                   f"{step.obstacle}")

    def _shown(self):
        """(number, step) of the steps to show, or (None, how many not)."""
        numbered = list(enumerate(self.steps))
        skipped = len(numbered) - 2 * SHOWN_AT_AN_END
        if skipped <= 0:
            return numbered
        return [*numbered[:SHOWN_AT_AN_END], (None, skipped),
                *numbered[-SHOWN_AT_AN_END:]]

    def sentence(self):
        """The whole story."""
        parts = []
        for number, step in self._shown():
            parts += [f"{step} more"] if number is None else \
                self._parts(number, step)
        text = "; ".join([*parts, "so the CPU shut down: triple fault."])
        registers = self.cause.registers
        tables = self._machine.tables_complaint(registers, registers.cr3)
        return text[0].upper() + text[1:] + f" {tables}." * bool(tables)

    def lines(self):
        """One by one, with what the CPU knew."""
        yield "Exceptions of the dying chain, oldest first:"
        for number, step in self._shown():
            if number is None:
                yield f"     ... {step} more"
            else:
                yield from self._step_lines(number, step)
        yield from self._before_lines()

    def _step_lines(self, number, step):
        event = step.event
        error = words.error_code(event)
        yield (f"  {number + 1}  {words.exception_title(event.vector)}"
               + (f", {error}" if error else ""))
        if not step.follows:
            yield from self._place_lines(event)
        if number == 0:
            yield from self._words.caller_lines(
                self._machine.callers(event.registers), "     by   ")
        if step.depth > 1:
            yield f"     and {step.depth - 1} more, each in its own handler"
        if step.raised is not None:
            yield f"     not delivered: {step.obstacle}"

    def _place_lines(self, event):
        registers = event.registers
        yield self._words.line(
            f"     at   {self._words.code(registers.eip, registers.paging)}",
            self._words.place(registers.eip, registers.paging))
        selector, gdt = words.gdt_selector(event), registers.gdt
        entry = self._machine.words(registers, gdt.base + selector, 2)
        if selector and entry:
            yield (f"     gdt  selector {selector:02x} is "
                   f"{entry[1]:08x}{entry[0]:08x}; the limit is {gdt.limit:x}")
        if event.vector == intlog.PAGE_FAULT:
            yield (f"     cr2  {registers.cr2:08x}: "
                   + self._words.describe(registers.cr2))
            yield f"     why  {self._machine.walk(registers, registers.cr2)}"
        yield (f"     eip  {registers.eip:08x}, cpl {registers.cpl}; "
               f"esp {self._words.stack(registers.esp)}")

    def _before_lines(self):
        if not self._before:
            return
        in_chain = sum(step.run.count for step in self.steps)
        yield (f"Before them: {self._log.nr_exceptions - in_chain} "
               f"exceptions, {self._log.nr_interrupts} interrupts; the last:")
        for run in self._before[-SHOWN_BEFORE:]:
            times = f", {run.count} times" if run.count > 1 else ""
            yield f"     {self._words.event(run.last)}{times}"
