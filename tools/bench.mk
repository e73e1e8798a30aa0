# SPDX-License-Identifier: MIT
# bench.mk - what operations cost: make bench, bill, bench-linux
#
# See         docs/book/bench.md

COUNTING := $(O)/count/lacuna.elf
counting-build:
	$(Q)$(MAKE) --no-print-directory COUNT=1 O=$(O)/count all

bench: $(ELF) counting-build ## what operations cost; ONLY='<globs>' CHECK=1
	$(call tool,run,bench.py $(if $(ONLY),--only '$(ONLY)') \
	  $(if $(CHECK),--check) $(ELF) $(COUNTING))

bill: $(ELF) ## the same by functions, beside Linux's; WRITE=1 docs/linux.md
	$(call tool,run,bill.py $(if $(WRITE),--write) $(ELF))

bench-linux: ## the same in Linux: downloads its packages; RECORD=1 keeps it
	$(call tool,run,bench_linux.py $(if $(RECORD),--record))

.PHONY: bench counting-build bill bench-linux
