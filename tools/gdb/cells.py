# SPDX-License-Identifier: MIT
"""cells.py - memory as a picture of characters: what the command map prints

Problem     The monitor draws memory as long as the kernel runs. After that, or
            in the middle of a function, GDB must draw the same.
Idea        The same steps as in modules/monitor/map*.c, in the same sequence.
            mem_map may have megabytes and a stub gives a few kilobytes at once:
            only the pieces are read that hold the head of a block.
            tools/picture.py wants more rows than fit on a screen and asks here.
Invariants  MP2 and MP3 of modules/monitor/map_frames.c, MP4 and MP5 of
            map_window.c.
Read first  picture, then Frames
See         modules/monitor/map.c, tests/machine/test_gdb.py
"""

import gdb

import kernel
import lookup
import machine

CELLS, ZONE_ROWS, WINDOW_ROWS, ZOOM_ROWS, LINES = 64, 4, 3, 16, 24
ZOOM_PAGES = 256
FINE_ROWS = 64                  # of a zone in a file
WIDTH = 79                      # of a line with a name in it
LARGE_ORDER = machine.LARGE_SHIFT - machine.PAGE_SHIFT
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
PIECE = 64                      # entries of mem_map that are read at once
PAGE, KIB = kernel.PAGE_SIZE, kernel.PAGE_SIZE >> 10

(LARGE, SMALL, CRUMB, STOCK, PAGES, SLAB, TABLE, VMALLOC, IMAGE, RESERVED,
 ABSENT) = KINDS = ".-:+astvKr_"

LEGEND = [
    "  . free in blocks of 2 MiB or more  - in smaller ones  : in crumbs  "
    "+ in stock",
    "  a alloc_pages  s slab  t page table  v vmalloc  K image  r reserved  "
    "_ no RAM"]


def cells_shift(number, cells):
    """Each of so few cells stands for 2^this of them."""
    shift = 0
    while number > cells << shift:
        shift += 1
    return shift


def row_lines(label, letters, mark=CELLS):
    yield f"  {label:8x} |{letters}|"
    if 0 <= mark < len(letters):
        yield " " * (12 + mark) + "^"


