# SPDX-License-Identifier: MIT
# What a reader sees of the kernel, and the kernel does not need: built in.
OBJS += modules/trace/trace.o		# events as lines on COM2: trace=<glob>
OBJS += modules/demo/demo.o		# the memory manager at work, on one screen
OBJS += modules/monitor/monitor.o	# the prompt and what is typed there
OBJS += modules/monitor/edit.o		# one line, typed and corrected
OBJS += modules/monitor/keys.o		# bytes of a terminal, put together to keys
OBJS += modules/monitor/prompt.o	# a key, or a line, of whoever sits there
OBJS += modules/monitor/visit.o		# what a visitor took is given back
OBJS += modules/monitor/memory.o	# zones, buddy, slabs, vmlist, pt, page ...
OBJS += modules/monitor/map.o		# map: memory as a picture; layout
OBJS += modules/monitor/map_frames.o	# its zones: who has the frames
OBJS += modules/monitor/map_window.o	# its window: areas, guards, holes
OBJS += modules/explain/picture.o	# the page that was hit, and its neighbours
OBJS += modules/explain/long.o		# explain, when asked by hand: in this order
OBJS += modules/explain/area.o		# ... where in an area, or between two
OBJS += modules/explain/slot.o		# ... slots of kmap and fixmap, shadow, page 0
OBJS += modules/explain/image.o		# ... symbols, stacks, page tables, mem_map
OBJS += modules/explain/object.o	# ... objects of a slab
OBJS += modules/explain/frame.o		# ... the frame and its block
OBJS += modules/explain/entries.o	# ... page-table entries, bit by bit
OBJS += modules/monitor/owners.o	# who has which frames: page_owner
OBJS += modules/monitor/access.o	# peek, poke
OBJS += modules/monitor/take.o		# vmalloc, vfree, alloc, free, frag
OBJS += modules/monitor/slots.o		# kmap, kunmap
OBJS += modules/monitor/session.o	# help, log, exit
OBJS += modules/lab/tlb.o		# a flush that is left out
OBJS += modules/quiz/quiz.o		# it asks, the reader predicts, it does it
OBJS += modules/quiz/frames.o		# ... about zones, buddies, stock, kmalloc
OBJS += modules/quiz/window.o		# ... about areas: where, how large, vfree
OBJS += modules/quiz/access.o		# ... about what is reported, what is mapped
