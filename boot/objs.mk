# SPDX-License-Identifier: MIT
# boot/ - from the loader to kmain, in the order in which it runs
OBJS += boot/start.o		# the multiboot header, _start, paging on, the jump up
LOW_OBJS += boot/low_main.o	# may this kernel run here? the first page tables
LOW_OBJS += boot/low_print.o	# one line to COM1 and the VGA screen
LOW_OBJS += boot/low_trap.o	# exceptions before the kernel has an IDT
LOW_OBJS += boot/low_power.o	# leaving the machine that early
OBJS += boot/high.o		# above PAGE_OFFSET: exceptions explained, kmain
OBJS += boot/multiboot1.o	# what a Multiboot 1 loader says, checked and copied
OBJS += boot/multiboot2.o	# the same for Multiboot 2
OBJS += boot/loader.o		# how both read it, and keep only what can be true
