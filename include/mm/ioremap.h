/* SPDX-License-Identifier: MIT */
/* ioremap.h - addresses for the registers and the memory of devices */
#ifndef MM_IOREMAP_H
#define MM_IOREMAP_H

#include <lib/compiler.h>
#include <lib/phys.h>

/*
 * ioremap - addresses for @size bytes of a device, from @phys on
 *
 * An area of the window, with its guard; the offset in the page is kept. What is
 * returned is reached by readb, writel ... (<x86/io.h>) only. The low 1 MiB of a
 * PC from 0xA0000 on has its addresses in the direct map, and keeps them.
 *
 *	ioremap, ioremap_nocache	each access happens, in its order
 *	ioremap_wc			writes are gathered: frame buffers
 *	ioremap_cache			like memory: ROMs, tables of the firmware
 *
 * Context  thread, no spinlock held; elsewhere it is reported and refused.
 * Returns  an address, or NULL: size 0, a sum that wraps, no memory, no room;
 *          reported: RAM, more than the CPU can address, and what the direct map
 *          shows already with another kind of caching.
 */
void __iomem *ioremap(phys_addr_t phys, unsigned long size);
void __iomem *ioremap_wc(phys_addr_t phys, unsigned long size);
void __iomem *ioremap_cache(phys_addr_t phys, unsigned long size);

#define ioremap_nocache ioremap		/* Linux's longer name */

/*
 * iounmap - the end of such addresses; any address in the first page will do
 *
 * NULL is fine. What is no area of ioremap's is reported with the caller and
 * nothing is changed. Context  as ioremap.
 */
void iounmap(volatile void __iomem *addr);

#endif
