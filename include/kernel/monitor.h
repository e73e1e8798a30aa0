/* SPDX-License-Identifier: MIT */
/* monitor.h - questions to the running kernel */
#ifndef KERNEL_MONITOR_H
#define KERNEL_MONITOR_H

#include <lib/format.h>

/* monitor_run - read commands from the console until `exit` */
void monitor_run(void);

/* monitor_execute - one command line; cut up. Returns false after `exit`. */
bool monitor_execute(char *line);

#endif
