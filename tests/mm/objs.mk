# SPDX-License-Identifier: MIT
# tests/mm/ - one suite for each file of mm/, in reading order
TEST_OBJS += tests/mm/test_init.o	# what the loader left is handed out
TEST_OBJS += tests/mm/test_memblock.o	# sorted lists of ranges, this machine's too
TEST_OBJS += tests/mm/test_ramcheck.o	# memory that is there, and is not
TEST_OBJS += tests/mm/test_page.o	# what all of mem_map says
TEST_OBJS += tests/mm/test_zone.o	# spans, counters, floors
TEST_OBJS += tests/mm/test_buddy.o	# blocks split and merge; invariants broken
TEST_OBJS += tests/mm/test_page_alloc.o	# who is given frames, where, how many
TEST_OBJS += tests/mm/test_page_alloc_free.o # given back, rightly and wrongly
TEST_OBJS += tests/mm/test_frames.o	# each is memory, and nobody else's
TEST_OBJS += tests/mm/test_slab.o	# objects given, taken back, wrong frees
TEST_OBJS += tests/mm/test_slab_check.o	# each invariant broken, and found
TEST_OBJS += tests/mm/test_kmem_cache.o	# caches: sizes, numbers, destruction
TEST_OBJS += tests/mm/test_kmalloc.o	# any size, krealloc, wrong kfrees
TEST_OBJS += tests/mm/test_pgtable.o	# frames appear where they are mapped
TEST_OBJS += tests/mm/test_kspace.o	# permissions of every page, W^X, guards
TEST_OBJS += tests/mm/test_tlb.o	# what a flush makes the CPU forget
TEST_OBJS += tests/mm/test_fixmap.o	# fixed addresses for changing frames
TEST_OBJS += tests/mm/test_highmem.o	# kmap_local: a stack of addresses
TEST_OBJS += tests/mm/test_vmap_list.o	# first fit, bounds, order, neighbours
TEST_OBJS += tests/mm/test_vmalloc.o	# areas, guards, shortage, a random life
TEST_OBJS += tests/mm/test_slack.o	# overruns inside the last page
TEST_OBJS += tests/mm/test_vmalloc_check.o	# each invariant broken, and found
TEST_OBJS += tests/mm/test_meminfo.o	# the tables say what the counters say
TEST_OBJS += tests/mm/test_crumbs.o	# no two frames together, and back again
TEST_OBJS += tests/mm/test_vmalloc_corners.o # odd requests, each decided on purpose
TEST_OBJS += tests/mm/test_claims.o	# the textbook's sentences, one by one
