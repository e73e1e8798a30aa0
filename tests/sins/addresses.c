/* SPDX-License-Identifier: MIT */
/*
 * addresses.c - NULL, and other addresses to which nothing is mapped
 *
 * Frame 0 holds what the firmware left. The kernel never looks at it again.
 */
#include <tests/sin.h>
#include <x86/layout.h>

#include "access.h"

struct record { char name[64]; int value; };

SIN(addresses, write_to_null,
    BY(UBSAN, "a NULL pointer to"), BY(NULL_PAGE, "page 0: a NULL pointer"))
{
	COMMIT(sin_write(HIDE((char *)NULL)));
}

SIN(addresses, read_from_null,
    BY(UBSAN, "a NULL pointer to"), BY(NULL_PAGE, "page 0: a NULL pointer"))
{
	COMMIT(sin_read(HIDE((char *)NULL)));
}

SIN(addresses, write_to_a_field_of_null,
    BY(UBSAN, "a NULL pointer to"), BY(NULL_PAGE, "page 0: a NULL pointer"))
{
	struct record *record = HIDE((struct record *)NULL);

	COMMIT(*(volatile int *)&record->value = 1);
}

/* A return instruction there, should nobody notice. */
SIN(addresses, call_of_null, BY(NULL_PAGE, "page 0: a NULL pointer"))
{
	*(volatile uint8_t *)phys_to_virt(0) = OPCODE_RET;
	COMMIT(sin_fetch(HIDE((char *)NULL)));
}

SIN(addresses, read_of_an_address_of_user_space,
    BY(NULL_PAGE, "in user space, which is empty"))
{
	COMMIT(sin_read(HIDE((char *)0x1234)));
}