def zoom_rows(number):
    return min(max(-(-number // CELLS), 1), ZOOM_ROWS)


def zoom_start(number, rows):
    return max(number // CELLS * CELLS - (rows - 1) // 2 * CELLS, 0)


# --- the address map --------------------------------------------------------

def region_letter(address, layout):
    for letter, start, end in (
            ("D", kernel.PAGE_OFFSET, layout.high_memory),
            ("W", layout.vmalloc_start, kernel.VMALLOC_END),
            ("S", kernel.SHADOW_START, kernel.SHADOW_END),
            ("K", kernel.PKMAP_BASE, kernel.PKMAP_END),
            ("F", kernel.FIXADDR_START, kernel.FIXADDR_END)):
        if start <= address < end:
            return letter
    return "."


def regions():
    layout = kernel.layout()
    yield ("addresses: a cell is 16 MiB; below it the last 128 MiB, a cell is "
           "2 MiB")
    for cell in (16 << 20, 2 << 20):
        start = (1 << 32) - CELLS * cell
        yield from row_lines(start, "".join(
            region_letter(start + i * cell, layout)
            for i in range(CELLS)))
    shadow = "  S shadow" * kernel.KASAN
    yield (f"  D direct map  W window at {layout.vmalloc_start:08x}  K kmap  "
           f"F fixed slots{shadow}  . hole")


# --- frames -----------------------------------------------------------------

class Frames:
    """mem_map, a piece at a time; whom a frame belongs to."""

    def __init__(self):
        self._array, self.length = kernel.mem_map()
        self._base = int(self._array)
        kind = self._array.type.target()
        self._size = kind.sizeof
        self._pieces = {}
        names = {"FREE", "USED", "STOCK", "SLAB", "RESERVED", "ABSENT", "TAIL"}
        self._state = {field.enumval: field.name.partition("_")[2]
                       for field in gdb.lookup_type("enum page_state").fields()}
        assert names <= set(self._state.values())
        start, end = (kernel.address_of(name) - kernel.PAGE_OFFSET
                      for name in ("kernel_start", "kernel_end"))
        self._image = range(start // PAGE, -(-end // PAGE))
        self._owned = {pfn: TABLE for pfn in self._tables()}
        self._owned.update((pfn, VMALLOC) for pfn in self._of_areas())

    def _entry(self, pfn):
        """(state, order)"""
        piece, index = divmod(pfn, PIECE)
        if piece not in self._pieces:
            number = min(PIECE, self.length - piece * PIECE)
            self._pieces[piece] = bytes(gdb.selected_inferior().read_memory(
                self._base + piece * PIECE * self._size,
                number * self._size))
        at = index * self._size
        state, order = self._pieces[piece][at:at + 2]
        return self._state.get(state, "TAIL"), order

    @staticmethod
    def _tables():
        tables = kernel.variable("kernel_tables")
        for i in range(tables.type.range()[1] + 1):
            if tables[i]:
                yield (int(tables[i]) - kernel.PAGE_OFFSET) // PAGE

    def _of_areas(self):
        for area in kernel.areas():
            if not area.flags & kernel.VM_ALLOC or area.kind == "kept" \
                    or not area.pages:
                continue
            data = bytes(gdb.selected_inferior().read_memory(
                area.pages, 4 * area.nr_pages))
            for i in range(0, len(data), 4):
                offset = int.from_bytes(data[i:i + 4], "little") - self._base
                if 0 <= offset < self.length * self._size:
                    yield offset // self._size

    def _head(self, pfn):
        """(the block's first frame, its state and order)"""
        state, order = self._entry(pfn)
        size = 2
        while state == "TAIL" and size <= 1 << kernel.MAX_ORDER:
            head = pfn // size * size
            of_head, its_order = self._entry(head)
            if (of_head in ("FREE", "USED") and 1 << its_order >= size
                    and its_order <= kernel.MAX_ORDER):
                return head, of_head, its_order
            size *= 2
        return pfn, state, order

    def _kind(self, pfn):
        """(kind, the first frame behind those of the same block)"""
        head, state, order = self._head(pfn)
        number = 1 << order if order <= kernel.MAX_ORDER else 1
        if state == "FREE":
            kind = (LARGE if order >= LARGE_ORDER else
                    SMALL if order else CRUMB)
            return kind, head + number
        if state == "USED":
            return PAGES, head + number
        if state == "RESERVED":
            return IMAGE if pfn in self._image else RESERVED, pfn + 1
        return {"STOCK": STOCK, "SLAB": SLAB,
                "ABSENT": ABSENT}.get(state, PAGES), pfn + 1

    def count(self, first, end, shift):
        """{kind: frames} of each cell of 2^shift frames."""
        cells = [dict.fromkeys(KINDS, 0)
                 for _ in range(-(-(end - first) >> shift))]
        pfn = first
        while pfn < end:
            kind, behind = self._kind(pfn)
            behind = min(behind, end)
            while pfn < behind:
                cell = (pfn - first) >> shift
                border = min(behind, first + (cell + 1 << shift))
                cells[cell][kind] += border - pfn
                pfn = border
        for pfn, kind in self._owned.items():
            if first <= pfn < end and self._kind(pfn)[0] in (PAGES, RESERVED):
                counts = cells[(pfn - first) >> shift]
                counts[self._kind(pfn)[0]] -= 1
                counts[kind] += 1
        return cells

    def rows(self, first, end, shift, mark=-1):
        letters = "".join(map(cell_letter, self.count(first, end, shift)))
        for at in range(0, len(letters), CELLS):
            label = first + (at << shift)
            yield from row_lines(label, letters[at:at + CELLS],
                                 mark - label if mark >= 0 else CELLS)


def cell_letter(counts):
    if 3 * counts[CRUMB] >= sum(counts.values()):
        return CRUMB
    return max(KINDS, key=counts.get)


def zones(frames, zone_rows=ZONE_ROWS, dma_rows=1):
    stocks = kernel.variable("page_stocks")
    for i, zone in enumerate(kernel.zones("map")):
        name = zone["name"].string()
        present = int(zone["nr_present"])
        if not present:
            yield f"{name}: no RAM"
            continue
        start, end = int(zone["start"]), min(int(zone["end"]), frames.length)
        shift = cells_shift(end - start, CELLS * (zone_rows if i
                                                  else dma_rows))
        buddy = zone["buddy"]
        ram, free = (number * 5 // 128 for number in (
            present, int(buddy["nr_free"]) + int(stocks[i]["nr"])))
        order = int(buddy["nonempty"]).bit_length() - 1
        largest = KIB << order if order >= 0 else 0
        yield (f"{name}: {ram // 10}.{ram % 10} MiB, {free // 10}.{free % 10} "
               f"free, largest block {largest} KiB; a cell is "
               f"{KIB << shift} KiB")
        yield from frames.rows(start, end, shift)
    yield from LEGEND


def zoom_frames(pfn, number):
    frames, rows = Frames(), zoom_rows(number)
    first = zoom_start(pfn, rows)
    yield (f"frames around {pfn:x}: a cell is one, 4 KiB; the rows begin with "
           "their numbers")
    yield from frames.rows(first, min(first + rows * CELLS, frames.length), 0,
                           pfn)
    yield from LEGEND


# --- the window -------------------------------------------------------------

def end_of(area):
    return area.start + area.size


def is_live(area):
    return area.live and area.kind != "kept"


def window_letter(pages, guards, kept, size):
    if not pages + guards:
        return "," if kept else "."
    if 2 * (pages + guards) < size:
        return "a"
    return "#" if guards >= pages else "A"


def window(window_rows=WINDOW_ROWS):
    start = kernel.layout().vmalloc_start
    number = (kernel.VMALLOC_END - start) // PAGE
    shift = cells_shift(number, window_rows * CELLS)
    cells = [[0, 0, 0] for _ in range(-(-number >> shift))]
    for area in kernel.areas():
        if not lookup.is_sound(area):
            continue
        first, guard, end = ((address - start) // PAGE for address in (
            area.start, area.guard, end_of(area)))
        for page in range(first, end):
            cells[page >> shift][2 if not is_live(area)
                                 else page >= guard] += 1
    pages, guards, kept = (sum(cell[i] for cell in cells) for i in range(3))
    yield (f"window: pages {pages}, guards {guards}, kept {kept}, free "
           f"{number - pages - guards - kept}; a cell is {KIB << shift} KiB")
    letters = "".join(window_letter(*cell, 1 << shift) for cell in cells)
    for at in range(0, len(letters), CELLS):
        yield from row_lines(start + (at << shift) * PAGE,
                             letters[at:at + CELLS])
    yield ("  . free  a areas  A half full or more  # as many guards as pages"
           "  , kept, busy")


def zoom_window(address, number):
    base = kernel.layout().vmalloc_start
    address -= address % PAGE
    rows = zoom_rows(number)
    start = base + zoom_start((address - base) // PAGE, rows) * PAGE
    end = min(start + rows * CELLS * PAGE, kernel.VMALLOC_END)
    letters = ["."] * ((end - start) // PAGE)
    seen = [area for area in kernel.areas()
            if area.start < end and end_of(area) > start]
    live = [area for area in seen if is_live(area)]
    names = {area.start: LETTERS[i % len(LETTERS)]
             for i, area in enumerate(live)}
    for area in seen:
        for page in range(max(area.start, start),
                          min(end_of(area), end), PAGE):
            letters[(page - start) // PAGE] = (
                "," if not is_live(area) else
                "#" if page >= area.guard else names[area.start])
    yield f"window around {address:08x}: a cell is a page, 4 KiB"
    for at in range(0, len(letters), CELLS):
        yield from row_lines(start + at * PAGE,
                             "".join(letters[at:at + CELLS]),
                             (address - start) // PAGE - at)
    yield "  A to z areas, in this order  # guard  , kept or busy  . hole"
    if live:
        yield from _area_lines(live, names, LINES - rows - 5)


def _area_lines(live, names, room):
    yield "    start     guard         asked   pages  caller"
    for area in live[:room]:
        yield (f"  {names[area.start]} {area.start:08x}  {area.guard:08x}  "
               f"{area.requested:9}  {area.nr_pages:6}  "
               f"{kernel.caller_at(area.caller)}")[:WIDTH]
    if len(live) > room:
        yield f"  and {len(live) - room} more: vmlist"


# --- the command ------------------------------------------------------------

def picture():
    yield from regions()
    yield from zones(Frames())
    yield from window()


def say_fine():
    """The same with more rows than fit on a screen, for tools/picture.py."""
    for part in (regions(), zones(Frames(), FINE_ROWS, FINE_ROWS), window()):
        for line in part:
            gdb.write(line + "\n")


def zoom(value, number):
    layout = kernel.layout()
    if value < kernel.PAGE_OFFSET:
        length = kernel.mem_map()[1]
        if value < length:
            yield from zoom_frames(value, number)
        else:
            yield (f"  frame {value:x} has no struct page; the last is "
                   f"{length - 1:x}")
    elif value < layout.high_memory:
        yield from zoom_frames((value - kernel.PAGE_OFFSET) // PAGE, number)
    elif layout.vmalloc_start <= value < kernel.VMALLOC_END:
        yield from zoom_window(value, number)
    else:
        yield (f"  {value:08x} is neither in the direct map nor in the window; "
               f"try: explain {value:x}")
