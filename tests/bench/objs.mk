# SPDX-License-Identifier: MIT
# tests/bench/ - what operations cost; bench_<what>.c measures, bench.c counts
TEST_OBJS += tests/bench/bench.o	# rounds, median, the figure
TEST_OBJS += tests/bench/bench_boot.o
TEST_OBJS += tests/bench/bench_empty.o	# known beforehand
TEST_OBJS += tests/bench/bench_page.o
TEST_OBJS += tests/bench/bench_kmalloc.o
TEST_OBJS += tests/bench/bench_vmalloc.o
TEST_OBJS += tests/bench/bench_map.o
TEST_OBJS += tests/bench/bench_family.o
TEST_OBJS += tests/bench/bench_highmem.o
TEST_OBJS += tests/bench/bench_ioremap.o
