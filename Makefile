# SPDX-License-Identifier: MIT
# Makefile - builds, runs and tests Lacuna; `make help` lists the targets.
#
# One make for the whole tree: each folder's objs.mk names its files. What is
# built depends on its sources, on the headers they included (the .d files) and
# on the flags ($(O)/flags), so a changed flag rebuilds what it concerns.

ifneq ($(filter 3.%,$(MAKE_VERSION)),)
$(error GNU make $(MAKE_VERSION) is too old. Install GNU make 4; on a Mac: \
brew install make, then type gmake)
endif

.SUFFIXES:	# no rules but ours: one of make's makes X of X.sh

all: ## build build/lacuna.elf (DEBUG=1: -Og, in build/debug, and so on)

# --- What the user may say ---------------------------------------------------
include tools/variants.mk
Q	:= $(if $(V),,@)
say	= $(if $(V),@:,@printf '  %-7s %s\n' $(1) $(2))

include tools/toolchain.mk
QEMU	?= qemu-system-i386
PYTHON	?= $(if $(wildcard /usr/bin/python3),/usr/bin/python3,python3)
MEM	?= 2G
CPU	?= max
export O Q V CC CROSS_COMPILE LD NM QEMU GDB MEM CPU SMP APPEND MODULES PYTHON

# --- Flags -------------------------------------------------------------------
# Frame pointers are for backtraces, regparm for fewer instructions per call.
# The kernel owns no FPU state; libgcc is not linked (kernel/lib/div64.c).
WARN	:= -Wall -Wextra -Wconversion -Wsign-conversion -Wshadow \
	   -Wmissing-prototypes -Wvla $(if $(WERROR),-Werror)
CFLAGS_ALL = $(TARGET) -march=i686 -std=gnu11 $(OPT) $(DEBUG_INFO) \
	   -ffreestanding -mgeneral-regs-only -mregparm=3 \
	   -fno-pic -fno-common $(PROTECT) $(CLASH) -fno-strict-aliasing \
	   -fno-omit-frame-pointer -fno-optimize-sibling-calls \
	   -fno-asynchronous-unwind-tables -fno-delete-null-pointer-checks \
	   -fcf-protection=none -Iinclude -I$(O)/include $(WARN) \
	   $(FLAGS_VARIANT) $(CFLAGS)
CFLAGS_LOW := -march=i386 -Os -fno-stack-protector # before there is a kernel
LDFLAGS_ALL = -m elf_i386 -T linker.ld -nostdlib -static --fatal-warnings \
	   --build-id=none -z noexecstack $(LDFLAGS_VARIANT) $(LDFLAGS)

