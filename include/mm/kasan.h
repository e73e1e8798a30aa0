/* SPDX-License-Identifier: MIT */
/*
 * kasan.h - KASAN=1: which bytes of the kernel may be touched
 *
 * Each hook is one line where memory changes hands; without KASAN it is empty.
 * The checks themselves the compiler puts before each access; what they call
 * is kernel/kasan.c.
 */
#ifndef MM_KASAN_H
#define MM_KASAN_H

#include <mm/page.h>

struct kmem_cache;
struct vmap_area;

/*
 * A shadow byte: 0, all 8 bytes of the granule may be touched; 1 to 7, only so
 * many; else none, for this reason. f1 to f9, ca and cb are the compiler's.
 */
#define KASAN_GRANULE		8UL
#define KASAN_ALLOCA_LEFT	0xcaU	/* before and ...                    */
#define KASAN_ALLOCA_RIGHT	0xcbU	/* ... behind an array of variable size */
#define KASAN_STACK_LEFT	0xf1U	/* before a function's variables     */
#define KASAN_STACK_MIDDLE	0xf2U
#define KASAN_STACK_RIGHT	0xf3U
#define KASAN_STACK_SCOPE	0xf8U	/* a variable whose block has ended  */
#define KASAN_GLOBAL		0xf9U	/* behind a global variable          */
#define KASAN_FREE		0xfaU	/* an object that is its slab's      */
#define KASAN_HELD		0xfbU	/* a freed one, in the quarantine    */
#define KASAN_REDZONE		0xfcU	/* between objects                   */
#define KASAN_SLACK		0xfdU	/* behind what vmalloc was asked for */
#define KASAN_TAIL		0xfeU	/* the same of kmalloc's large blocks */
#define KASAN_PAGE		0xffU	/* a frame that is free              */

#ifdef KASAN
#define KASAN_ON	1
#define KASAN_BEHIND	20U		/* bytes behind each object of a slab */

/* --- mm/kasan.c: the shadow ------------------------------------------------ */

/* kasan_early_init - a shadow for the image, zeroes for all else; its globals
 * are watched from now on. The first thing above PAGE_OFFSET. */
void kasan_early_init(void);

/* kasan_init - the final shadow, into the page tables that kspace_init makes */
void kasan_init(void);

/*
 * kasan_populate - make the shadow of [@addr, @addr + @size) of the window
 * writable. Once there it stays. Returns  0 or -ENOMEM.
 */
int __must_check kasan_populate(unsigned long addr, unsigned long size);
unsigned long kasan_nr_pages(void);	/* made so */

/* The granules that [@addr, @addr + @size) touches, @addr aligned. */
void kasan_poison(const void *addr, size_t size, unsigned int why);

/* Exactly the bytes of [@addr, @addr + @size), @addr aligned. */
void kasan_unpoison(const void *addr, size_t size);

/* kasan_abandon_stacks - recovery leads to @esp: what lay deeper is left */
void kasan_abandon_stacks(unsigned long esp);

/* The shadow byte of a kernel address. */
unsigned int kasan_shadow(unsigned long addr);

/* kasan_init_frames - records for low memory's frames. Called by kasan_init. */
void kasan_init_frames(void);

/* kasan_first_bad - the first byte that may not be touched, or 0 */
unsigned long kasan_first_bad(unsigned long addr, size_t size);

/* --- mm/kasan_page.c: frames, large blocks, slack -------------------------- */

/* Who had a frame of low memory last, as far as that is known: else 0. */
struct kasan_frame { unsigned long alloc_caller, free_caller; };
const struct kasan_frame *kasan_frame(unsigned long addr);

void kasan_alloc_pages(const struct page *page, unsigned int order,
		       unsigned long caller);
void kasan_free_pages(const struct page *page, unsigned int order,
		      unsigned long caller);
/* Of the block that begins at @p only @size bytes may be touched. */
void kasan_kmalloc_large(void *p, size_t size, unsigned long caller);
int __must_check kasan_vmalloc(const struct vmap_area *area);
void kasan_vfree(const struct vmap_area *area);

/* --- mm/kasan_slab.c: objects and the quarantine --------------------------- */

void kasan_slab_create(const struct kmem_cache *cache, struct page *slab);
void kasan_slab_alloc(const struct kmem_cache *cache, void *object,
		      unsigned long caller);
/* True: the object is kept back for a while, it is not to be given to others. */
bool kasan_slab_free(struct kmem_cache *cache, void *object,
		     unsigned long caller);
bool kasan_is_held(const void *object);
/* All @size bytes of what @p points to may be touched; returns @size. */
size_t kasan_ksize(const void *p, size_t size);

/* What lies at or nearest to @addr, if that is in a slab. */
struct kasan_object {
	const char	*cache;
	unsigned long	start;
	size_t		requested;		/* bytes that may be touched */
	unsigned long	alloc_caller, free_caller; /* 0 where not yet       */
};
bool kasan_find_object(unsigned long addr, struct kasan_object *object);

/* kasan_tell_owners - a line about who had the object at @p, if that is one */
void kasan_tell_owners(const void *p);
/* Of the object that begins at @p only @size bytes may be touched. */
void *kasan_kmalloc(void *p, size_t size, unsigned long caller);
/* The quarantine is emptied; was there anything in it? */
bool kasan_drain(void);
/* The same, if this context may. */
bool kasan_reclaim(void);

#else
#define KASAN_ON	0
#define KASAN_BEHIND	0U

static inline void kasan_early_init(void) { }
static inline void kasan_init(void) { }
static inline void kasan_abandon_stacks(unsigned long esp __unused) { }

static inline unsigned long kasan_nr_pages(void)
{
	return 0;
}

static inline void kasan_unpoison(const void *addr __unused,
				  size_t size __unused) { }
static inline void kasan_alloc_pages(const struct page *page __unused,
				     unsigned int order __unused,
				     unsigned long caller __unused) { }
static inline void kasan_free_pages(const struct page *page __unused,
				    unsigned int order __unused,
				    unsigned long caller __unused) { }
static inline void kasan_kmalloc_large(void *p __unused, size_t size __unused,
				       unsigned long caller __unused) { }

static inline int __must_check
kasan_vmalloc(const struct vmap_area *area __unused)
{
	return 0;
}

static inline void kasan_vfree(const struct vmap_area *area __unused) { }

static inline void kasan_slab_create(const struct kmem_cache *cache __unused,
				     struct page *slab __unused) { }
static inline void kasan_slab_alloc(const struct kmem_cache *cache __unused,
				    void *object __unused,
				    unsigned long caller __unused) { }

static inline bool kasan_slab_free(struct kmem_cache *cache __unused,
				   void *object __unused,
				   unsigned long caller __unused)
{
	return false;
}

static inline bool kasan_is_held(const void *object __unused)
{
	return false;
}

static inline size_t kasan_ksize(const void *p __unused, size_t size)
{
	return size;
}

static inline void kasan_tell_owners(const void *p __unused) { }

static inline void *kasan_kmalloc(void *p, size_t size __unused,
				  unsigned long caller __unused)
{
	return p;
}

static inline bool kasan_drain(void)
{
	return false;
}

static inline bool kasan_reclaim(void)
{
	return false;
}

#endif
#endif
