# SPDX-License-Identifier: MIT
# tests/sins/ - sins, committed to see who notices: docs/trust.md
TEST_OBJS += tests/sins/slab.o		# objects of a cache
TEST_OBJS += tests/sins/slab_free.o	# objects given back wrongly
TEST_OBJS += tests/sins/page.o		# frames
TEST_OBJS += tests/sins/vmalloc.o	# areas: over their ends, after their time
TEST_OBJS += tests/sins/vmalloc_free.o	# areas given back wrongly, or not
TEST_OBJS += tests/sins/family.o	# what short cuts leave unwatched
TEST_OBJS += tests/sins/structures.o	# what the allocators know, overwritten
TEST_OBJS += tests/sins/stack.o		# stacks and what lies on them
TEST_OBJS += tests/sins/globals.o	# what has an address for ever
TEST_OBJS += tests/sins/addresses.o	# NULL, and what nothing is mapped to
TEST_OBJS += tests/sins/permissions.o	# what may not be written, or executed
TEST_OBJS += tests/sins/user.o		# user memory, touched by mistake
TEST_OBJS += tests/sins/locks.o		# locks: order, holder, context
TEST_OBJS += tests/sins/undefined.o	# what C does not define
