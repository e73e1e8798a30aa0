# SPDX-License-Identifier: MIT
# Pure C: no CPU, no kernel; the same files run on the build machine in
# tests/host.
OBJS += kernel/lib/string.o	# bytes and C strings
OBJS += kernel/lib/format.o	# printf: numbers and names into text
OBJS += kernel/lib/parse.o	# text into numbers and sizes
OBJS += kernel/lib/glob.o	# names picked by pattern
OBJS += kernel/lib/random.o	# numbers that repeat from their seed
OBJS += kernel/lib/rbtree.o	# balanced trees
OBJS += kernel/lib/div64.o	# 64-bit division for gcc
OBJS += $(if $(COUNT),kernel/lib/count.o)	# events, counted with COUNT=1

# The loops in string.c must not become calls of the functions they are in.
$(O)/kernel/lib/string.o: CFLAGS_MORE = $(CFLAGS_STRING)
