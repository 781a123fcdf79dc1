// @ts-check
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { heaviest } from '../src/order.js';

/** @type {(...pairs: [number, number][]) => Run[]} */
const runs = (...pairs) => pairs.map(([start, count]) => ({ start, count, at: 0, weight: count }));
/** @type {(list: Run[]) => number[]} */
const starts = (list) => heaviest(list).map((run) => run.start).sort((a, b) => a - b);

test('ascending runs all stay', () => assert.deepEqual(starts(runs([0, 33], [34, 66])), [0, 34]));
test('two swapped rows move, the runs around them stay', () => assert.deepEqual(starts(runs([0, 1], [98, 1], [2, 96], [1, 1], [99, 1])), [0, 2, 99]));
test('the longest run wins over more short ones', () => assert.deepEqual(starts(runs([50, 40], [0, 10], [10, 10])), [50]));
test('reversed: one stays', () => assert.equal(starts(runs([3, 1], [2, 1], [1, 1], [0, 1])).length, 1));
test('a run in focus stays whatever it costs', () => {
	const list = runs([90, 1], [0, 80], [80, 5]);
	list[0].weight = 1e9;
	assert.deepEqual(starts(list), [90]);
});
test('rows beside the one in focus still stay', () => {
	const list = runs([0, 3], [5, 1], [4, 1], [6, 9]);
	list[2].weight = 1e9;
	assert.deepEqual(starts(list), [0, 4, 6]);
});
test('no runs', () => assert.deepEqual(starts([]), []));

test('random orders: what stays ascends and weighs the most', () => {
	let seed = 7;
	const random = (/** @type {number} */ n) => (seed = (seed * 48271) % 2147483647) % n;
	for (let round = 0; round < 300; round++) {
		const list = runs(.../** @type {[number, number][]} */ (Array.from({ length: random(8) }, (_, i) => [i * 10, 1 + random(9)]))).sort(() => random(3) - 1);
		let best = 0;
		for (let mask = 0; mask < 1 << list.length; mask++) {
			const some = list.filter((_, i) => mask >> i & 1);
			if (some.every((run, i) => !i || some[i - 1].start < run.start)) best = Math.max(best, some.reduce((sum, run) => sum + run.weight, 0));
		}
		const stay = list.filter((run) => heaviest(list).includes(run));
		assert.ok(stay.every((run, i) => !i || stay[i - 1].start < run.start));
		assert.equal(stay.reduce((sum, run) => sum + run.weight, 0), best);
	}
});
