# SPDX-License-Identifier: MIT
# picture.mk - memory as a page to look at: make picture
#
# See         tools/picture.py, docs/map.md

picture: export LOG := $(LOG)
picture: export CORE := $(CORE)
picture: export ADDR := $(ADDR)
picture: $(if $(LOG),,debug-build) ## build/picture.html; of CORE= or LOG=, ADDR=
	$(call tool,$(if $(LOG),run,gdb),picture.py $(DEBUG_ELF) \
	  $(O)/picture.html)

.PHONY: picture
