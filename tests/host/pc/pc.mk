# SPDX-License-Identifier: MIT
# pc.mk - all of mm/ as a program of 32 bits: random walks, exhaustive searches
#
# Problem  mm/ is about addresses, and a program of 64 bits has other ones.
# Idea     As i686 it has the kernel's: pc.c is a PC for it. The files of mm/ that
#          the kernel consists of are compiled twice: with the sanitizers for the
#          walks, without them and fast for the searches. COVERAGE=1 counts in
#          the walks instead.
# Needs    A gcc for i686 that makes programs. Debian: gcc-i686-linux-gnu, which
#          brings the sanitizers, and libc6-dev-i386-cross, whose libraries the
#          system's own loader does not know. Elsewhere: gcc -m32.
# See      docs/testing.md

COMMA	:= ,
PC_CC	?= $(if $(call have,i686-linux-gnu-gcc),i686-linux-gnu-gcc, \
	   $(HOSTCC) -m32)
PC_SANITIZE := $(if $(COVERAGE),-O0 --coverage, \
	   -O1 -fsanitize=address,undefined -fno-sanitize-recover=all)
PC_FLAGS := -std=gnu11 -g -fno-pie -D_FILE_OFFSET_BITS=64 \
	   -Itests/host/pc/include -Iinclude -Wall -Wextra -Wshadow -Wvla \
	   $(if $(WERROR),-Werror)
PC_KERNEL_FLAGS := -ffreestanding -Wconversion -Wsign-conversion -Wno-format \
	   -include tests/host/names.h

# Not relocated, so that addresses are the same in each run. The image has no
# code here: text, rodata and data are borders only.
PC_IMAGE := kernel_start=0xC0100000 text_start=0xC0100000 text_end=0xC0140000 \
	   rodata_start=0xC0140000 rodata_end=0xC0160000 \
	   ro_after_init_start=0xC0160000 ro_after_init_end=0xC0170000 \
	   data_start=0xC0170000 kernel_end=0xC0200000
PC_LINK	:= -no-pie $(addprefix -Wl$(COMMA)--defsym=,$(PC_IMAGE))
PC_LINK_SANITIZE := $(PC_SANITIZE)
ifneq ($(findstring i686-linux-gnu-,$(PC_CC)),)
PC_LINK	+= -Wl,--dynamic-linker=/usr/i686-linux-gnu/lib/ld-linux.so.2 \
	   -Wl,-rpath=/usr/i686-linux-gnu/lib
PC_LINK_SANITIZE += -static-libasan -static-libubsan
endif

PC_KERNEL := $(patsubst %.o,%.c,$(filter mm/%,$(OBJS))) kernel/lib/string.c \
	   kernel/lib/rbtree.c \
	   kernel/lib/format.c kernel/x86/layout.c kernel/x86/spinlock.c
PC_TESTS := tests/host/host.c tests/host/pc/pc.c tests/host/pc/mmu.c
WALKS	:= $(addprefix $(O)/pc/walk_,memblock pages slab areas vmalloc family)
SEARCHES := $(addprefix $(O)/pc-fast/exhaust_,buddy areas)

$(O)/pc/%.o $(O)/pc-fast/%.o: PC_MORE = $(if $(filter tests/%,$<),, \
	   $(PC_KERNEL_FLAGS))
$(O)/pc/%.o: %.c tests/host/pc/pc.mk | $(O)/pc/.ready
	$(call say,PC32CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(PC_CC) $(PC_FLAGS) $(PC_SANITIZE) $(PC_MORE) -MMD -MP -c $< \
	  -o $@

$(O)/pc-fast/%.o: %.c tests/host/pc/pc.mk | $(O)/pc/.ready
	$(call say,PC32CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(PC_CC) $(PC_FLAGS) -O2 $(PC_MORE) -MMD -MP -c $< -o $@

pc_objs	= $(patsubst %.c,$(1)/%.o,$(PC_KERNEL) $(PC_TESTS) \
	   $(2:%=tests/host/pc/%))
$(O)/pc/walk_slab: $(O)/pc/tests/host/pc/walk_slab_caches.o
$(O)/pc/walk_vmalloc $(O)/pc/walk_family: $(O)/pc/tests/host/pc/shortage.o
$(WALKS): $(O)/pc/%: $(O)/pc/tests/host/pc/%.o $(call pc_objs,$(O)/pc,walk.c)
	$(call say,PC32LD,$@)
	$(Q)$(PC_CC) $(PC_LINK_SANITIZE) $^ $(PC_LINK) -o $@

$(O)/pc-fast/exhaust_buddy: $(O)/pc-fast/tests/host/pc/buddy_model.o
$(SEARCHES): $(O)/pc-fast/%: $(O)/pc-fast/tests/host/pc/%.o \
	     $(call pc_objs,$(O)/pc-fast,exhaust.c numbers.c)
	$(call say,PC32LD,$@)
	$(Q)$(PC_CC) $^ $(PC_LINK) -o $@

-include $(wildcard $(addprefix $(O)/pc*/,mm/*.d kernel/*/*.d tests/host/*.d \
	   tests/host/pc/*.d))

$(O)/pc/.ready: tests/host/pc/pc.mk
	$(Q)mkdir -p $(@D)
	$(Q)echo 'int main(void) { return 0; }' | $(PC_CC) -x c - \
	  $(PC_LINK_SANITIZE) $(PC_LINK) -o $@ && $@ || { rm -f $@; \
	  echo '# $(PC_CC) makes no programs of 32 bits with sanitizers' >&2; \
	  echo '# Debian: apt-get install libc6-dev-i386-cross' >&2; exit 1; }

# $(call pc_run,PROGRAMS OF 32 BITS,OTHERS): one report of both. A host that cannot
# have the former skips them, with the reason, unless it is CI's.
pc_run	= +$(Q)if $(MAKE) --no-print-directory $(O)/pc/.ready; then \
	  $(MAKE) --no-print-directory $(1) && tests/host/run $(2) $(1); \
	  else [ -z "$$CI" ] && tests/host/run $(2) $(1:%=skip:%); fi

exhaust: ## every state of a small buddy and a small window
	$(call pc_run,$(SEARCHES))

walks: ## mm/ beside simple models, on this machine; OPS=<n> SEED=<n>
	$(call pc_run,$(WALKS))

.PHONY: exhaust walks
