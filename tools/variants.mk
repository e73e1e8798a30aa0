# SPDX-License-Identifier: MIT
# variants.mk - the same kernel built otherwise, each way in a folder of its own
#
# Problem     A kernel that checks every access is slow, one that counts every
#             branch or event is large, and neither is the one that is measured.
# Idea        DEBUG=1, KASAN=1, UBSAN=1, COVERAGE=1, COUNT=1, alone or together,
#             choose a folder and add flags. Nothing else of the build knows.
# Picture     make                        build/
#             make DEBUG=1                build/debug/
#             make KASAN=1 UBSAN=1        build/kasan-ubsan/
# Invariants  N1  A file that runs before the means of a variant are there, is
#                 those means, or looks at what is nobody's, is named in UNCHECKED
#                 and compiled without.
# See         docs/trust.md, tests/machine/test_variants.py

VARIANT	:= $(if $(DEBUG),debug) $(if $(KASAN),kasan) $(if $(UBSAN),ubsan) \
	   $(if $(COVERAGE),coverage) $(if $(COUNT),count)
EMPTY	:=
O	?= build$(if $(strip $(VARIANT)),/$(subst \
	   $(EMPTY) ,-,$(strip $(VARIANT))))

OPT	:= $(if $(COVERAGE),-O0,$(if $(DEBUG),-Og,-O2))

# Every access asks the shadow of its address first, which begins at
# (0xC0000000 >> 3) + offset (<x86/layout.h>). gcc's flags. A variable on the
# stack has a shadow of its own only where frames begin at a multiple of 8.
FLAGS_kasan := -DKASAN -fsanitize=kernel-address \
	   -fasan-shadow-offset=0xD8000000 --param asan-stack=1 \
	   --param asan-globals=1 --param asan-instrument-allocas=1 \
	   --param asan-instrumentation-with-call-threshold=10000 \
	   -fsanitize-address-use-after-scope \
	   -mincoming-stack-boundary=2 -mpreferred-stack-boundary=3
LDFLAGS_kasan := $(foreach f,memcpy memmove memset memcmp memchr_inv,--wrap=$f)
FLAGS_ubsan := -DUBSAN -fsanitize=undefined
FLAGS_coverage := -fprofile-arcs -ftest-coverage -fprofile-info-section \
	   -fprofile-update=single
# Its records name a function of libgcov for each kind of counter in use.
LDFLAGS_coverage := --defsym=__gcov_merge_add=1
# A local that is read before it is written holds a pattern: no pointer, no size.
FLAGS_debug := -DDEBUG -ftrivial-auto-var-init=pattern
# What is counted beside the instructions: <lib/count.h>.
FLAGS_count := -DCOUNT_EVENTS
FLAGS_VARIANT := $(foreach v,$(VARIANT),$(FLAGS_$(v)))
LDFLAGS_VARIANT := $(foreach v,$(VARIANT),$(LDFLAGS_$(v)))

# N1: of a variant's flags the files named here get what it defines, no more.
UNCHECKED = $(LOW_OBJS) $(if $(KASAN),mm/kasan.o mm/lookup.o kernel/explain.o)
FLAGS_UNCHECKED := $(filter -D%,$(FLAGS_VARIANT))
