# tests/mm/ - one suite for each file of mm/, in reading order
TEST_OBJS += tests/mm/test_slab.o	# object caches: sizes, slabs, wrong frees
