/* SPDX-License-Identifier: MIT */
/*
 * timelapse.js - plays the events of a trace in the page of tools/timelapse.py
 *
 * Problem     A trace has tens of thousands of events, and one wants to go to any
 *             of them, forwards and back.
 * Idea        State is small, and an event changes it in a few steps: so to go
 *             back is to begin anew, and to draw is to paint what the page has
 *             already, cell by cell. The class Replay knows nothing of the page:
 *             a test runs it without one and compares it with tools/replay.py.
 * Events      [code, a, b, ...]; CODES in tools/timelapse_page.py
 * Read first  Replay.step, then draw
 */
"use strict";

class Replay {
	constructor(data) {
		this.data = data;
		this.reset();
	}

	reset() {
		this.at = 0;
		this.order = new Uint8Array(this.data.frames);	/* of a free block + 1 */
		this.free = new Uint8Array(this.data.frames);
		this.known = new Uint8Array(this.data.frames);
		this.areas = new Map();		/* start: {size, guard, ...} */
		this.slots = 0;
		this.scenes = [];
	}

	/* Frames [pfn, pfn + 2^order) are free, or not. */
	mark(pfn, order, value) {
		this.free.fill(value, pfn, pfn + (1 << order));
	}

	areaOf(addr) {
		for (const [start, area] of this.areas)
			if (addr >= start && addr < start + area.size)
				return area;
		return null;
	}

	step() {
		const [code, a, b, c, d, e] = this.data.events[this.at++];
		switch (code) {
		case 0:				/* split */
			this.order[a] = this.order[a + (1 << b - 1)] = b;
			break;
		case 1:				/* merge */
			this.order[a + (1 << b - 1)] = 0;
			this.order[a] = b + 1;
			break;
		case 2:				/* take */
			this.order[a] = 0;
			this.mark(a, b, 0);
			break;
		case 3:				/* free */
			this.order[a] = b + 1;
			this.mark(a, b, 1);
			this.known.fill(1, a, a + (1 << b));
			break;
		case 4:
			this.areas.set(a, {size: b, guard: c, asked: d, caller: e, pages: 0});
			break;
		case 5:
			this.areas.delete(a);
			break;
		case 6:
		case 7:
			this.pages(a, code === 6 ? b : -b);
			break;
		case 9:
			this.slots += a;
			break;
		case 10:
			this.scenes.push(a);
			break;
		case 11:
			this.scenes.pop();
			break;
		}
	}

	/* So many more, or fewer, pages of the area at addr are mapped. */
	pages(addr, nr) {
		const area = this.areaOf(addr);
		if (area)
			area.pages = Math.max(0, area.pages + nr);
	}

	/* Go to the state before event n. */
	seek(n) {
		if (n < this.at)
			this.reset();
		while (this.at < n)
			this.step();
	}

	/* Free blocks by order, of the frames [start, end). */
	blocks(start, end) {
		const counts = new Array(11).fill(0);
		for (let pfn = start; pfn < end; pfn++)
			if (this.order[pfn])
				counts[this.order[pfn] - 1]++;
		return counts;
	}

	/* How many of a cell's frames are managed, and how many of them free. */
	cell(start, end) {
		let known = 0, free = 0;
		for (let pfn = start; pfn < end; pfn++) {
			known += this.known[pfn];
			free += this.free[pfn];
		}
		return [known, free];
	}
}

/* --- the page ---------------------------------------------------------------- */

const COLOURS = {kept: "#999", none: "#eee"};
const FLASH = ["#d60", "#080", "#c00", "#06c"];	/* split merge take free */

/* From all taken, dark, to all free, light. */
function shade(known, free) {
	if (!known)
		return COLOURS.kept;
	const light = 35 + Math.round(60 * free / known);
	return `hsl(210 55% ${light}%)`;
}

function hex(n, digits) {
	return n.toString(16).padStart(digits, "0");
}

/* What an event says, in words. */
function words(event) {
	const [code, a, b, c, d, e] = event;
	const frame = `frame ${hex(a, 6)}`, addr = hex(a, 8);
	return [
		() => `block of order ${b} at ${frame} split into two of ${b - 1}`,
		() => `two buddies at ${frame} merged into a block of order ${b}`,
		() => `block of order ${b} at ${frame} taken`,
		() => `block of order ${b} at ${frame} freed`,
		() => `area ${addr}: ${d} bytes asked by ${e}, ${(b - c) / 4096} pages and ` +
			`${c / 4096} of guard`,
		() => `area ${addr} freed`,
		() => `${b} pages mapped at ${addr}`,
		() => `${b} pages unmapped at ${addr}`,
		() => a ? `${b} pages flushed at ${addr}` : "everything flushed",
		() => a > 0 ? `kmap: frame ${hex(b, 6)} gets a slot` : "kmap: a slot is cleared",
		() => `begin: ${a}`,
		() => `end: ${a}`,
		() => `slab of ${a} ${b > 0 ? "made" : "given back"}`,
	][code]();
}

function svgElement(name, attributes, parent) {
	const element = document.createElementNS("http://www.w3.org/2000/svg", name);
	for (const key in attributes)
		element.setAttribute(key, attributes[key]);
	parent.appendChild(element);
	return element;
}

class Page {
	constructor(data) {
		this.data = data;
		this.replay = new Replay(data);
		this.timer = 0;
		this.drawn = [];
		for (const id of ["slider", "play", "step", "back", "speed", "now",
				  "areas", "strip", "where", "list", "stripname"])
			this[id] = document.getElementById(id);
		this.slider.max = data.events.length;
		this.slider.oninput = () => this.go(Number(this.slider.value));
		this.play.onclick = () => this.toggle();
		this.step.onclick = () => this.go(this.replay.at + 1);
		this.back.onclick = () => this.go(this.replay.at - 1);
		for (const link of document.querySelectorAll("[data-event]"))
			link.onclick = () => this.go(Number(link.dataset.event));
		document.getElementById("controls").hidden = false;
		this.go(data.first);
	}

	toggle() {
		if (this.timer) {
			clearInterval(this.timer);
			this.timer = 0;
		} else {
			this.timer = setInterval(() => this.tick(), 40);
		}
		this.play.textContent = this.timer ? "pause" : "play";
	}

	tick() {
		const end = this.data.events.length;
		this.go(this.replay.at + Number(this.speed.value));
		if (this.replay.at >= end)
			this.toggle();
	}

	go(n) {
		this.replay.seek(Math.min(Math.max(n, 0), this.data.events.length));
		this.draw();
	}

	draw() {
		const at = this.replay.at, event = this.data.events[at - 1];
		this.slider.value = at;
		this.now.textContent = `event ${at} of ${this.data.events.length}` +
			(event ? `: ${words(event)}` : "");
		this.where.textContent = this.replay.scenes.join(" > ") || "-";
		this.drawZones(event);
		this.drawAreas();
		if (event && event[0] < 4)
			this.drawStrip(event);
	}

	drawZones(event) {
		const touched = event && event[0] < 4 ? event : null;
		for (const zone of this.data.zones) {
			this.drawCells(zone, touched);
			this.drawBars(zone);
		}
	}

	drawCells(zone, touched) {
		const size = zone.cell;
		for (let i = 0, pfn = zone.start; pfn < zone.end; i++, pfn += size) {
			const [known, free] = this.replay.cell(pfn, Math.min(pfn + size, zone.end));
			const rect = document.getElementById(`c-${zone.name}-${i}`);
			const inside = touched && touched[1] < pfn + size &&
				touched[1] + (1 << touched[2]) > pfn;
			rect.setAttribute("fill", shade(known, free));
			rect.setAttribute("stroke", inside ? FLASH[touched[0]] : "none");
		}
	}

	drawBars(zone) {
		const counts = this.replay.blocks(zone.start, zone.end);
		let free = 0;
		counts.forEach((n, order) => {
			const bar = document.getElementById(`b-${zone.name}-${order}`);
			const length = n ? 4 + 10 * Math.log2(n) : 0;
			bar.setAttribute("width", Math.min(length, 140));
			document.getElementById(`n-${zone.name}-${order}`).textContent = n;
			free += n << order;
		});
		document.getElementById(`f-${zone.name}`).textContent =
			`${free} frames free (${(free / 256).toFixed(1)} MiB)`;
	}

	/* Areas as the page's scale has them; each ends with its guard. */
	drawAreas() {
		const {from, to} = this.data.window, scale = 900 / (to - from);
		this.areas.replaceChildren();
		this.list.replaceChildren();
		for (const [start, area] of [...this.replay.areas].sort((a, b) => a[0] - b[0])) {
			const x = 10 + (start - from) * scale, width = area.size * scale;
			const guard = Math.min(area.guard * scale, width / 2);
			const full = (area.size - area.guard) / 4096;
			svgElement("rect", {x, y: 0, width: Math.max(width - guard, 0.5), height: 40,
				fill: area.pages ? shade(full || 1, full - Math.min(area.pages, full)) : "#fff",
				stroke: "#036", "stroke-width": 0.3}, this.areas);
			svgElement("rect", {x: x + width - guard, y: 0, width: Math.max(guard, 0.5),
				height: 40, fill: "#c00"}, this.areas);
			if (this.list.children.length < 12)
				this.list.appendChild(document.createElement("li")).textContent =
					`${hex(start, 8)}  ${area.pages} of ${full} pages mapped, guard at ` +
					`${hex(start + area.size - area.guard, 8)}; ${area.asked} bytes for ${area.caller}`;
		}
	}

	/* The 4 MiB around the last block: each free block one rectangle. */
	drawStrip(event) {
		const base = event[1] - event[1] % 1024;
		this.stripname.textContent = `frames ${hex(base, 6)} to ${hex(base + 1023, 6)}`;
		this.strip.replaceChildren();
		for (let pfn = base; pfn < base + 1024; pfn++) {
			const order = this.replay.order[pfn] - 1;
			if (order >= 0)
				svgElement("rect", {x: 10 + (pfn - base) * 0.88, y: 0, height: 30,
					width: (1 << order) * 0.88, fill: `hsl(${order * 30} 60% 75%)`,
					stroke: "#333", "stroke-width": 0.3}, this.strip);
		}
		svgElement("rect", {x: 10 + (event[1] - base) * 0.88, y: -3, height: 36,
			width: Math.max((1 << event[2]) * 0.88, 1), fill: "none",
			stroke: FLASH[event[0]], "stroke-width": 2}, this.strip);
	}
}

if (typeof document !== "undefined")
	window.addEventListener("load", () => new Page(DATA));
