// @ts-check
import { test } from 'node:test';
import assert from 'node:assert/strict';
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
	['["ping"]', ['ping']],
]);
test('the examples of protocol.md are read and written', async () => {
	const { readFile } = await import('node:fs/promises');
	const text = await readFile(new URL('../../../docs/protocol.md', import.meta.url), 'utf8');
	const examples = [...text.matchAll(/^([→←]) (\[.*\])$/gm)];
	assert.ok(examples.length >= 20, `${examples.length} examples`);
	const seen = new Set();
	for (const [, way, frame] of examples) {
		const [word, ...rest] = JSON.parse(frame);
		seen.add(word);
		if (way === '→') {
			assert.equal(/** @type {any} */ (wire)[word](...rest), frame);
			continue;
		}
		const [to, told] = recorder();
		wire.receive(frame, to);
		assert.deepEqual(told, [[word, ...rest]], frame);
	}
	for (const [, word] of text.matchAll(/^\| `\["(\w+)"/gm)) assert.ok(seen.has(word), `no example of ${word}`);
});
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
