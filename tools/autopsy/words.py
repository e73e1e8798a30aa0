# SPDX-License-Identifier: MIT
"""words.py - what an address or an exception is, in words

The words are those of kernel/explain.c and kernel/x86/trap.c, as far as the
ELF file alone can tell; what the kernel has made at run time is not known here.

Read first  Words
See         tools/gdb/explain.py, which knows the kernel's structures as well
"""

from autopsy import cpu, intlog
import elf
import locate

VMALLOC_END = 0xFF9FE000
PKMAP_BASE, PKMAP_END = 0xFFA00000, 0xFFC00000
FIXADDR_START, FIXADDR_END = 0xFFE00000, 0xFFFFF000
LOWMEM_END = 0xF8000000             # the direct map ends here, or earlier
SCREEN, LEGACY_END = 0xB8000, 0x100000

EXCEPTIONS = {
    0: ("#DE", "divide error"), 1: ("#DB", "debug exception"),
    2: ("NMI", "non-maskable interrupt"), 3: ("#BP", "breakpoint"),
    4: ("#OF", "overflow"), 5: ("#BR", "bound range exceeded"),
    6: ("#UD", "invalid opcode"), 7: ("#NM", "device not available"),
    8: ("#DF", "double fault"), 10: ("#TS", "invalid TSS"),
    11: ("#NP", "segment not present"), 12: ("#SS", "stack fault"),
    13: ("#GP", "general protection fault"), 14: ("#PF", "page fault"),
    16: ("#MF", "x87 error"), 17: ("#AC", "alignment check"),
    18: ("#MC", "machine check"), 19: ("#XM", "SIMD error"),
}
PF_PRESENT, PF_WRITE, PF_RESERVED, PF_FETCH = 1, 2, 8, 16
ERROR_IDT, ERROR_LDT = 2, 4
WITH_SELECTOR = (10, 11, 12, 13)    # in their error codes

REGIONS = [
    (0, cpu.PAGE_SIZE, "page 0: a NULL pointer"),
    (cpu.PAGE_SIZE, elf.PAGE_OFFSET, "user space, which is empty"),
    (elf.PAGE_OFFSET, LOWMEM_END, "the direct map, outside of the image"),
    (LOWMEM_END, VMALLOC_END, "the vmalloc window, or the hole below it"),
    (PKMAP_BASE, PKMAP_END, "the kmap slots"),
    (FIXADDR_START, FIXADDR_END, "the fixed slots"),
]
PARTS = [("low_start", "low_end", "the kernel's low part"),
         ("text_start", "text_end", "the kernel's text"),
         ("rodata_start", "rodata_end", "the kernel's constants"),
         ("ro_after_init_start", "ro_after_init_end",
          "the kernel's data that is read-only since boot"),
         ("data_start", "kernel_end", "the kernel's data")]


def exception(vector):
    """Its name, in words."""
    if vector in EXCEPTIONS:
        return EXCEPTIONS[vector][1]
    if vector < intlog.FIRST_LINE:
        return "reserved exception"
    return f"device interrupt {vector}"


def exception_title(vector):
    short = EXCEPTIONS.get(vector, ("",))[0]
    return (f"{exception(vector)} ({short}{', ' if short else ''}"
            f"vector {vector})")


def access(event):
    """What a page fault was about to do."""
    if event.error & PF_FETCH or event.registers.eip == event.registers.cr2:
        return "fetching"
    return "writing" if event.error & PF_WRITE else "reading"


def error_code(event):
    """The error code, if it says anything."""
    error = event.error
    if event.vector == intlog.PAGE_FAULT:
        return (f"error {error:x}: the page was "
                + "not " * (not error & PF_PRESENT) + "present"
                + ", a reserved bit was set" * bool(error & PF_RESERVED))
    if error == 0 or event.vector not in WITH_SELECTOR:
        return ""
    table = "LDT" if error & ERROR_LDT else "GDT"
    which = (f"gate {error >> 3} of the IDT" if error & ERROR_IDT
             else f"selector {error & ~7:02x} of the {table}")
    return f"error {error:x}: {which}"


def gdt_selector(event):
    """The selector that the exception complains about, or 0."""
    if event.vector not in WITH_SELECTOR or event.error & (ERROR_IDT |
                                                           ERROR_LDT):
        return 0
    return event.error & ~7


