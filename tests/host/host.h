/* SPDX-License-Identifier: MIT */
/*
 * host.h - what a test program on the build machine needs
 *
 *	int main(void)
 *	{
 *		CHECK(k_strlen("abc") == 3);
 *		host_case("a length is counted");
 *		return host_end();
 *	}
 *
 * A case is what was checked since the last one. Kernel functions with the name
 * of a C library function are called k_<name> here (names.h).
 */
#ifndef TESTS_HOST_H
#define TESTS_HOST_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lib/random.h>

#define CHECK(cond) host_check((cond), __FILE__, __LINE__, #cond)

void host_check(bool ok, const char *file, int line, const char *cond);
void host_case(const char *sentence);

/* The program's status: 0 when no case failed. */
int host_end(void);

/* Random numbers, the same in every run unless SEED is in the environment. */
uint32_t host_random(void);
uint64_t host_random64(void);		/* of random width as well */
uint32_t host_below(uint32_t bound);

__typeof__(memcpy) k_memcpy;
__typeof__(memmove) k_memmove;
__typeof__(memset) k_memset;
__typeof__(memcmp) k_memcmp;
__typeof__(strlen) k_strlen;
__typeof__(strnlen) k_strnlen;
__typeof__(strcmp) k_strcmp;
__typeof__(strncmp) k_strncmp;
__typeof__(vsnprintf) k_vsnprintf;
__typeof__(snprintf) k_snprintf;
char *k_strchr(const char *s, int c);	/* C++ makes two of these in libc */
char *k_strstr(const char *haystack, const char *needle);

#endif
