/* SPDX-License-Identifier: MIT */
/*
 * power.c - leaving the machine
 *
 * Each of the three ways is a write that does nothing where the device is not
 * there, so they are simply tried in turn. The debug-exit device comes first:
 * it alone carries the verdict to the host. A machine that is switched off takes
 * with it what its serial port has not sent yet, so that is waited for.
 */
#include <x86/power.h>

#include <x86/cpu.h>
#include <x86/io.h>

#define QEMU_DEBUG_EXIT	0xF4
#define QEMU_ACPI_PM1	0x604
#define ACPI_SLEEP_S5	0x2000
#define BOCHS_SHUTDOWN	0x8900
#define COM1_LINE_STATUS 0x3FD
#define LSR_ALL_SENT	0x40		/* an absent port reads 0xff */
#define MAX_POLLS	20000U		/* of about 1 us: 200 bytes  */

static void drain_serial(void)
{
	unsigned int polls = 0;

	while (!(inb(COM1_LINE_STATUS) & LSR_ALL_SENT) && polls++ < MAX_POLLS)
		cpu_relax();
}

void power_exit(enum exit_verdict verdict)
{
	const char *text;

	drain_serial();
	outb(QEMU_DEBUG_EXIT, (uint8_t)verdict);
	outw(QEMU_ACPI_PM1, ACPI_SLEEP_S5);
	for (text = "Shutdown"; *text; text++)
		outb(BOCHS_SHUTDOWN, (uint8_t)*text);
	for (;;) {
		irq_local_disable();
		cpu_halt();
	}
}
