// @ts-check
/** Backoff says how long to wait before the next connect. */

const first = 250;
const cap = 15_000;

/** Each wait is half to all of its step, so that pages do not come back together. */
export function backoff(random = Math.random) {
	let tries = 0;
	return {
		next: () => Math.min(cap, first * 2 ** tries++) * (1 + random()) / 2,
		reset() { tries = 0; },
	};
}

/** A wait of `ms` to twice as long. */
export const spread = (/** @type {number} */ ms, random = Math.random) => ms * (1 + random());
