/* SPDX-License-Identifier: MIT */
/* serial.h - COM1, the port that reports; COM2, for traces */
#ifndef DRIVERS_SERIAL_H
#define DRIVERS_SERIAL_H

#include <kernel/printk.h>

/* serial_init - set COM1 to 115200 8N1 and register it, if there is one */
void serial_init(void);

/* Registered by serial_init; tests drive it directly. */
extern struct console serial_console;

#define COM1		0x3F8U
#define COM2		0x2F8U

/* serial_open - the same line settings for any port; false: it is not there */
bool serial_open(unsigned int port);

/* serial_put - a byte as it is, to a port that is open. Context  any; who writes
 * from several places takes a lock. A port that takes none loses it in the end. */
void serial_put(unsigned int port, char c);

#endif
