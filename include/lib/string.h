/* SPDX-License-Identifier: MIT */
/* string.h - bytes and C strings; contracts as in ISO C where C has the name */
#ifndef LIB_STRING_H
#define LIB_STRING_H

#include <lib/types.h>

void *memcpy(void *dst, const void *src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
void *memset(void *dst, int byte, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
char *strchr(const char *s, int c);
char *strstr(const char *haystack, const char *needle);

/*
 * strscpy - copy a string into a buffer of @size bytes, always terminated
 *
 * Returns  the length copied, or -ERANGE when @src had to be cut or @size is 0.
 */
int strscpy(char *dst, const char *src, size_t size);

/*
 * memchr_inv - the first byte in [@p, @p + @n) that is not @byte, or NULL
 */
void *memchr_inv(const void *p, int byte, size_t n);

#endif
