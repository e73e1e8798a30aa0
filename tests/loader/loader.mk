# SPDX-License-Identifier: MIT
# loader.mk - the small loader that tests/machine/test_hostile.py boots

LOADER	:= $(O)/tests/loader/loader.elf
$(LOADER): $(O)/tests/loader/loader.o tests/loader/loader.ld
	$(call say,LINK,$@)
	$(Q)$(LD) -m elf_i386 -T tests/loader/loader.ld -nostdlib -o $@ $<

test: $(LOADER)
loader: $(LOADER) ## the small loader of tests/machine/test_hostile.py
.PHONY: loader
