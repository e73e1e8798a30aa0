/* SPDX-License-Identifier: MIT */
/* trace.h - events of the memory manager as lines of JSON on COM2 */
#ifndef KERNEL_TRACE_H
#define KERNEL_TRACE_H

/*
 * trace_select - from now on write the events that these globs name: trace=
 *
 * Commas between them. One that names no event is reported and ignored, and so
 * is all of it, in one line, where there is no COM2. Context  boot, before mm_init
 * for a trace that begins with the first free block; or a self-test.
 */
void trace_select(const char *globs);

#endif
