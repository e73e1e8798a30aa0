# SPDX-License-Identifier: MIT
# mm/ - the memory manager, in reading order
OBJS += mm/init.o		# bring-up on one screen
OBJS += mm/memblock.o		# RAM, holes, reservations, the first allocator
OBJS += mm/memmap.o		# which memory is used: the loader's word, the user's
OBJS += mm/ramcheck.o		# is the RAM that was claimed really there?
OBJS += mm/page.o		# a struct page for each frame
OBJS += mm/zone.o		# spans of physical memory, floors, fallback
OBJS += mm/buddy.o		# free blocks of 2^order frames, pure mechanism
OBJS += mm/page_alloc.o		# GFP flags to zone to buddy
OBJS += mm/pcp.o		# a stock of single frames for each CPU
OBJS += mm/page_refused.o	# why a frame that is given back is not freed
OBJS += mm/shortage.o		# why there was no block: too few, scattered, kept
OBJS += mm/page_exact.o		# contiguous frames in any number
OBJS += mm/page_bulk.o		# frames in number, for a few instructions each
OBJS += mm/slab.o		# objects of one size, cut from blocks of frames
OBJS += mm/magazine.o		# ... a few free ones at hand, without a lock
OBJS += mm/slab_check.o		# do slab.c's invariants hold?
OBJS += mm/kmem_cache.o		# the caches: made, numbered, destroyed
OBJS += mm/kmalloc.o		# any size from 8 bytes to 4 MiB
OBJS += mm/pgtable.o		# PAE page tables: walk, map, unmap, protect
OBJS += mm/pgtable_large.o	# ... pages of 2 MiB in the window
OBJS += mm/kspace.o		# the kernel's final page tables
OBJS += mm/tlb.o		# which flush when
OBJS += mm/fixmap.o		# fixed addresses for changing frames
OBJS += mm/highmem.o		# an address for a frame that has none
OBJS += mm/kmap.o		# ... and one that it keeps: 512 slots
OBJS += mm/vmap.o		# the window: areas in order, holes between them
OBJS += mm/vmap_vmem.o		# where is a hole? Lists by size: the default
OBJS += mm/vmap_list.o		# ... or first fit along the areas
OBJS += mm/vmap_rbtree.o	# ... or a tree that knows the largest hole below
OBJS += mm/vmap_check.o		# V1 to V7 proved
OBJS += mm/area_stock.o		# small areas, kept for the next of their size
OBJS += mm/vmap_lazy.o		# one flush for many areas: vmap_purge=lazy
OBJS += mm/vm_area.o		# areas: a record, a range, a guard; their end
OBJS += mm/vmalloc.o		# scattered frames, contiguous addresses
OBJS += mm/vmalloc_kinds.o	# ... for devices, for user code, for code
OBJS += mm/vmalloc_huge.o	# ... frames for pages of 2 MiB
OBJS += mm/vrealloc.o		# ... that becomes larger or smaller
OBJS += mm/kvmalloc.o		# kmalloc if it has it, else vmalloc
OBJS += mm/vmalloc_check.o	# W1 to W4 proved; a line for each area
OBJS += mm/alloc_vm_area.o	# areas whose pages their owner maps
OBJS += mm/vm_map_ram.o		# frames shown for a short time, and cheaply
OBJS += mm/vfree_atomic.o	# freed where nobody may wait: later
OBJS += mm/vread.o		# bytes of the window, whatever is there
OBJS += mm/vmallocinfo.o	# a line for each area, or each caller
OBJS += mm/ioremap.o		# addresses for devices
OBJS += mm/slack.o		# the pattern behind an allocation's last byte
OBJS += mm/meminfo.o		# reports
OBJS += mm/lookup.o		# whose is an address? For reports
OBJS += mm/guard.o		# guard=: where an area's unmapped page lies
OBJS += mm/quarantine.o		# freed ranges wait before they are used again
OBJS += mm/page_watch.o		# who is told that a frame changes hands:
OBJS += mm/page_owner.o		# ... who has it, and had it before
OBJS += mm/page_poison.o	# ... was it written while it was free?
OBJS += mm/failnth.o		# the n-th allocation fails, for the self-tests
OBJS += $(if $(KASAN),mm/kasan.o)	# KASAN=1: which bytes may be touched
OBJS += $(if $(KASAN),mm/kasan_page.o)	# ... of frames, large blocks, slack
OBJS += $(if $(KASAN),mm/kasan_slab.o)	# ... of objects; the quarantine
OBJS += mm/trace.o		# what is done, told step by step: trace=
OBJS += mm/crumbs.o		# memory in crumbs, for the demonstration and tests
