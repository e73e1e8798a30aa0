// SPDX-License-Identifier: MIT
/*
 * run.mjs - boot an ELF in v86, show its COM1, end with its verdict
 *
 *	node run.mjs MODULES ELF MIB SECONDS [COMMAND-LINE]
 *
 * Problem     v86 is made for a web page: it draws and it never ends.
 * Idea        Node instead of a page. What COM1 sends goes to standard output,
 *             and what the kernel writes to port 0xf4 becomes the exit status,
 *             as QEMU's isa-debug-exit makes it: 33 or 35.
 * Failure     Nobody writes there within SECONDS: status 1 and a line on standard
 *             error. v86 itself fails: node's message, status 1.
 * See         tests/machine/emulators.py, which installs v86 in MODULES
 */
import { readFileSync, writeSync } from "node:fs";
import { join, resolve } from "node:path";
import { argv, exit, stderr } from "node:process";
import { pathToFileURL } from "node:url";

const DEBUG_EXIT = 0xf4;

const [modules, elf, mib, seconds, cmdline] = argv.slice(2);
const build = resolve(join(modules, "v86", "build"));
const { V86 } = await import(pathToFileURL(join(build, "libv86.mjs")));

const emulator = new V86({
	wasm_path: join(build, "v86.wasm"),
	memory_size: Number(mib) << 20,
	multiboot: { buffer: new Uint8Array(readFileSync(elf)).buffer },
	cmdline: cmdline ?? "",
	autostart: false,
});

let line = [];

function flush() {
	writeSync(1, Uint8Array.from(line));
	line = [];
}

emulator.add_listener("serial0-output-byte", (byte) => {
	line.push(byte);
	if (byte === 0x0a)
		flush();
});

function finish(verdict) {
	flush();
	exit(((verdict << 1) | 1) & 0xff);
}

// v86's own device there prints a line of its own and throws.
emulator.add_listener("emulator-loaded", () => {
	emulator.v86.cpu.io.register_write(DEBUG_EXIT, null, finish);
	emulator.run();
});

setTimeout(() => {
	flush();
	stderr.write(`run.mjs: no end within ${seconds} s\n`);
	exit(1);
}, Number(seconds) * 1000);
