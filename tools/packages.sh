# SPDX-License-Identifier: MIT
#
# packages.sh - how tools/setup and tools/doctor read the table tools/packages
#
# Problem     One installs, the other explains. Both must agree on what a goal
#             needs, which compiler is meant, and what a package is called here.
# Idea        Both source this file in the project's folder and call prepare,
#             which finds the system and the compiler and reads the table.
#             needs_of FUNCTION GROUP... then calls their function for each need;
#             is_there and package_for answer what it wants to know.
# Invariants  P1  As long as nothing is missing no process is started but cat
#                 and dirname, and for `test` clang, tools/i686-elf, and Python
#                 for modules that do not lie where Debian puts them.
#             P2  POSIX: dash, busybox, and the bash 3.2 that is sh on macOS.
#                 There is no `local`: a comment names what a function sets.
#             P3  Globbing is off but in file_there: the table has stars.
# Hook        SETUP_ROOT=<folder> is put before each file that is looked for, and
#             before /etc/os-release; commands come from PATH. By these two the
#             tests show another system, and you can look into a mounted one.
# Read first  choose_compiler, needs_of, package_for
# See         tests/machine/test_doctor.py
set -f
newline='
'
elf_prefix=i686-elf-
root=${SETUP_ROOT:-}

prepare() {
	find_system
	choose_compiler
	choose_python
	read_table tools/packages
}

has() { command -v "$1" >/dev/null 2>&1; }

# --- What is given -----------------------------------------------------------

# Sets system (debian, ubuntu, fedora, arch, macos, unknown) and system_name.
find_system() {
	system=unknown
	system_name='a system that tools/packages does not know'
	if [ -r "$root/etc/os-release" ]; then
		. "$root/etc/os-release"
		system_name=${PRETTY_NAME:-${ID:-$system_name}}
		for word in ${ID:-} ${ID_LIKE:-}; do
			case $word in
			debian|ubuntu|fedora|arch) system=$word; break ;;
			esac
		done
	elif [ "$(uname -s)" = Darwin ]; then
		system=macos
		system_name='macOS with Homebrew'
	fi
}

# Sets compiler, a group of the table, from what make or the user says. Where the
# default is neither there nor to be had, this system's own takes its place, and
# tell_make is what make must be told.
choose_compiler() {
	tell_make=
	word=${CC:-${CROSS_COMPILE-i686-linux-gnu-}gcc}
	word=${word%% *}
	case ${word##*/} in
	i686-linux-gnu-gcc) compiler=gnu ;;
	i686-elf-gcc) compiler=elf ;;
	gcc|gcc-[0-9]*|cc) compiler=m32 ;;
	*clang*) compiler=clang ;;
	*)	compiler=other ;;
	esac
	if [ $compiler != gnu ] || has "$word"; then
		return 0
	elif has i686-elf-gcc || [ $system = macos ]; then
		compiler=elf
	elif [ $system = fedora ] || [ $system = arch ]; then
		compiler=m32
		tell_make="CC='gcc -m32'"
	fi
	[ $compiler = gnu ] || unset CC LD NM
}

# The Python that Debian's modules belong to, where there is one.
choose_python() {
	if [ -z "${PYTHON:-}" ] && [ -x "$root/usr/bin/python3" ]; then
		PYTHON=$root/usr/bin/python3
	fi
}

# Sets needs and names: the lines of the two halves of the table.
read_table() {
	needs=
	names=
	table=$(cat "$1")
	IFS=$newline
	for line in $table; do
		unset IFS
		case $line in
		'#'*)	;;
		name\ *)
			# shellcheck disable=SC2086 # words
			set -- $line
			shift
			names="$names$newline$*" ;;
		*)	needs="$needs$newline$line" ;;
		esac
	done
	unset IFS
}

# --- What a goal needs -------------------------------------------------------

# Sets groups: those of the table's groups that goal $1 needs.
groups_of() {
	case $1 in
	build)	groups="build $compiler" ;;
	run)	groups="build $compiler run" ;;
	gdb)	groups="build $compiler run gdb" ;;
	iso)	groups="build $compiler iso" ;;
	test)	groups="build $compiler run gdb iso test"
		for word in gnu m32 clang elf; do
			[ $word = "$compiler" ] || groups="$groups $word"
		done
		find_elf ;;
	i686-elf) groups=elf-src ;;
	esac
}

# Debian has no i686-elf-gcc. Was it made? Then sets elf_prefix to where it is,
# else puts into groups what makes it.
find_elf() {
	case $system in
	debian|ubuntu)
		elf_prefix=$(tools/i686-elf --where) ||
			groups="${groups% elf} elf-src" ;;
	esac
}

