/* SPDX-License-Identifier: MIT */
/* test_oops.c - the report of a bad access */
#include <kernel/oops.h>

#include <kernel/lockrank.h>
#include <mm/kspace.h>
#include <mm/vmap.h>
#include <tests/ktest.h>
#include <tests/poke.h>
#include <x86/spinlock.h>
#include <x86/trap.h>

static __noinline void touch(volatile char *p)
{
	poke(p, 1);
}

/* Not inlined and not a tail call: the callee's return address is ours. */
static __noinline int jump_to(void *p)
{
	int (*volatile fn)(void) = (int (*)(void))(unsigned long)p;

	return fn() + 1;
}

KTEST(oops, write_past_the_end_is_called_a_write)		/* C1 */
{
	char *p = vmalloc(PAGE_SIZE);

	REQUIRE(p);
	EXPECT_BAD_ACCESS("BAD WRITE CAUGHT", touch(p + PAGE_SIZE));
	EXPECT(ktest_report_contains("past the end of vmalloc area"));
	EXPECT_EQ(ktest_last_fault()->addr, (unsigned long)p + PAGE_SIZE);
	vfree(p);
}

KTEST(oops, read_past_the_end_is_called_a_read)
{
	char *p = vmalloc(PAGE_SIZE);

	REQUIRE(p);
	EXPECT_BAD_ACCESS("BAD READ CAUGHT", peek(p + PAGE_SIZE));
	vfree(p);
}

KTEST(oops, execution_of_a_buffer_is_called_a_fetch)
{
	char *p = vmalloc(PAGE_SIZE);

	REQUIRE(p);
	EXPECT_BAD_ACCESS("BAD FETCH CAUGHT", jump_to(p + PAGE_SIZE));
	EXPECT(ktest_report_contains(" < jump_to"));
	vfree(p);
}

KTEST(oops, report_names_who_and_its_callers)
{
	EXPECT_BAD_ACCESS("  who     touch", touch(NULL));
	EXPECT(ktest_report_contains(" < ktest_oops_report_names_who_and_"));
	EXPECT(ktest_report_contains("kmain"));
	EXPECT(ktest_report_contains("page 0: a NULL pointer"));
}

KTEST(oops, write_to_text_says_that_it_may_only_be_read_and_executed)
{
	EXPECT_BAD_ACCESS("the kernel's text (read, execute)",
			  touch((char *)(unsigned long)touch));
	EXPECT(ktest_report_contains(": the page was present"));
}

KTEST(oops, stack_guard_hit_is_named)				/* K5 */
{
	EXPECT_BAD_ACCESS("the guard below the boot stack",
			  touch((char *)boot_stack.guard + 8));
}

KTEST(oops, hole_below_the_window_is_explained)			/* C14 */
{
	char *p = vmalloc(PAGE_SIZE);

	REQUIRE(p);
	EXPECT_BAD_ACCESS("1 byte before the start of area",
			  touch((char *)VMALLOC_START - 1));
	vfree(p);
}

static int touch_null_under_lock(const struct vmap_area *area __unused,
				 void *arg __unused)
{
	struct recovery point;

	EXPECT_EQ(this_cpu->lock_rank, RANK_VMAP);
	if (recovery_set(&point) == 0) {
		touch(NULL);
		recovery_clear(&point);
	}
	return 0;
}

KTEST(oops, report_works_while_the_list_of_areas_is_locked)	/* O1 */
{
	char *p = vmalloc(PAGE_SIZE);

	REQUIRE(p);
	EXPECT_REPORT("BAD WRITE CAUGHT",
		      vmap_for_each(touch_null_under_lock, NULL));
	EXPECT_EQ(this_cpu->lock_rank, RANK_NONE);
	vfree(p);
}

static void write_nothing(const char *text __unused, size_t len __unused)
{
}

static int faulty_read(void)
{
	struct recovery point;

	EXPECT_EQ(this_cpu->lock_rank, RANK_CONSOLE);
	if (recovery_set(&point) == 0) {
		touch(NULL);
		recovery_clear(&point);
	}
	return 'x';
}

KTEST(oops, report_works_while_the_console_is_locked)		/* O1 */
{
	struct console faulty = {
		.name = "faulty", .write = write_nothing, .read = faulty_read,
	};
	int c = -1;

	console_register(&faulty);
	EXPECT_REPORT("BAD WRITE CAUGHT", c = console_getc());
	EXPECT_EQ(c, 'x');
	console_unregister(&faulty);
}

KTEST(oops, quiet_point_prints_nothing)
{
	uint64_t from = printk_position();

	EXPECT_FAULT(touch(NULL));
	EXPECT(!printk_contains(from, "BAD"));
	EXPECT_EQ(ktest_last_fault()->vector, TRAP_PAGE_FAULT);
}

KTEST(oops, other_exceptions_print_name_and_registers)
{
	EXPECT_BAD_ACCESS("EXCEPTION: invalid opcode (vector 6",
			  __asm__ volatile("ud2"));
	EXPECT(ktest_report_contains("  eip "));
	EXPECT(ktest_report_contains("  eax "));
}

KTEST(oops, machine_is_as_before_after_a_hundred_reports)
{
	volatile unsigned int i;

	for (i = 0; i < 100; i++)
		EXPECT_FAULT(touch((char *)(unsigned long)(i * 8)));
	EXPECT_EQ(this_cpu->oops_depth, 0);
	EXPECT(read_eflags() & EFLAGS_IF);
}
