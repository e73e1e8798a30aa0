# SPDX-License-Identifier: MIT
# lacuna.gdb - how GDB looks at this kernel; `make gdb` reads it
#
# By hand, from the top folder:
#	gdb -nx -x tools/gdb/lacuna.gdb build/debug/lacuna.elf
#	(gdb) target remote :1234
#	(gdb) core-file build/debug/lacuna.core
# .gdbinit is not used: GDB declines to load one that it finds by itself.

# One symbol table serves before paging and after it: linker.ld links the low
# part at its physical address, everything else above PAGE_OFFSET.
set architecture i386

set confirm off
set pagination off
set disassembly-flavor att
set print pretty on

# Memory changes behind GDB's back when the page tables do.
set stack-cache off
set code-cache off

python
import contextlib
import sys
# A core has its registers where Linux puts them. A GDB that is made for another
# system knows how if it knows Linux at all.
with contextlib.suppress(gdb.error):
    gdb.execute("set osabi GNU/Linux")
sys.dont_write_bytecode = True
sys.path.insert(0, "tools/gdb")
import commands
import raw
import tour
end