# --- What is built -----------------------------------------------------------
OBJS	:=
LOW_OBJS :=
TEST_OBJS :=
DIRS	:= boot kernel/x86 kernel/lib mm kernel drivers modules
include $(DIRS:%=%/objs.mk) $(sort $(wildcard tests/*/objs.mk)) tests/objs.mk
ALL_OBJS := $(addprefix $(O)/,$(OBJS) $(LOW_OBJS) $(TEST_OBJS))
ELF	:= $(O)/lacuna.elf
SETUP	:= $(O)/.setup-build

all: $(ELF)

# What must be there before the first compile is fetched once, by name.
$(SETUP): $(wildcard tools/setup tools/packages*) $(O)/flags $(O)/link-flags
	$(Q)tools/setup build
	$(Q)touch $@

# Files of all flags and objects, touched only when they change; -Werror changes
# no object.
$(O)/flags: FORCE
	$(Q)mkdir -p $(@D)
	$(Q)echo '$(subst $(CURDIR),.,$(filter-out -Werror, \
	  $(CC) $(CFLAGS_ALL) $(CFLAGS_LOW) $(CFLAGS_STRING)))' >$@.new
	$(Q)cmp -s $@.new $@ && rm $@.new || mv $@.new $@

$(O)/link-flags: FORCE
	$(Q)mkdir -p $(@D)
	$(Q)echo '$(call link,lacuna.elf,)' >$@.new
	$(Q)cmp -s $@.new $@ && rm $@.new || mv $@.new $@

# Version, commit and compiler; git's word, else what the tarball carries.
$(O)/include/version.h: FORCE | $(SETUP)
	$(Q)mkdir -p $(@D)
	$(Q)tools/version >$@.new
	$(Q)cmp -s $@.new $@ && rm $@.new || mv $@.new $@

$(addprefix $(O)/,$(LOW_OBJS)): CFLAGS_MORE = $(CFLAGS_LOW)
$(addprefix $(O)/,$(UNCHECKED)): FLAGS_VARIANT := $(FLAGS_UNCHECKED)
$(O)/%.o: %.c $(O)/flags | $(SETUP) $(O)/include/version.h
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ALL) $(CFLAGS_MORE) -MMD -MP -c $< -o $@

$(O)/%.o: %.S $(O)/flags | $(SETUP)
	$(call say,AS,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ALL) -MMD -MP -c $< -o $@

# The kernel carries the names of its functions, and those are known only when
# it is linked: so it is linked with an empty table, and again with the real one.
# The table lies behind everything that it names, which therefore stays in place.
link	= $(LD) $(LDFLAGS_ALL) -o $(1) $(ALL_OBJS) $(2)
names	= $(NM) -n $(1) | awk -f tools/symbols.awk
$(ELF): $(ALL_OBJS) $(O)/link-flags linker.ld tools/symbols.awk
	$(call say,LINK,$@)
	$(Q)awk -f tools/symbols.awk </dev/null >$(O)/symbols1.S
	$(Q)$(CC) $(TARGET) -c $(O)/symbols1.S -o $(O)/symbols1.o
	$(Q)$(call link,$(O)/lacuna1.elf,$(O)/symbols1.o)
	$(Q)$(call names,$(O)/lacuna1.elf) >$(O)/symbols2.S
	$(Q)$(CC) $(TARGET) -c $(O)/symbols2.S -o $(O)/symbols2.o
	$(Q)$(call link,$@.new,$(O)/symbols2.o)
	$(Q)$(call names,$@.new) | cmp - $(O)/symbols2.S \
	  || { echo 'error: the second link moved functions'; exit 1; }
	$(Q)od -An -v -tx4 -N8192 $@.new | grep 1badb002 >/dev/null \
	  || { echo 'error: no multiboot header in the first 8 KiB'; exit 1; }
	$(Q)mv $@.new $@

-include $(ALL_OBJS:.o=.d)

# --- What is done with it ----------------------------------------------------
# What a goal needs on this machine, then the tool that serves it.
tool	= $(Q)tools/setup $(1) && exec $(PYTHON) tools/$(2)

run: $(ELF) ## boot it in QEMU: the demonstration, the self-tests, a prompt
	$(call tool,run,run.py $(ELF))

check: $(ELF) ## the quick tests, in under a minute
	$(call tool,test,test.py --quick)

test: $(ELF) ## everything that CI runs
	$(call tool,test,test.py)

trust: ## the long forms, which take hours; STEPS='<words>' some of them
	$(call tool,test,trust.py $(STEPS))

DEBUG_ELF := build/debug/lacuna.elf
debug-build:
	$(Q)$(MAKE) --no-print-directory DEBUG=1 O=build/debug all

gdb: debug-build ## QEMU stopped at _start, GDB attached; try `lacuna tour`
	$(call tool,gdb,gdb.py $(DEBUG_ELF))

gdb-server: debug-build ## the same for another front end: QEMU waits at a port
	$(call tool,gdb,gdb.py --server $(DEBUG_ELF))

core: debug-build ## a core file of the machine; CORE=<file> opens it in GDB
	$(call tool,gdb,core.py $(DEBUG_ELF) $(CORE))

why: $(ELF) ## a boot that dies or hangs: which exceptions, where it stands
	$(call tool,run,why.py $(ELF))

doctor: ## what is there, what is missing, and the command that installs it
	$(Q)tools/doctor

iso: $(ELF) ## build/lacuna.iso: GRUB for BIOS, UEFI x64 and UEFI ia32
	$(call tool,iso,iso.py $(ELF) $(O)/lacuna.iso)

iso-small: $(ELF) ## build/lacuna-small.iso: under 1 MB, for BIOS
	$(call tool,iso,iso.py --small $(ELF) $(O)/lacuna-small.iso)

break: $(ELF) ## BUG=<name>: a known fault in a copy: which tests speak?
	$(call tool,test,break.py $(BUG))

size: $(ELF) ## lines of code against the budgets
	$(Q)$(PYTHON) tools/size.py

coverage: ## which lines of mm/ the tests reach; HTML in build/coverage
	$(Q)$(MAKE) --no-print-directory COVERAGE=1 O=build/coverage all loader
	$(call tool,test,coverage.py)

layers: ## do all includes point downwards?
	$(Q)$(PYTHON) tools/layers.py

format: ## apply .clang-format to the lines changed since the last commit
	$(Q)git clang-format -q

-include tests/host/host.mk tests/loader/loader.mk tools/static.mk
-include tools/bench.mk tools/picture.mk tools/timelapse.mk tools/guards.mk

compile_commands.json: FORCE | $(SETUP) ## for editors and clangd
	$(Q){ echo '['; sep=; for o in $(OBJS) $(LOW_OBJS) $(TEST_OBJS); do \
	  s=$${o%.o}; [ -f $$s.c ] || continue; echo "$$sep"; sep=,; \
	  printf '{"directory":"%s","file":"%s","command":"%s"}' '$(CURDIR)' \
	  $$s.c '$(CC) $(CFLAGS_ALL) -c '$$s.c; done; echo ']'; } >$@

clean: ## remove build/
	$(Q)rm -rf build compile_commands.json

help: ## this list
	@echo 'Lacuna: make <target> [VARIABLE=value ...]'
	@awk -F ':[^#]*## ' '/^[a-z_.-]+:[^#]*## / { \
	  printf "  %-22s %s\n", $$1, $$2 }' $(MAKEFILE_LIST) | sort -u
	@echo 'Variables: O= build folder, V=1 show commands,'
	@echo '  DEBUG=1 KASAN=1 UBSAN=1 COVERAGE=1 COUNT=1 build it otherwise,'
	@echo '  CROSS_COMPILE= CC= QEMU= GDB= tools, MEM= CPU= SMP= machine,'
	@echo '  APPEND= kernel command line, MODULES= files for the loader,'
	@echo '  WERROR=1 warnings are errors'

FORCE:
.PHONY: all run check test trust debug-build gdb gdb-server core why doctor iso
.PHONY: iso-small break size coverage layers format clean help FORCE
.DELETE_ON_ERROR:
