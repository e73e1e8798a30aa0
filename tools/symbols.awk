# SPDX-License-Identifier: MIT
# symbols.awk - the kernel's table of function names, as assembly
#
#	nm -n lacuna.elf | awk -f tools/symbols.awk >symbols.S
#
# Reads lines "address type name" in the order of the addresses and keeps the
# code symbols from text_start to text_end. Addresses are hex of one width, so
# they compare as text. Without input the table is empty: the first of the two
# links uses that. kernel/symbols.c reads the table.
#
# Behind the functions stand the variables, first those that are read-only after
# boot. They lie above the table, which moves them: so their addresses are sums.

BEGIN {
	n = nr = nv = offset = 0
	split("kernel_start rodata_end data_start ro_after_init_end " \
	      "init_array_start init_array_end gcov_info_start " \
	      "gcov_info_end kernel_end", borders, " ")
	for (i in borders)
		is_border[borders[i]] = 1
}

$3 == "text_start" { text_start = $1; next }
$3 == "text_end" { text_end = $1; next }
$3 == "ro_after_init_start" { ro_start = $1; next }
$3 in is_border { next }		# of linker.ld
$2 ~ /^[dDbB]$/ && $3 !~ /^\.L/ {
	var_address[nv] = $1 ""
	var_name[nv++] = $3
}
$2 ~ /^[tTwW]$/ && $3 !~ /^\.L/ {
	address[n] = $1 ""
	name[n++] = $3
}

# awk's own numbers are exact up to 2^53.
function hex(text,	i, value) {
	for (i = 1; i <= length(text); i++)
		value = value * 16 + index("0123456789abcdef",
					   substr(text, i, 1)) - 1
	return value
}

function label(symbol) {
	print "\t.globl " symbol
	print symbol ":"
}

END {
	for (i = 0; i < n; i++)
		if (address[i] >= text_start && address[i] < text_end)
			kept[nr++] = i

	functions = nr
	for (i = 0; i < nv; i++)
		if (var_address[i] >= ro_start) {
			kept[nr++] = n
			address[n] = "ro_after_init_start + " \
				     hex(var_address[i]) - hex(ro_start)
			name[n++] = var_name[i]
		}

	print "\t.section .rodata.symbols, \"a\", @progbits"
	print "\t.balign 4"
	label("symbol_count")
	print "\t.long " functions
	label("symbol_count_all")
	print "\t.long " nr
	label("symbol_addresses")
	for (i = 0; i < nr; i++)
		print "\t.long " (i < functions ? "0x" : "") address[kept[i]]
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
