# SPDX-License-Identifier: MIT
# toolchain.mk - which compiler, linker and nm, and the flags they are given
#
# Problem     Every reader has another compiler: Debian's cross gcc, an
#             i686-elf-gcc, the gcc of a 64-bit PC, clang. Each brings its own
#             linker and knows flags that another one refuses.
# Idea        One question, asked of the compiler itself: are you gcc or clang?
#             What depends on the answer is named by it, NAME_gcc and NAME_clang
#             side by side, and is found in this file only.
# Picture     said to make              CC          LD         NM
#             CROSS_COMPILE=i686-elf-   i686-elf-gcc, i686-elf-ld, i686-elf-nm
#             CROSS_COMPILE=            gcc         ld         nm
#             CC='gcc -m32'             gcc -m32    ld         nm
#             CC=clang                  clang       ld.lld     llvm-nm, or nm
#             nothing                   as with the first of i686-linux-gnu- and
#                                       i686-elf- whose gcc is there
# Invariants  T1  No header and no library of the host is used, so a gcc for 64
#                 bits needs no multilib, and no libgcc is linked.
# Failure     A tool that is not there: tools/setup says so, by name.
# See         tests/machine/test_toolchains.py, tools/i686-elf

have	= $(shell command -v $(1) 2>/dev/null)

ifeq ($(origin CC),default)
ifeq ($(origin CROSS_COMPILE),undefined)
CROSS_COMPILE := $(if $(call have,i686-linux-gnu-gcc),i686-linux-gnu-,$(if \
		   $(call have,i686-elf-gcc),i686-elf-,i686-linux-gnu-))
endif
CC	:= $(CROSS_COMPILE)gcc
endif

# A Mac's gcc is a clang: the name alone does not tell.
KIND	:= $(if $(findstring clang,$(CC) $(shell $(CC) --version \
	     2>/dev/null)),clang,gcc)

# The prefix of its tools: what a gcc has before its name; LLVM's is llvm-.
PREFIX_gcc	= $(patsubst %gcc,%,$(filter %gcc,$(CC)))
PREFIX_clang	= $(if $(call have,llvm-nm),llvm-)
ifeq ($(origin CROSS_COMPILE),undefined)
CROSS_COMPILE	:= $(PREFIX_$(KIND))
endif
LD_gcc	= $(CROSS_COMPILE)ld
LD_clang = $(or $(shell $(CC) -print-prog-name=ld.lld 2>/dev/null),ld.lld)
LD	:= $(LD_$(KIND))
NM	:= $(CROSS_COMPILE)nm

# Code for a 32-bit PC, its stack aligned to 4 bytes. What is put into a section
# (self-tests, exports) stays in the order of the source; clang always keeps it.
TARGET_gcc	:= -m32 -mpreferred-stack-boundary=2 -fno-toplevel-reorder
TARGET_clang	:= --target=i686-elf -mstack-alignment=4
TARGET	:= $(TARGET_$(KIND))

# clang 14 hands what a sanitizer calls its arguments on the stack, whatever
# -mregparm says.
ifeq ($(KIND) $(if $(KASAN)$(UBSAN),checked),clang checked)
$(error KASAN=1 and UBSAN=1 need gcc: clang calls their functions otherwise)
endif

# Loops in memcpy and memset stay loops, not calls of themselves. clang asks
# -ffreestanding whether there is a memset to call.
STRING_gcc	:= -fno-tree-loop-distribute-patterns
CFLAGS_STRING	:= $(STRING_$(KIND))

# A word between the arrays of a function and its return address is watched
# (kernel/canary.c). gcc would look for it behind %gs, where we have none.
PROTECT_gcc	:= -fstack-protector-strong -mstack-protector-guard=global
PROTECT_clang	:= -fstack-protector-strong
PROTECT		:= $(PROTECT_$(KIND))

# A function that needs more than a page of stack touches each of its pages on
# the way down: it cannot step over the guard below the stack.
CLASH_gcc	:= -fstack-clash-protection
CLASH		:= $(CLASH_$(KIND))

# Debug information names files as seen from here, so that it is the same in
# whatever folder they lie. clang's DWARF 5 would put ./ before each.
DEBUG_gcc	:= -g -ffile-prefix-map=$(CURDIR)=.
DEBUG_clang	:= -gdwarf-4 -ffile-compilation-dir=.
DEBUG_INFO	:= $(DEBUG_$(KIND))
