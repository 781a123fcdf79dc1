// The server of a page whose patches a test sends by name: a WebSocket that says what it is told to, and a list of twenty rows that it remembers.
window.frames_ = [];
window.WebSocket = class {
	constructor() {
		window.socket = this;
		setTimeout(() => this.onopen?.());
	}

	send(text) {
		const frame = JSON.parse(text);
		window.frames_.push(frame);
		if (frame[0] === 'attach') this.tell('attached', window.seq = 0);
	}

	close() {}

	tell(...frame) { this.onmessage({ data: JSON.stringify(frame) }); }
};

let keys = Array.from({ length: 20 }, (_, i) => i);
let fresh = 100;
let turn = 0;

/** Sends a diff of the widget, or its HTML. */
window.patch = (change) => window.socket.tell('patch', ++window.seq, 0, change);

/** Patches parts of row 5: 0 its class, 1 its title, 2 the value of its field, from 3 on what the case has. */
window.own = (...diff) => window.patch([1, { r: [keys.indexOf(5), diff] }]);

const order = (next) => {
	const o = next.flatMap((key) => (keys.includes(key) ? [keys.indexOf(key), 1]
		: [`<tr data-key="${key}" class="a" _="- class"><td _="t">fresh</td><td><input name="n${key}" value="" _="- value"></td></tr>`]));
	keys = next;
	window.patch([1, { o }]);
};

window.hits = {
	"own row's attribute": () => window.own(2, `server ${++turn}`),
	'insert above': () => order([fresh++, ...keys]),
	'swap the row in hand': () => {
		const at = keys.indexOf(5);
		const next = [...keys];
		[next[at], next[at + 1]] = [next[at + 1], next[at]];
		order(next);
	},
	'remove above': () => order(keys.slice(1)),
	'own class': () => window.own(0, `b${++turn}`),
	'reverse all': () => order([...keys].reverse()),
	'neighbour text': () => window.patch([0, `neighbour ${++turn}`]),
};

window.drop = () => order(keys.filter((key) => key !== 5));

window.events = [];
for (const type of ['focusout', 'compositionend', 'securitypolicyviolation']) document.addEventListener(type, (e) => window.events.push(e.type), true);
