// @ts-check
/** Protocol names every word of the wire once (docs/protocol.md), writes frames and reads them. */

export const subprotocol = 'greenroom.1';

/** The largest frame a server reads, in bytes. */
export const frameLimit = 64 << 10;

/** Events a page leaves unanswered at most; a server stops reading at 64. */
export const unansweredLimit = 60;

/** Why a server closed the socket. */
export const closed = {
	done: 1000, notText: 1007, refused: 1008, tooLarge: 1009, restart: 1012, full: 1013,
	signedOut: 4001, elsewhere: 4002, gone: 4004,
};

/** @type {Fn<any[], string>} */
const write = (...frame) => JSON.stringify(frame);

/** @type {Fn<[string, number], string>} */
export const attach = (token, seq) => write('attach', token, seq);

/** @type {Fn<[number, string, Values, number], string>} */
export const event = (widget, name, payload, ref) => write('event', widget, name, payload, ref);

/** @type {Fn<[number], string>} */
export const resync = (widget) => write('resync', widget);

export const pong = () => write('pong');

/** @type {(keyof Receiver)[]} */
const words = ['attached', 'patch', 'reply', 'redirect', 'url', 'toast', 'restarting', 'ping'];

/** A word this page does not know is left alone. @type {Fn<[string, Receiver]>} */
export function receive(text, to) {
	const [name, ...rest] = JSON.parse(text);
	const word = words.find((known) => known === name);
	if (word) /** @type {any} */ (to)[word](...rest);
}

/** In bytes. @type {Fn<[string], number>} */
export const size = (text) => new TextEncoder().encode(text).length;
