# SPDX-License-Identifier: MIT
OBJS += kernel/printk.o		# the log and its consoles
OBJS += kernel/panic.o		# last words
OBJS += kernel/cmdline.o	# the options typed at boot
OBJS += kernel/symbols.o	# addresses to names, names to addresses
OBJS += kernel/main.o		# kmain: what works from where on
OBJS += kernel/oops.o		# an exception: the report, and what then
OBJS += kernel/caught.o		# who did it, and what happens then: all reports
OBJS += kernel/canary.o		# a local array written past its end
OBJS += kernel/explain.o	# what lies at an address, in words
OBJS += $(if $(KASAN),kernel/kasan.o)	# KASAN=1: what the compiler calls
OBJS += $(if $(KASAN),kernel/kasan_variable.o)	# ... globals, frames on stacks
OBJS += $(if $(KASAN),kernel/kasan_report.o)	# ... what is said then
OBJS += $(if $(UBSAN),kernel/ubsan.o)	# UBSAN=1: what C does not define
