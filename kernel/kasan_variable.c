/* SPDX-License-Identifier: MIT */
/*
 * kasan_variable.c - variables by name: globals, and locals on a stack (KASAN=1)
 *
 * Problem     "A byte behind something" helps nobody; the compiler knew its name.
 * Idea        For globals it leaves a record each, and for each file a function
 *             that hands them over before kmain: then their redzones are
 *             poisoned. For a frame it leaves a text, whose address the function
 *             writes to the bottom of the frame.
 * Picture     frame  | magic | text | function | redzone | buf |redzone| i | ...
 *                      f1      f1     f1         f1        00 02 f2      04 f3
 *             text   "2 32 10 6 buf:12 64 4 4 i:13": how many; of each where,
 *             how long, the length of the name, the name and its line.
 * Source      The records are gcc's (libsanitizer/asan).
 * Read first  kasan_find_local
 * See         kernel/kasan_report.c, tests/mm/test_kasan.c
 */
#include <kernel/kasan.h>

#include <lib/assert.h>
#include <lib/bits.h>
#include <lib/string.h>
#include <mm/kasan.h>

/* How far @addr is from the nearest byte of a variable. */
static unsigned long distance(unsigned long addr, unsigned long start,
			      size_t size)
{
	if (addr < start)
		return start - addr;
	return addr - start < size ? 0 : addr - start - size + 1;
}

/* --- globals --------------------------------------------------------------- */

#define FILES_MAX	400U

struct global {
	const char	*start;
	size_t		size, size_with_redzone;
	const char	*name, *file;
	unsigned long	has_constructor;
	const struct { const char *file; int line, column; } *place;
	unsigned long	indicator;
};

/* As the constructor of each file gave them. */
static struct { const struct global *globals; size_t nr; } files[FILES_MAX];
static unsigned int nr_files;

void __asan_register_globals(const struct global *globals, size_t nr);
void __asan_unregister_globals(void);

void __asan_register_globals(const struct global *globals, size_t nr)
{
	const struct global *g;
	size_t whole;

	ASSERT(nr_files < FILES_MAX);
	files[nr_files].globals = globals;
	files[nr_files++].nr = nr;
	for (g = globals; g < globals + nr; g++) {
		whole = ALIGN_UP(g->size, KASAN_GRANULE);
		kasan_poison(g->start + whole, g->size_with_redzone - whole,
			     KASAN_GLOBAL);
		kasan_unpoison(g->start, g->size);
	}
}

/* Each file has a destructor too; nobody calls it, and linker.ld drops it. */
void __asan_unregister_globals(void)
{
	ASSERT(false);
}

static const struct global *nearest_global(unsigned long addr)
{
	const struct global *best = NULL, *g;
	unsigned long least = ~0UL, far;
	unsigned int i;

	for (i = 0; i < nr_files; i++)
		for (g = files[i].globals; g < files[i].globals + files[i].nr;
		     g++) {
			far = distance(addr, (unsigned long)g->start, g->size);
			if (far < least) {
				least = far;
				best = g;
			}
		}
	return best;
}

bool kasan_find_global(unsigned long addr, struct kasan_variable *variable)
{
	const struct global *g = nearest_global(addr);

	if (!g)
		return false;
	*variable = (struct kasan_variable){
		.start = (unsigned long)g->start,
		.size = g->size,
		.file = g->file,
		.line = g->place ? g->place->line : 0,
	};
	strscpy(variable->name, g->name, sizeof(variable->name));
	return true;
}

/* --- locals ---------------------------------------------------------------- */

#define FRAME_MAGIC	0x41B58AB3UL
#define FRAME_MAX	8192UL		/* so far down we look for its bottom */

/* The first word of the frame that @addr lies in, or 0. */
static unsigned long frame_bottom(unsigned long addr)
{
	unsigned long at = ALIGN_DOWN(addr, KASAN_GRANULE);

	while (kasan_shadow(at) != KASAN_STACK_LEFT) {
		if (addr - at > FRAME_MAX)
			return 0;
		at -= KASAN_GRANULE;
	}
	while (kasan_shadow(at - KASAN_GRANULE) == KASAN_STACK_LEFT)
		at -= KASAN_GRANULE;
	return at;
}

/* Reads what the function wrote into its own redzone. */
static __no_sanitize_address bool
frame_read(unsigned long bottom, const char **text, unsigned long *function)
{
	const unsigned long *words = (const unsigned long *)bottom;

	*text = (const char *)words[1];
	*function = words[2];
	return words[0] == FRAME_MAGIC;
}

/* A number and the space behind it. */
static unsigned long take_number(const char **text)
{
	unsigned long n = 0;

	for (; **text >= '0' && **text <= '9'; (*text)++)
		n = n * 10 + (unsigned long)(**text - '0');
	if (**text == ' ')
		(*text)++;
	return n;
}

/* "name:line" of so many characters, and the space behind it. */
static void take_name(const char **text, char *name, size_t size)
{
	size_t len = take_number(text), i;

	for (i = 0; i < len && i + 1 < size && (*text)[i] != ':'; i++)
		name[i] = (*text)[i];
	name[i] = '\0';
	*text += len;
	if (**text == ' ')
		(*text)++;
}

bool kasan_find_local(unsigned long addr, struct kasan_variable *variable)
{
	unsigned long bottom = frame_bottom(addr), left, least = ~0UL, far;
	struct kasan_variable v = { 0 };
	const char *text;

	if (!bottom || !frame_read(bottom, &text, &v.function))
		return false;
	for (left = take_number(&text); left > 0; left--) {
		v.start = bottom + take_number(&text);
		v.size = take_number(&text);
		take_name(&text, v.name, sizeof(v.name));
		far = distance(addr, v.start, v.size);
		if (far < least) {
			least = far;
			*variable = v;
		}
	}
	return least != ~0UL;
}
