/* SPDX-License-Identifier: MIT */
/* internal.h - what the files of the monitor share */
#ifndef MONITOR_INTERNAL_H
#define MONITOR_INTERNAL_H

#include <kernel/monitor.h>
#include <kernel/printk.h>

#define say		console_printf

/* monitor_find - the command of that name, or NULL */
const struct monitor_command *monitor_find(const char *name);

#endif
