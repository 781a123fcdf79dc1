// The page of chromium_test.go: main.js runs as on a real page, a scripted WebSocket plays the server, and measure(name) times what frames cost.
let socket;
window.WebSocket = class {
	constructor() {
		socket = this;
		setTimeout(() => this.onopen());
	}
	send(text) {
		if (JSON.parse(text)[0] === 'attach') this.onmessage({ data: '["attached",0]' });
		else throw new Error(`the page asked: ${text}`);
	}
	close() {}
};
const cases = await (await fetch('/cases')).json();
await import('/src/main.js');

const widget = document.querySelector('[data-gr]');
const fresh = widget.innerHTML;
let seq = 0;
const frame = (diff) => `["patch",${++seq},0,${diff}]`;

/** What is in the page must be what a parser makes of the state's live HTML. */
function same(html, when) {
	const want = widget.cloneNode();
	want.innerHTML = html;
	if (!want.isEqualNode(widget)) throw new Error(`${when}: the page is not what was served`);
}

/** Milliseconds a patch, one number for each batch: from the frame's text to the changed DOM. The layout between the batches is not counted. */
window.measure = (name, batches) => {
	const { steps, back, after } = cases[name];
	const times = [];
	for (let n = 0; n < batches; n++) {
		const frames = steps.map(frame);
		const undo = frame(back);
		widget.getBoundingClientRect();
		const start = performance.now();
		for (const data of frames) socket.onmessage({ data });
		times.push((performance.now() - start) / frames.length);
		if (n === 0) same(after, name);
		socket.onmessage({ data: undo });
		if (n === 0) same(fresh, `${name}, undone`);
	}
	return JSON.stringify(times);
};
