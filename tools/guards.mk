# SPDX-License-Identifier: MIT
# guards.mk - what the guard menu finds and costs: make guards
#
# See         docs/guards.md

guards: $(ELF) ## does docs/guards.md say what is found? WRITE=1 writes it
	$(Q)$(MAKE) --no-print-directory KASAN=1 O=build/kasan all
	$(call tool,run,guards.py $(if $(WRITE),--write))

.PHONY: guards