class Words:
    """The same for addresses of one kernel."""

    def __init__(self, image, locator, machine):
        self.image, self.machine = image, machine
        self._locator = locator

    def name(self, address):
        """An address with its symbol."""
        symbol = self.image.name_at(address)
        return f"{address:08x} ({symbol})" if symbol else f"{address:08x}"

    def _linked(self, address, paging):
        """Before paging the high part runs, or is seen, below its address."""
        return address if paging else self.image.linked(address) or address

    def code(self, address, paging=True):
        """Where an instruction stands."""
        linked = self._linked(address, paging)
        symbol = self.image.name_at(linked)
        if symbol and self.image.is_code(linked):
            return symbol + " (below PAGE_OFFSET)" * (linked != address)
        return f"{address:08x}, {self.describe(address, paging)}"

    def caller(self, address):
        """A return address; the call that it belongs to stands before it."""
        symbol = self.image.symbol_at(address - 1)
        return (f"{symbol.name}+{address - symbol.address:#x}" if symbol
                else self.code(address))

    def place(self, address, paging=True):
        """file:line of an instruction, or nothing."""
        linked = self._linked(address, paging)
        return self._locator.place(linked) if self.image.is_code(linked) else ""

    def with_place(self, address, paging=True):
        place = self.place(address, paging)
        return self.code(address, paging) + (f" ({place})" if place else "")

    def stack_of(self, address):
        """(name, lowest address, top) of the stack that holds it, or None.

        The kernel's stacks are variables that begin with a guard page; the
        early one is the page below a label (boot/start.S).
        """
        for symbol in self.image.symbols:
            guard = start = symbol.address
            if symbol.name == "low_stack_top":
                guard = start = symbol.address - cpu.PAGE_SIZE
                end = symbol.address
            elif symbol.name.endswith("_stack") and symbol.kind == elf.OBJECT:
                start += cpu.PAGE_SIZE
                end = symbol.address + symbol.size
            else:
                continue
            if guard <= address <= end:     # an empty stack is at its end
                name = symbol.name.removesuffix("_top").replace("_", " ")
                return name, start, end
        return None

    def stack(self, esp):
        """Where the stack pointer is."""
        found = self.stack_of(esp)
        if not found:
            return f"{esp:08x}, which is on no stack of the kernel"
        name, start, end = found
        if esp < start:
            return f"{esp:08x}, in the guard below the {name}: overflow"
        return f"{esp:08x}, {end - esp} of {end - start} bytes of the {name}"

    def _part(self, address):
        for start, end, what in PARTS:
            first, last = (self.image.address_of(name)
                           for name in (start, end))
            if first is not None and last is not None and \
                    first <= address < last:
                return what
        return ""

    def describe(self, address, paging=True):
        """What lies at an address; one phrase."""
        stack = self.stack_of(address)
        if stack and address < stack[1]:
            return f"the guard below the {stack[0]}"
        if stack:
            return f"the {stack[0]}"
        part = self._part(address)
        if part:
            symbol = self.image.name_at(address)
            return f"{symbol}, in {part}" if symbol else f"in {part}"
        if not paging:
            return self._physical(address)
        linked = self.image.linked(address)
        if linked:
            return (f"the physical address of {self.image.name_at(linked)}, "
                    f"which is seen at {linked:08x}")
        return next((what for start, end, what in REGIONS
                     if start <= address < end), "a hole of the address map")

    def _physical(self, address):
        linked = self.image.linked(address)
        if linked:
            return (f"{self.image.name_at(linked)} where the loader put it; "
                    f"with paging it is at {linked:08x}")
        if SCREEN <= address < SCREEN + 0x8000:
            return "the text screen's memory"
        if address < LEGACY_END:
            return "physical memory below 1 MiB: the firmware's"
        known = self.machine.physical(address, 1) is not None
        return ("physical memory outside of the image" if known else
                "beyond all RAM")

    def event(self, event):
        """What an exception was, where, and on what."""
        registers, name = event.registers, exception(event.vector)
        where = self.with_place(registers.eip, registers.paging)
        if event.vector != intlog.PAGE_FAULT:
            return f"{name} at {where}"
        if registers.cr2 == registers.eip:
            return f"{name} fetching {where}"
        return (f"{name} at {where}, {access(event)} {registers.cr2:08x} "
                f"({self.describe(registers.cr2)})")

    # --- lines --------------------------------------------------------------

    @staticmethod
    def line(text, place):
        """Text at the left, file and line at the right."""
        room = locate.COLUMNS - len(text) - len(place)
        return text + " " * room + place if place and room >= 2 else text

    def caller_lines(self, callers, label):
        for address in callers:
            yield self.line(label + self.caller(address),
                            self.place(address - 1))
            label = " " * len(label)

    def stands(self, registers):
        """One sentence: where the CPU is, and whether it can go on."""
        state = "halted" if registers.halted else "running"
        word = "on" if registers.interrupts else "off"
        return (f"{self.with_place(registers.at, registers.paging)}, {state}, "
                f"interrupts {word}")
