/* SPDX-License-Identifier: MIT */
/* vread.h - bytes of the window, whatever is there or not */
#ifndef MM_VREAD_H
#define MM_VREAD_H

/*
 * vread, vwrite - copy up to @count bytes of the window to @buf, or from it
 *
 * Never a fault, whatever @addr and @count are. What is no mapped RAM of a live
 * area reads as zero and swallows what is written: gaps, guards, device areas,
 * areas that are being made or removed, blocks of vm_map_ram; read-only pages
 * swallow, too. A count that wraps ends at 4 GiB.
 * @buf     memory of the kernel, @count bytes.
 * Context  any, no spinlock held. Locks  takes vmap_lock, for all of it.
 * Returns  how many bytes of @buf were filled, or used: up to the end of the
 *          last area before @addr + @count, so 0 if all areas lie below @addr.
 */
long vread(char *buf, const char *addr, unsigned long count);
long vwrite(const char *buf, char *addr, unsigned long count);

#endif
