// @ts-check
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import * as wire from '../src/protocol.js';

/** @returns {[any, any[][]]} a receiver and what it was told */
function recorder() {
	/** @type {any[][]} */
	const told = [];
	return [new Proxy({}, { get: (_, word) => (/** @type {any[]} */ ...args) => told.push([word, ...args]) }), told];
}

test('frames from the browser are those of protocol.md', () => {
	assert.equal(wire.attach('b3JkZXJz.x1', 0), '["attach","b3JkZXJz.x1",0]');
	assert.equal(wire.event(0, 'search', { q: 'needle' }, 1), '["event",0,"search",{"q":"needle"},1]');
	assert.equal(wire.event(2, 'select', { key: ['7', '8'], checked: 'true' }, 9), '["event",2,"select",{"key":["7","8"],"checked":"true"},9]');
	assert.equal(wire.resync(3), '["resync",3]');
	assert.equal(wire.pong(), '["pong"]');
});

const frames = /** @type {[string, any[]][]} */ ([
	['["attached",4]', ['attached', 4]],
	['["patch",1,0,[3,"12 orders",5,{"o":["<tr></tr>",4,1]}],2,"<p>whole</p>"]', ['patch', 1, 0, [3, '12 orders', 5, { o: ['<tr></tr>', 4, 1] }], 2, '<p>whole</p>']],
	['["patch",2]', ['patch', 2]],
	['["reply",1]', ['reply', 1]],
	['["reply",2,"No such order."]', ['reply', 2, 'No such order.']],
	['["redirect","/admin/"]', ['redirect', '/admin/']],
	['["url","?q=x"]', ['url', '?q=x']],
	['["toast","ok","Saved."]', ['toast', 'ok', 'Saved.']],
	['["restarting",800]', ['restarting', 800]],
	['["gone"]', ['gone']],
	['["ping"]', ['ping']],
]);
for (const [text, want] of frames) {
	test(`reads ${text}`, () => {
		const [to, told] = recorder();
		wire.receive(text, to);
		assert.deepEqual(told, [want]);
	});
}

test('a word this page does not know is left alone', () => {
	const [to, told] = recorder();
	for (const text of ['["constructor",1]', '["toString"]', '["new",1,2]', '[]']) wire.receive(text, to);
	assert.deepEqual(told, []);
});

test('size counts bytes, not characters', () => assert.equal(wire.size('né€😀'), 1 + 2 + 3 + 4));

test('reads and writes the examples of protocol.md', () => {
	const lines = readFileSync(new URL('../../../docs/protocol.md', import.meta.url), 'utf8').split('\n');
	/** @type {Record<string, (...args: any[]) => string>} */
	const writers = { attach: wire.attach, event: wire.event, resync: wire.resync, pong: wire.pong };
	const read = new Set();
	for (const line of lines.filter((l) => /^[→←] /.test(l))) {
		const text = line.slice(2);
		const [word, ...args] = JSON.parse(text);
		if (line[0] === '→') assert.equal(writers[word](...args), text);
		else {
			const [to, told] = recorder();
			wire.receive(text, to);
			assert.deepEqual(told, [[word, ...args]]);
		}
		read.add(word);
	}
	assert.equal(read.size, 13);
});
