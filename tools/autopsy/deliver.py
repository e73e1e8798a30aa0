# SPDX-License-Identifier: MIT
"""deliver.py - why the CPU could not deliver an exception

Problem     A triple fault is the end of a chain: each exception could not be
            delivered, and the log says only that. The reason lies in memory.
Idea        Do what the CPU does: take the gate from the IDT, the segment from
            the GDT, push a frame; and say at which step there is nothing, or
            the wrong thing. A vector with a task gate, as the double fault has
            it, needs a task segment instead of a stack.
Picture     IDTR -> gate -> selector -> GDTR -> code segment -> push to esp
                                             -> task segment -> its cr3
Read first  Delivery.obstacle
See         Intel SDM vol. 3, 6.11 to 6.15, 7.3
"""

import dataclasses

from autopsy import cpu

INVALID_TSS, NOT_PRESENT, STACK, GENERAL, PAGE = 10, 11, 12, 13, 14
WITH_ERROR = (8, 10, 11, 12, 13, 14, 17, 21)

FIRMWARE_IDT = (0, 0x3FF)                   # base and limit in real mode
TASK_GATE, GATES = 5, (5, 6, 7, 14, 15)
GATE_PRESENT = SEGMENT_PRESENT = 1 << 15
SEGMENT_CODE = 3 << 11                      # no system segment, and code
TSS_SIZE, TSS_CR3, TSS_CS = 104, 28, 76     # offsets
TSS_FREE, TSS_BUSY = 9, 11


@dataclasses.dataclass(eq=False)
class Obstacle(Exception):
    vector: int                     # what the CPU raises there
    text: str
    address: int = None             # of a page fault


class Delivery:
    """Deliveries with the registers and the memory of one moment."""

    def __init__(self, teller, registers):
        self._machine, self._registers = teller.machine, registers
        self._name, self._describe = teller.name, teller.describe
        self._raised = None

    def obstacle(self, vector, raised):
        """What made the CPU raise something instead, or None."""
        self._raised = raised
        try:
            self._deliver(vector)
        except Obstacle as found:
            return found if found.vector == raised else None
        return None

    def _deliver(self, vector):
        low, high = self._gate(vector)
        if high >> 8 & 31 == TASK_GATE:
            self._task(low >> 16)
        else:
            self._code_segment(low >> 16)
            self._push(16 if vector in WITH_ERROR else 12)

    def _fetch(self, address, size, what):
        """The words of a table. Without memory behind a page all are 0."""
        words = self._machine.words(self._registers, address, size // 4)
        if words:
            return words
        if self._machine.walk(self._registers, address).physical is None:
            raise Obstacle(PAGE, f"{what} is not mapped", address)
        return [0] * (size // 4)

    def _gate(self, vector):
        idt = self._registers.idt
        if 8 * vector + 7 > idt.limit:
            raise Obstacle(GENERAL, f"the IDT has no gate {vector}: its limit "
                           f"is {idt.limit:x}")
        at = idt.base + 8 * vector & cpu.MASK
        where = ("which is still the firmware's" if
                 (idt.base, idt.limit) == FIRMWARE_IDT else
                 f"at {self._name(at)}")
        gate = f"gate {vector} of the IDT, {where},"
        low, high = self._fetch(at, 8, gate)
        if high >> 8 & 31 not in GATES:
            raise Obstacle(GENERAL, f"{gate} is no gate: {high:08x}{low:08x}")
        if not high & GATE_PRESENT:
            raise Obstacle(NOT_PRESENT, f"{gate} is marked as not present")
        return low, high

    def _descriptor(self, selector):
        gdt, index = self._registers.gdt, selector & ~7
        if index == 0:
            raise Obstacle(GENERAL, "its gate names selector 0, which stands "
                           "for no segment")
        if index + 7 > gdt.limit:
            raise Obstacle(GENERAL, f"the GDT has no selector {selector:02x}: "
                           f"its limit is {gdt.limit:x}")
        at = gdt.base + index & cpu.MASK
        return self._fetch(at, 8, f"selector {selector:02x} of the GDT, at "
                           f"{self._name(at)},")

    def _code_segment(self, selector):
        low, high = self._descriptor(selector)
        if high & SEGMENT_CODE != SEGMENT_CODE:
            raise Obstacle(GENERAL, f"selector {selector:02x} of the GDT is no "
                           f"code segment: {high:08x}{low:08x}")
        if not high & SEGMENT_PRESENT:
            raise Obstacle(NOT_PRESENT, f"selector {selector:02x} of the GDT "
                           "is marked as not present")

    def _push(self, size):
        """In the order of the pushes, which go down. From user mode the stack
        is another one; the kernel has no user mode yet."""
        for at in range(4, size + 1, 4):
            address = self._registers.esp - at & cpu.MASK
            walk = self._machine.walk(self._registers, address)
            if walk.physical is None or not walk.writable:
                how = "read only" if walk.physical is not None else "not mapped"
                raise Obstacle(PAGE, "its frame cannot be pushed to "
                               f"{address:08x}, {self._describe(address)}: "
                               f"{how}", address)

    def _task(self, selector):
        low, high = self._descriptor(selector)
        kind = high >> 8 & 31
        # The attempt marks a task as busy, and may then fail in another way.
        if kind == TSS_BUSY and self._raised == GENERAL:
            raise Obstacle(GENERAL, "its task is the one that is running")
        if kind not in (TSS_FREE, TSS_BUSY):
            raise Obstacle(GENERAL, f"selector {selector:02x} of the GDT is no "
                           f"task segment: {high:08x}{low:08x}")
        if not high & SEGMENT_PRESENT:
            raise Obstacle(NOT_PRESENT, f"task segment {selector:02x} of the "
                           "GDT is marked as not present")
        base = high & 0xFF000000 | (high & 0xFF) << 16 | low >> 16
        old = self._registers.tr.base
        self._fetch(old, TSS_SIZE, "the running task's task segment, at "
                    f"{self._name(old)},")
        words = self._fetch(base, TSS_SIZE, "its task segment, at "
                            f"{self._name(base)},")
        tables = self._machine.tables_complaint(self._registers,
                                                words[TSS_CR3 // 4])
        if tables:
            raise Obstacle(PAGE, f"its task segment, at {self._name(base)}, "
                           f"has a bad CR3: {tables}")
        self._task_code(words[TSS_CS // 4] & 0xFFFF)

    def _task_code(self, selector):
        try:
            self._code_segment(selector)
        except Obstacle as found:
            vector = INVALID_TSS if found.vector == GENERAL else found.vector
            raise Obstacle(vector, f"for its task, {found.text}") from found
