// @ts-check
/** Socket keeps one WebSocket to the page's actors. */

import * as wire from './protocol.js';
import { backoff, spread } from './backoff.js';
import { on } from './dom.js';

/** A server pings every 25 s. */
const silence = 60_000;
const patience = 10_000;

/** @type {Fn<[string, string, Page, Life], Send>} */
export function connect(address, token, page, life) {
	const url = new URL(address, location.href);
	url.protocol = url.protocol.replace('http', 'ws');
	const wait = backoff();
	/** @type {WebSocket | null} */
	let socket = null;
	let attached = false;
	let final = false;
	let timer = 0;
	let heard = 0;
	/** Ms that the server asked for before it went down. */
	let restart = 0;
	let restarting = false;

	function drop() {
		const old = socket;
		clearTimeout(timer);
		socket = null;
		attached = false;
		old?.close();
	}

	/** Off comes back after ms. @type {Fn<[State, number?]>} */
	function leave(state, ms) {
		drop();
		final = state !== 'off';
		if (!final && restarting) state = 'restarting';
		if (!final) timer = setTimeout(open, ms);
		life.state(state);
	}

	function open() {
		const ws = socket = new WebSocket(url, wire.subprotocol);
		timer = setTimeout(() => leave('off', wait.next()), patience);
		let opened = false;
		ws.onopen = () => {
			opened = true;
			ws.send(wire.attach(token, life.seq()));
		};
		ws.onclose = ({ code }) => {
			if (ws !== socket) return;
			lost(code);
			// A browser does not say why it was refused.
			if (!opened) fetch(address).then(({ status }) => { if (status === 401) leave('expired'); }, () => {});
		};
		ws.onmessage = ({ data }) => {
			if (ws !== socket) return;
			heard = Date.now();
			wire.receive(data, receiver);
		};
	}

	/** @type {Fn<[number]>} */
	function lost(code) {
		const { closed } = wire;
		switch (code) {
			case closed.done: return leave('done');
			case closed.notText: case closed.gone: case closed.signedOut: return leave('expired');
			case closed.refused: case closed.tooLarge: return leave('reload');
			case closed.elsewhere: return leave('elsewhere');
			default:
				leave('off', restart || code === closed.restart ? spread(restart || 500) : code === closed.full ? spread(10_000) : wait.next());
				restart = 0;
		}
	}

	/** @type {Receiver} */
	const receiver = {
		...page,
		attached(seq) {
			attached = true;
			restarting = false;
			wait.reset();
			clearTimeout(timer);
			timer = setTimeout(watch, silence);
			life.attached(seq);
			life.state('on');
		},
		ping: () => socket?.send(wire.pong()),
		restarting(ms) {
			restart = ms;
			restarting = true;
		},
	};

	function watch() {
		const left = heard + silence - Date.now();
		if (left > 0) timer = setTimeout(watch, left);
		else leave('off', 0);
	}

	/** Person or network is back: wait no longer, trust no socket that slept. */
	function wake() {
		if (final || document.hidden || (attached && Date.now() - heard < silence / 2)) return;
		wait.reset();
		leave('off', 0);
	}
	on('visibilitychange', wake);
	window.addEventListener('online', wake);

	open();
	return (frame) => {
		if (attached) socket?.send(frame);
		return attached;
	};
}
