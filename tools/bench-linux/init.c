/* SPDX-License-Identifier: MIT */
/*
 * init.c - the first and only program of the Linux that is measured
 *
 * Gives the module to the kernel, with the last word of the kernel's command line
 * (one behind `--`, which the kernel leaves to us) as its parameter, and switches
 * the machine off when it comes back. If the word is `symbols`, it copies
 * /proc/kallsyms to QEMU's debug port instead: the package's System.map is empty.
 * Freestanding: system calls by int 0x80.
 */
#define SYS_READ		3
#define SYS_WRITE		4
#define SYS_OPEN		5
#define SYS_MOUNT		21
#define SYS_MKDIR		39
#define SYS_REBOOT		88
#define SYS_IOPL		110
#define SYS_FINIT_MODULE	350

#define REBOOT_MAGIC1		0xfee1dead
#define REBOOT_MAGIC2		672274793
#define POWER_OFF		0x4321fedc
#define DEBUG_PORT		0xe9

/* A fourth and a fifth argument, as mount has, are 0. */
static long call(long number, unsigned long a, unsigned long b, unsigned long c)
{
	long result;

	__asm__ volatile("int $0x80" : "=a"(result)
			 : "a"(number), "b"(a), "c"(b), "d"(c), "S"(0), "D"(0)
			 : "memory");
	return result;
}

static void copy_symbols(void)
{
	static char buffer[65536];
	const char *from;
	long file, size;

	call(SYS_IOPL, 3, 0, 0);
	call(SYS_MKDIR, (unsigned long)"/proc", 0755, 0);
	call(SYS_MOUNT, (unsigned long)"proc", (unsigned long)"/proc",
	     (unsigned long)"proc");
	file = call(SYS_OPEN, (unsigned long)"/proc/kallsyms", 0, 0);
	while ((size = call(SYS_READ, (unsigned long)file,
			    (unsigned long)buffer, sizeof(buffer))) > 0) {
		from = buffer;
		__asm__ volatile("cld; rep outsb" : "+S"(from), "+c"(size)
				 : "d"(DEBUG_PORT) : "memory");
	}
}

/* The stack as the kernel leaves it: argc, then argv. */
void begin(long argc, const char **argv)
{
	static const char failed[] = "init: the module was refused\n";
	const char *words = argc > 1 ? argv[argc - 1] : "";
	long file = call(SYS_OPEN, (unsigned long)"/bench.ko", 0, 0);

	if (words[0] == 's')
		copy_symbols();
	else if (call(SYS_FINIT_MODULE, (unsigned long)file,
		      (unsigned long)words, 0) != 0)
		call(SYS_WRITE, 1, (unsigned long)failed, sizeof(failed) - 1);
	call(SYS_REBOOT, REBOOT_MAGIC1, REBOOT_MAGIC2, POWER_OFF);
	for (;;)
		;
}

__asm__(".globl _start\n"
	"_start:\n"
	"	xor	%ebp, %ebp\n"
	"	mov	(%esp), %eax\n"
	"	lea	4(%esp), %edx\n"
	"	and	$-16, %esp\n"
	"	sub	$8, %esp\n"
	"	push	%edx\n"
	"	push	%eax\n"
	"	call	begin\n");
