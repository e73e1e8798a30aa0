// SPDX-License-Identifier: MIT
// play.mjs - plays a page of tools/timelapse.py without a browser
//
//	node play.mjs build/timelapse.html
//
// A stand-in takes the page's place: it has every element that is asked for.
// Prints, for each zone, free frames and free blocks by order after the last
// event, and the areas then; and its list of areas where the page stands still
// without it: what test_trace.py compares with the model and with the page.
import fs from "fs";
import vm from "vm";

const html = fs.readFileSync(process.argv[2], "latin1");
const script = html.match(/<script>([^]*)<\/script>/)[1];
const missing = new Set();

function element() {
	return {
		dataset: {}, children: [], value: "50", hidden: true,
		setAttribute() {}, appendChild(child) {
			this.children.push(child);
			return child;
		}, replaceChildren() { this.children = []; },
	};
}

let load = null;
const document = {
	elements: new Map(),
	getElementById(id) {
		if (!html.includes(`id="${id}"`))
			missing.add(id);
		if (!this.elements.has(id))
			this.elements.set(id, element());
		return this.elements.get(id);
	},
	createElement: element, createElementNS: element,
	querySelectorAll: () => [],
};
const context = {document, window: {addEventListener: (_, f) => { load = f; }},
		 setInterval: () => 1, clearInterval() {}, out: null};
vm.createContext(context);
vm.runInContext(script + "\nout = {DATA, Replay, Page};", context);
load();
const {DATA, Replay, Page} = context.out;

// Through the page: to the end, back, and by steps.
const page = new Page(DATA);
page.go(DATA.events.length);
page.go(DATA.still);
const listed = page.list.children.map(item => item.textContent);
page.go(DATA.first);
for (let i = 0; i < 50; i++)
	page.step.onclick();
page.back.onclick();
page.play.onclick();
page.tick();

const replay = new Replay(DATA);
replay.seek(DATA.events.length);
const zones = {};
for (const zone of DATA.zones)
	zones[zone.name] = [replay.cell(zone.start, zone.end)[1],
			    replay.blocks(zone.start, zone.end)];
console.log(JSON.stringify({
	missing: [...missing], at: page.replay.at, first: DATA.first,
	words: document.getElementById("now").textContent, zones,
	areas: [...replay.areas].map(([start, area]) =>
		[start, area.pages, area.guard]), listed,
}));
