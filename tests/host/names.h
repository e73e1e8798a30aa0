/* SPDX-License-Identifier: MIT */
/*
 * names.h - included before each kernel source that is compiled for the host
 *
 * What has the name of a C library function becomes k_<name>, so that both can
 * be linked into one program and compared.
 */
#define memcpy		k_memcpy
#define memmove		k_memmove
#define memset		k_memset
#define memcmp		k_memcmp
#define strlen		k_strlen
#define strnlen		k_strnlen
#define strcmp		k_strcmp
#define strncmp		k_strncmp
#define strchr		k_strchr
#define strstr		k_strstr
#define vsnprintf	k_vsnprintf
#define snprintf	k_snprintf
