# SPDX-License-Identifier: MIT
# host.mk - kernel code compiled for the build machine and tried there
#
# Problem  A mistake in pure code is found fastest where sanitizers watch every
#          access and the C library knows the right answer.
# Idea     $(call host-test,STEM,SOURCES) makes a program of
#          tests/host/test_STEM.c and the kernel's SOURCES. Those are compiled
#          with names.h, so that they do not replace the C library's functions.
#          A header in tests/host/include takes the place of the kernel's.

HOSTCC	?= gcc
HOST_FLAGS := -std=gnu11 -O1 -g -Itests/host/include -Iinclude \
	   -Wall -Wextra -Wshadow -Wvla \
	   $(if $(WERROR),-Werror) $(if $(COVERAGE),-O0 --coverage, \
	   -fsanitize=address,undefined -fno-sanitize-recover=all)
# %llx is right for uint64_t in the kernel; here that is an unsigned long.
HOST_KERNEL_FLAGS := $(HOST_FLAGS) -ffreestanding -Wconversion \
	   -Wsign-conversion -Wno-format -include tests/host/names.h
HOST_TESTS :=

# All kernel sources that any program wants are compiled once.
host_objs = $(patsubst %.c,$(O)/host/%.o,$(1))
define host-test
HOST_TESTS += $(O)/host/test_$(1)
$(O)/host/test_$(1): $(call host_objs,tests/host/test_$(1).c $(2)) \
		     $(O)/host/tests/host/host.o
	$$(call say,HOSTLD,$$@)
	$$(Q)$$(HOSTCC) $$(HOST_FLAGS) $$^ -o $$@
-include $(patsubst %.o,%.d,$(call host_objs,tests/host/test_$(1).c $(2)))
endef

PARSERS	:= boot/loader.c boot/multiboot1.c boot/multiboot2.c
JUDGES	:= tests/host/hostile.c tests/host/plain.c tests/host/judge.c

$(eval $(call host-test,string,kernel/lib/string.c))
$(eval $(call host-test,format,kernel/lib/format.c kernel/lib/string.c))
$(eval $(call host-test,parse,kernel/lib/parse.c))
$(eval $(call host-test,glob,kernel/lib/glob.c kernel/lib/string.c))
$(eval $(call host-test,edit,modules/monitor/edit.c modules/monitor/keys.c \
	   kernel/lib/string.c))
$(eval $(call host-test,div64,kernel/lib/div64.c))
$(eval $(call host-test,multiboot1,$(PARSERS) $(JUDGES)))
$(eval $(call host-test,multiboot2,$(PARSERS) $(JUDGES)))
$(eval $(call host-test,memblock,mm/memblock.c mm/memmap.c kernel/lib/string.c))
$(eval $(call host-test,buddy,mm/buddy.c))

$(O)/host/tests/host/%.o: tests/host/%.c tests/host/host.mk
	$(call say,HOSTCC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(HOSTCC) $(HOST_FLAGS) -MMD -MP -c $< -o $@

$(O)/host/%.o: %.c tests/host/host.mk
	$(call say,HOSTCC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(HOSTCC) $(HOST_KERNEL_FLAGS) -MMD -MP -c $< -o $@

include tests/host/pc/pc.mk

host-tests: $(HOST_TESTS) ## the kernel's code, tested on this machine
	$(call pc_run,$(WALKS),$(HOST_TESTS))

.PHONY: host-tests

# --- libFuzzer ----------------------------------------------------------------
# Only the kernel's branches lead it, not those of the judges.
FUZZCC	?= clang
FUZZ_RUNS ?= 1000000
FUZZ_FLAGS := -std=gnu11 -O2 -g -Itests/host/include -Iinclude -Wall -Wextra \
	   -Wno-format $(if $(WERROR),-Werror) -fsanitize=address,undefined \
	   -fno-sanitize-recover=all
FUZZ	:= $(O)/fuzz/multiboot
FUZZ_OBJS := $(patsubst %.c,$(O)/fuzz/%.o,$(PARSERS) \
	   mm/memblock.c mm/memmap.c \
	   tests/host/fuzz_multiboot.c tests/host/plain.c tests/host/judge.c)

$(O)/fuzz/.ready: tests/host/host.mk
	$(Q)mkdir -p $(@D)
	$(Q)echo 'int LLVMFuzzerTestOneInput(void) { return 0; }' | \
	  $(FUZZCC) $(FUZZ_FLAGS) -fsanitize=fuzzer -x c - -o $@ || { \
	  echo 'error: make fuzz needs clang with libFuzzer (FUZZCC=)'; \
	  echo 'Debian: apt-get install clang libclang-rt-dev'; exit 1; }

$(O)/fuzz/tests/host/%.o: tests/host/%.c $(O)/fuzz/.ready
	$(call say,FUZZCC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(FUZZCC) $(FUZZ_FLAGS) -MMD -MP -c $< -o $@

$(O)/fuzz/%.o: %.c $(O)/fuzz/.ready
	$(call say,FUZZCC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(FUZZCC) $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link -MMD -MP \
	  -c $< -o $@

$(FUZZ): $(FUZZ_OBJS)
	$(call say,FUZZLD,$@)
	$(Q)$(FUZZCC) $(FUZZ_FLAGS) -fsanitize=fuzzer $^ -o $@
-include $(FUZZ_OBJS:.o=.d)

fuzz: $(FUZZ) ## boot information under libFuzzer; FUZZ_RUNS=<n>
	$(Q)tests/host/fuzz $(FUZZ) tests/host/corpus/multiboot $(FUZZ_RUNS)

.PHONY: fuzz
