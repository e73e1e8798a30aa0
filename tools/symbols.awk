# SPDX-License-Identifier: MIT
# symbols.awk - the kernel's table of function names, as assembly
#
#	nm -n lacuna.elf | awk -f tools/symbols.awk >symbols.S
#
# Reads lines "address type name" in the order of the addresses and keeps the
# code symbols from text_start to text_end. Addresses are hex of one width, so
# they compare as text. Without input the table is empty: the first of the two
# links uses that. kernel/symbols.c reads the table.

BEGIN { n = nr = offset = 0 }

$3 == "text_start" { text_start = $1; next }
$3 == "text_end" { text_end = $1; next }
$3 == "kernel_start" { next }		# a border too, and not a function
$2 ~ /^[tTwW]$/ && $3 !~ /^\.L/ {
	address[n] = $1 ""
	name[n++] = $3
}

function label(symbol) {
	print "\t.globl " symbol
	print symbol ":"
}

END {
	for (i = 0; i < n; i++)
		if (address[i] >= text_start && address[i] < text_end)
			kept[nr++] = i

	print "\t.section .rodata.symbols, \"a\", @progbits"
	print "\t.balign 4"
	label("symbol_count")
	print "\t.long " nr
	label("symbol_addresses")
	for (i = 0; i < nr; i++)
		print "\t.long 0x" address[kept[i]]
	label("symbol_name_offsets")
	for (i = 0; i < nr; i++) {
		print "\t.long " offset
		offset += length(name[kept[i]]) + 1
	}
	label("symbol_names")
	for (i = 0; i < nr; i++)
		print "\t.asciz \"" name[kept[i]] "\""
	print "\t.section .note.GNU-stack, \"\", @progbits"
}
