# SPDX-License-Identifier: MIT
# tests/mm/ - one suite for each file of mm/, in reading order
TEST_OBJS += tests/mm/test_slab.o	# objects given, taken back, wrong frees
TEST_OBJS += tests/mm/test_slab_check.o	# each invariant broken, and found
TEST_OBJS += tests/mm/test_kmem_cache.o	# caches: sizes, numbers, destruction
TEST_OBJS += tests/mm/test_kmalloc.o	# any size, krealloc, wrong kfrees
