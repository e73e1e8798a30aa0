# SPDX-License-Identifier: MIT
# What a reader sees of the kernel, and the kernel does not need: built in.
OBJS += modules/demo/demo.o		# the memory manager at work, on one screen
OBJS += modules/monitor/monitor.o	# the prompt and what is typed there
OBJS += modules/monitor/memory.o	# zones, buddy, slabs, vmlist, pt, page ...
OBJS += modules/explain/picture.o	# the page that was hit, and its neighbours
