# SPDX-License-Identifier: MIT
# bench.mk - what operations cost: make bench
#
# See         docs/benchmarks.md

COUNTING := $(O)/count/lacuna.elf
counting-build:
	$(Q)$(MAKE) --no-print-directory COUNT=1 O=$(O)/count all

bench: $(ELF) counting-build ## what operations cost; ONLY='<globs>' CHECK=1
	$(call tool,run,bench.py $(if $(ONLY),--only '$(ONLY)') \
	  $(if $(CHECK),--check) $(ELF) $(COUNTING))

.PHONY: bench counting-build
