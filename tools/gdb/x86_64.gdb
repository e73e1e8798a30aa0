# SPDX-License-Identifier: MIT
# x86_64.gdb - for qemu-system-x86_64, which sends the registers of 64 bits
#
# `make gdb` and `make gdb-server` have it read before GDB connects, when QEMU=
# has that name. x86_64.xml says where the registers of an i386 are in what QEMU
# sends. They have no numbers of their own there: all are fetched at once. And
# none is set: of a CPU in 32-bit mode QEMU takes some in fewer bytes than it
# gives, so that the next would get what is not theirs.
set tdesc filename tools/gdb/x86_64.xml
set remote fetch-register-packet off
set may-write-registers off
