# SPDX-License-Identifier: MIT
# static.mk - what is found by reading the source: make static, stack, rodata
#
# Problem     A test sees what happens. A leak on a path that nobody took, a
#             physical address in 32 bits, a lock that one return forgets, it
#             does not see.
# Idea        Four tools read each C file of the kernel and of its self-tests.
#             Each leaves a stamp, so that only what changed is read again. A
#             fifth adds up stacks, a sixth looks where constants lie, a seventh
#             looks up what the book names.
# Picture     mm/slab.c --> build/static/mm/slab.sparse    types, address spaces,
#                                                          locks
#                                       .analyzer  gcc: leaks, NULL, use after
#                                       .cppcheck  free, on each path
#                                       .tidy      clang: the same, and habits
#                                       .ci        stack and calls
# Invariants  A1  No finding. What is silenced says why: tools/suppressions.py
#                 lists it.
# See         <lib/compiler.h>, <lib/phys.h>, .clang-tidy, tools/cppcheck.txt,
#             tests/machine/test_static.py

STATIC	:= $(O)/static
READERS	:= sparse analyzer cppcheck tidy
CHECKED	:= $(wildcard $(patsubst %.o,%.c,$(OBJS) $(LOW_OBJS) $(TEST_OBJS)))

# All read the same language. STATIC_ANALYSIS: %fs is unknown (<x86/percpu.h>).
READ_FLAGS := -march=i686 -std=gnu11 -O2 -ffreestanding \
	   -fno-strict-aliasing -fno-delete-null-pointer-checks \
	   -Iinclude -I$(O)/include -DSTATIC_ANALYSIS

# Bodies and contracts of an allocator together would count each object twice,
# and tests and the quiz free wrongly on purpose: no -DSTATIC_OWNERSHIP
# (__freed_by) for them.
ALLOCATORS := mm/kmalloc.c mm/highmem.c modules/quiz/window.c tests/%

ANALYZER := $(if $(filter gcc,$(KIND)),$(CC),i686-linux-gnu-gcc)
SPARSE_HEADERS = $(shell $(ANALYZER) -print-file-name=include)

READ_sparse = sparse $(READ_FLAGS) -m32 -nostdinc \
	   -isystem $(SPARSE_HEADERS) -D__STDC_HOSTED__=0 -D__float128=double \
	   -Wall -Wcast-to-as -Wcast-from-as -Wsparse-error $(1)
READ_analyzer = $(ANALYZER) $(READ_FLAGS) -m32 -mregparm=3 -fno-pic \
	   -mgeneral-regs-only -fanalyzer -Werror \
	   $(if $(filter-out $(ALLOCATORS),$(1)),-DSTATIC_OWNERSHIP) \
	   -MMD -MP $(patsubst %,-MT '$(STATIC)/$(1:.c=).%',$(READERS) ci) \
	   -MF $(STATIC)/$(1:.c=.d) -S -o /dev/null $(1)
READ_cppcheck = cppcheck --quiet --platform=unix32 --std=c11 \
	   --enable=warning,portability,performance --error-exitcode=1 \
	   --suppressions-list=tools/cppcheck.txt --inline-suppr \
	   $(filter -I% -D%,$(READ_FLAGS)) -D__GNUC__=12 \
	   --template='{file}:{line}: {id}: {message}' $(1)
# It follows so many steps of a file's paths; in tests, which branch at each
# expectation, fewer. What it says on stderr counts what it was to be silent about.
TIDY_STEPS ?= 75000
TIDY_STEPS_TESTS ?= 20000
READ_tidy = text=$$(clang-tidy --quiet $(1) -- --target=i686-elf -mregparm=3 \
	   $(READ_FLAGS) -Xclang -analyzer-config -Xclang max-nodes=$(if \
	   $(filter tests/%,$(1)),$(TIDY_STEPS_TESTS),$(TIDY_STEPS)) \
	   2>/dev/null) || { echo "$$text"; false; }

define reader
$(STATIC)/%.$(1): %.c tools/static.mk $(2) | $(O)/include/version.h
	$$(call say,READ,$$@)
	$$(Q)mkdir -p $$(@D)
	$$(Q)$$(call READ_$(1),$$<)
	$$(Q)touch $$@
endef
$(eval $(call reader,sparse,))
$(eval $(call reader,analyzer,))
$(eval $(call reader,cppcheck,tools/cppcheck.txt))
$(eval $(call reader,tidy,.clang-tidy tests/.clang-tidy))
-include $(CHECKED:%.c=$(STATIC)/%.d)

read: $(foreach r,$(READERS),$(CHECKED:%.c=$(STATIC)/%.$(r)))

static: ## sparse, gcc -fanalyzer, cppcheck and clang-tidy: no finding
	$(Q)tools/setup test && $(MAKE) --no-print-directory -k read
	$(Q)$(PYTHON) tools/suppressions.py
	@echo "static: $(words $(CHECKED)) files read by $(READERS): no finding"

# The code of boot/low* runs on a stack of its own, before the kernel's.
$(STATIC)/%.ci: %.c $(O)/flags | $(O)/include/version.h
	$(if $(filter gcc,$(KIND)),,$(error make stack asks gcc: leave out CC=))
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ALL) -fcallgraph-info=su,da -c $< -o $(@:.ci=.o)

CALLS	:= $(patsubst %.c,$(STATIC)/%.ci,$(filter-out boot/low_%,$(CHECKED)))
stack: $(CALLS) ## the deepest kernel stack: at most half of one
	$(Q)$(PYTHON) tools/stack.py $(CALLS)

rodata: $(ELF) ## is what is const read-only?
	$(Q)$(PYTHON) tools/rodata.py $(ELF)

book: ## does docs/book say what the source says?
	$(Q)$(PYTHON) tools/book.py

.PHONY: read static stack rodata book
