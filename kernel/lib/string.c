/* SPDX-License-Identifier: MIT */
/*
 * string.c - bytes and C strings
 *
 * Problem     A memory manager copies and clears more than it computes, and a
 *             freestanding compiler brings no C library.
 * Idea        Four bytes at a time. Where one instruction does the whole job
 *             (rep movs, rep stos) it is used: per four bytes it executes one
 *             instruction where a loop executes five.
 * Hazard      A compiler that recognises the loop in memset as "this is a
 *             memset" replaces it by a call of memset: the function would call
 *             itself for ever. objs.mk switches that off for this file.
 * Cost        O(n); strstr O(n * m).
 * Read first  memcpy, then memmove.
 * See         tests/lib/test_string.c, tests/host/test_string.c
 */
#include <lib/string.h>

#include <lib/compiler.h>
#include <lib/errno.h>
#include <lib/export.h>

/* Four bytes at any address, whatever type they were written as. */
typedef uint32_t __aligned(1) __attribute__((may_alias)) word_t;

#define WORD		sizeof(word_t)
#define BYTE_REPEATED	0x01010101U

void *memcpy(void *dst, const void *src, size_t n)
{
	size_t words = n / WORD, bytes = n % WORD;
	void *to = dst;

	__asm__ volatile("rep movsl\n\t"
			 "mov %3, %2\n\t"
			 "rep movsb"
			 : "+&D"(to), "+&S"(src), "+&c"(words)
			 : "r"(bytes)
			 : "memory");
	return dst;
}
EXPORT_SYMBOL(memcpy);

/* From the end, for a destination that begins inside the source. */
static void copy_backwards(void *dst, const void *src, size_t n)
{
	const unsigned char *from = src;
	unsigned char *to = dst;

	for (; n % WORD; n--)
		to[n - 1] = from[n - 1];
	for (; n; n -= WORD)
		*(word_t *)(to + n - WORD) =
			*(const word_t *)(from + n - WORD);
}

void *memmove(void *dst, const void *src, size_t n)
{
	/* True only if dst lies in [src, src + n): below, it wraps. */
	if ((uintptr_t)dst - (uintptr_t)src < n)
		copy_backwards(dst, src, n);
	else
		memcpy(dst, src, n);
	return dst;
}
EXPORT_SYMBOL(memmove);

void *memset(void *dst, int byte, size_t n)
{
	size_t words = n / WORD, bytes = n % WORD;
	uint32_t pattern = (unsigned char)byte * BYTE_REPEATED;
	void *to = dst;

	__asm__ volatile("rep stosl\n\t"
			 "mov %2, %1\n\t"
			 "rep stosb"
			 : "+&D"(to), "+&c"(words)
			 : "r"(bytes), "a"(pattern)
			 : "memory");
	return dst;
}
EXPORT_SYMBOL(memset);

int memcmp(const void *a, const void *b, size_t n)
{
	const unsigned char *p = a, *q = b;

	while (n >= WORD && *(const word_t *)p == *(const word_t *)q) {
		p += WORD;
		q += WORD;
		n -= WORD;
	}
	for (; n; n--, p++, q++)
		if (*p != *q)
			return *p - *q;
	return 0;
}
EXPORT_SYMBOL(memcmp);

void *memchr_inv(const void *p, int byte, size_t n)
{
	uint32_t pattern = (unsigned char)byte * BYTE_REPEATED;
	const unsigned char *at = p;

	while (n >= WORD && *(const word_t *)at == pattern) {
		at += WORD;
		n -= WORD;
	}
	for (; n; n--, at++)
		if (*at != (unsigned char)byte)
			return (void *)(uintptr_t)at;
	return NULL;
}
EXPORT_SYMBOL(memchr_inv);

size_t strlen(const char *s)
{
	size_t len = 0;

	while (s[len])
		len++;
	return len;
}
EXPORT_SYMBOL(strlen);

size_t strnlen(const char *s, size_t max)
{
	size_t len = 0;

	while (len < max && s[len])
		len++;
	return len;
}
EXPORT_SYMBOL(strnlen);

int strcmp(const char *a, const char *b)
{
	return strncmp(a, b, SIZE_MAX);
}
EXPORT_SYMBOL(strcmp);

int strncmp(const char *a, const char *b, size_t n)
{
	for (; n; n--, a++, b++)
		if (*a != *b || !*a)
			return (unsigned char)*a - (unsigned char)*b;
	return 0;
}
EXPORT_SYMBOL(strncmp);

/* The terminating 0 is part of the string and can be looked for too. */
char *strchr(const char *s, int c)
{
	for (; *s != (char)c; s++)
		if (!*s)
			return NULL;
	return (char *)(uintptr_t)s;
}
EXPORT_SYMBOL(strchr);

char *strstr(const char *haystack, const char *needle)
{
	size_t len = strlen(needle);

	for (; strncmp(haystack, needle, len) != 0; haystack++)
		if (!*haystack)
			return NULL;
	return (char *)(uintptr_t)haystack;
}
EXPORT_SYMBOL(strstr);

int strscpy(char *dst, const char *src, size_t size)
{
	size_t len = strnlen(src, size);

	if (size == 0)
		return -ERANGE;
	if (len == size) {
		memcpy(dst, src, size - 1);
		dst[size - 1] = '\0';
		return -ERANGE;
	}
	memcpy(dst, src, len + 1);
	return (int)len;
}
EXPORT_SYMBOL(strscpy);
