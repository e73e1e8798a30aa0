/* SPDX-License-Identifier: MIT */
/* vga.h - the 80x25 text screen */
#ifndef DRIVERS_VGA_H
#define DRIVERS_VGA_H

#include <kernel/printk.h>

#define VGA_COLUMNS	80U
#define VGA_ROWS	25U

/* vga_init - clear the screen and register it, if there is one */
void vga_init(void);

/* Registered by vga_init; tests drive it directly. */
extern struct console vga_console;

/* vga_cell - a character and its colour as the screen holds them, row 0 on top */
uint16_t vga_cell(unsigned int row, unsigned int column);

#endif
