/* SPDX-License-Identifier: MIT */
/* errno.h - why something was refused; functions return the negative value */
#ifndef LIB_ERRNO_H
#define LIB_ERRNO_H

#define ENOENT	2	/* no such thing                 */
#define EIO	5	/* the device failed             */
#define ENOMEM	12	/* no page frame or no record    */
#define EFAULT	14	/* bad address                   */
#define EBUSY	16	/* in use                        */
#define EEXIST	17	/* is there already              */
#define EINVAL	22	/* the argument makes no sense   */
#define ENOSPC	28	/* no range of addresses is left */
#define ERANGE	34	/* the number is too large       */

#endif
