/* SPDX-License-Identifier: MIT */
/* serial.h - COM1, the port that reports */
#ifndef DRIVERS_SERIAL_H
#define DRIVERS_SERIAL_H

#include <kernel/printk.h>

/* serial_init - set COM1 to 115200 8N1 and register it, if there is one */
void serial_init(void);

/* Registered by serial_init; tests drive it directly. */
extern struct console serial_console;

#endif
