// @ts-check
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { backoff, spread } from '../src/backoff.js';

test('steps double up to the cap', () => {
	const wait = backoff(() => 1);
	assert.deepEqual(Array.from({ length: 9 }, () => wait.next()), [250, 500, 1000, 2000, 4000, 8000, 15000, 15000, 15000]);
});

test('jitter takes up to half of a step', () => {
	const wait = backoff(() => 0);
	assert.deepEqual([wait.next(), wait.next()], [125, 250]);
});

test('reset starts over', () => {
	const wait = backoff(() => 1);
	wait.next();
	wait.next();
	wait.reset();
	assert.equal(wait.next(), 250);
});

test('many tries stay finite', () => {
	const wait = backoff(() => 1);
	for (let i = 0; i < 2000; i++) wait.next();
	assert.equal(wait.next(), 15000);
});

test('spread is one to two times the wait', () => {
	assert.equal(spread(100, () => 0), 100);
	assert.equal(spread(100, () => 0.5), 150);
});
