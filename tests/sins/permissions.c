/* SPDX-License-Identifier: MIT */
/*
 * permissions.c - what may not be written, and what may not be executed
 *
 * What is written is what stood there, and what is executed is a return: should
 * nobody notice, no harm is done.
 */
#include <mm/kspace.h>
#include <mm/page_alloc.h>
#include <tests/sin.h>

#include "neighbours.h"

static const uint8_t constant[] = { OPCODE_RET };
static uint8_t data[] = { OPCODE_RET };

SIN(permissions, write_to_text,
    BY(READ_ONLY, "the kernel's text (read, execute)"))
{
	COMMIT(sin_rewrite(HIDE((char *)(unsigned long)sin_fetch)));
}

SIN(permissions, write_to_a_constant,
    BY(READ_ONLY, "the kernel's constants (read only)"))
{
	COMMIT(sin_rewrite(HIDE(&constant[0])));
}

SIN(permissions, write_to_what_is_constant_since_boot,
    BY(AFTER_INIT, "read-only since boot"))
{
	COMMIT(sin_rewrite(HIDE(&kernel_pdpt[0])));
}

SIN(permissions, execution_of_a_constant, BY(NX, "BAD FETCH CAUGHT"))
{
	COMMIT(sin_fetch(constant));
}

SIN(permissions, execution_of_data, BY(NX, "BAD FETCH CAUGHT"))
{
	COMMIT(sin_fetch(HIDE(&data[0])));
}

SIN(permissions, execution_of_the_stack, BY(NX, "BAD FETCH CAUGHT"))
{
	uint8_t code[4] = { OPCODE_RET };

	COMMIT(sin_fetch(HIDE(&code[0])));
}

SIN(permissions, execution_of_an_object, BY(NX, "BAD FETCH CAUGHT"))
{
	uint8_t *code = kmalloc(OBJECT_SIZE, GFP_KERNEL);

	REQUIRE(code);
	code[0] = OPCODE_RET;
	COMMIT(sin_fetch(code));
	kfree(code);
}

SIN(permissions, execution_of_an_area, BY(NX, "BAD FETCH CAUGHT"))
{
	uint8_t *code = vmalloc(PAGE_SIZE);

	REQUIRE(code);
	code[0] = OPCODE_RET;
	COMMIT(sin_fetch(code));
	vfree(code);
}

SIN(permissions, area_both_writable_and_executable,
    BY(WRITABLE_CODE, "it would be writable and executable"))
{
	const pgprot_t both = { PAGE_KERNEL_EXEC.raw | PTE_WRITE };
	void *volatile p = NULL;

	COMMIT(p = __vmalloc(PAGE_SIZE, GFP_KERNEL | __GFP_HIGHMEM, both));
	vfree(p);
}

SIN(permissions, text_made_writable_by_vmap,
    BY(ALIAS, "is no page or not for this use"))
{
	struct page *page = virt_to_page(text_start);
	void *volatile p = NULL;

	COMMIT(p = vmap(&page, 1, VM_MAP, PAGE_KERNEL));
	vunmap(p);
}
