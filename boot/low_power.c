/* SPDX-License-Identifier: MIT */
/*
 * low_power.c - the kernel's way out, compiled a second time for the low part
 *
 * kernel/x86/power.c needs nothing but ports, and calls nothing.
 */
#include "low.h"

#define power_exit	low_power_exit_verdict
/* NOLINTNEXTLINE(bugprone-suspicious-include): for another address */
#include "../kernel/x86/power.c"

void low_power_exit(unsigned int verdict)
{
	power_exit((enum exit_verdict)verdict);
}
