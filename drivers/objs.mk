# SPDX-License-Identifier: MIT
# The few drivers that must be in the kernel.
OBJS += drivers/serial.o	# COM1, the port that reports
OBJS += drivers/vga.o		# the 80x25 text screen
