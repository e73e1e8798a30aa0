# SPDX-License-Identifier: MIT
TEST_OBJS += tests/drivers/test_serial.o	# bytes through the loopback
TEST_OBJS += tests/drivers/test_vga.o	# what is written stands on the screen