# needs_of FUNCTION GROUP... - call it for each need of these groups. It finds the
# line of the table in group, package and purpose, and in what resolve sets.
needs_of() {
	visit=$1
	shift
	wanted=" $* "
	IFS=$newline
	for line in $needs; do
		unset IFS
		# shellcheck disable=SC2086 # words
		set -- $line
		case $wanted in
		*" $1 "*) ;;
		*)	continue ;;
		esac
		group=$1
		package=$3
		resolve "$2"
		shift 3
		purpose=$*
		$visit
	done
	unset IFS
}

# Sets name, what to look for; command, if it can be nothing else; variable, which
# of make's variables may put another in its place; chosen, when that happened.
resolve() {
	command=
	variable=
	chosen=
	name=$1
	case $1 in
	[A-Z]*:*) ;;
	*)	return 0 ;;
	esac
	command=yes
	name=${1#*:}
	case $group:$name in
	elf:*)	name=$elf_prefix${name#i686-elf-} ;;
	esac
	case " $compiler run gdb " in
	*" $group "*) variable=${1%%:*} ;;
	*)	return 0 ;;
	esac
	eval "word=\${$variable:-}"
	word=${word%% *}
	case "|$name|" in
	*"|${word:-$name}|"*) ;;
	*)	chosen=yes
		name=$word ;;
	esac
}

# Is that need there? Sets found to the command, if it is one.
is_there() {
	found=
	case ${command:+command}$name in
	python:*) module_there "${name#*:}" ;;
	clang:*) runtime_there "${name#*:}" ;;
	/*)	file_there "$root$name" ;;
	*)	command_there ;;
	esac
}

command_there() {
	IFS='|'
	for word in $name; do
		unset IFS
		if has "$word"; then
			found=$word
			return 0
		fi
	done
	unset IFS
	return 1
}

file_there() {
	set +f
	for file in $1; do
		set -f
		[ ! -e "$file" ] || return 0
	done
	set -f
	return 1
}

module_there() {
	if [ "${PYTHON:-}" = "$root/usr/bin/python3" ] &&
	   [ -d "$root/usr/lib/python3/dist-packages/$1" ]; then
		return 0
	fi
	${PYTHON:-python3} -c "import $1" 2>/dev/null
}

runtime_there() {
	folder=$(clang -print-resource-dir 2>/dev/null) &&
	file_there "$folder/lib/*/libclang_rt.$1*"
}

# --- Names and commands ------------------------------------------------------

# Sets here to what $package is called on system $1: nothing where none is
# known, + where it is part of the system.
package_for() {
	case $1:$package in
	*:-|debian:-*|ubuntu:-*|unknown:-*) here=''; return ;;
	debian:*|ubuntu:*|unknown:*) here=$package; return ;;
	esac
	line=${names#*"$newline$package "}
	# shellcheck disable=SC2086 # words
	set -- "$1" ${line%%"$newline"*}
	case $1 in
	fedora)	here=$2 ;;
	arch)	here=$3 ;;
	macos)	here=$4 ;;
	esac
	[ "$here" != - ] || here=
}

# Adds the names in $here to packages, each once.
add_packages() {
	IFS=', '
	for word in $here; do
		unset IFS
		case " $packages " in
		*" $word "*) ;;
		*)	packages="${packages:+$packages }$word" ;;
		esac
	done
	unset IFS
}

# print_install SYSTEM SUDO - the command that installs $packages there
print_install() {
	pip=
	rest=
	for word in $packages; do
		case $word in
		pip:*)	pip="$pip ${word#pip:}" ;;
		*)	rest="$rest $word" ;;
		esac
	done
	# shellcheck disable=SC2086 # words, and $2 may be empty
	case $1 in
	debian|ubuntu)
		print_words $2 apt-get update '&&' $2 apt-get install -y \
			--no-install-recommends $rest ;;
	fedora)	print_words $2 dnf install -y $rest ;;
	arch)	print_words $2 pacman -S --needed $rest ;;
	macos)	[ -z "$rest" ] || print_words brew install $rest
		[ -z "$pip" ] || print_words "${PYTHON:-python3}" -m pip \
			install --user $pip ;;
	unknown)
		echo '  (its package manager, for what Debian calls:)'
		print_words $rest ;;
	esac
}

# A command on lines of at most 80 columns, which a shell reads as one.
print_words() {
	text=' '
	for word; do
		if [ $((${#text} + ${#word})) -gt 76 ]; then
			echo "$text \\"
			text='   '
		fi
		text="$text $word"
	done
	echo "$text"
}
