// @ts-check
/** Main boots a page: the look everywhere, the rest where it has a token. */

import './theme.js';
import * as wire from './protocol.js';
import { all, on, one } from './dom.js';
import { modals } from './dialog.js';
import { connect } from './socket.js';
import { hydrate, apply } from './patch.js';
import { events } from './events.js';
import { forms } from './forms.js';
import { status } from './status.js';
import { layers } from './layers.js';
import { rows } from './rows.js';
import { keys } from './keys.js';
import { prefs } from './prefs.js';

const told = {
	on: [], done: [],
	off: ['Reconnecting… your edits are kept'],
	restarting: ['The server restarts. Your edits are kept.'],
	elsewhere: ['This page is open in another tab.', 'Use it here'],
	reload: ['The connection was closed.', 'Reload'],
};
const { grToken, grSocket } = document.body.dataset;
prefs();
if (grToken && grSocket) live(grToken, grSocket);

/** @type {Fn<[string, string]>} */
function live(token, address) {
	const { dataset } = document.documentElement;
	const edits = forms();
	const report = status(() => edits.reload());
	const act = events((frame) => send(frame), edits, report);
	const views = new Map(all('[data-gr]').map((el) => [Number(el.dataset.gr), hydrate(el)]));
	/** Widgets whose HTML was asked for; no diff fits until it comes. @type {Set<number>} */
	const stale = new Set();
	const logs = document.getElementsByClassName('gr-log');
	let seq = 0;
	let expected = 1;
	let wanted = one('[data-focus="1"]');
	keys(rows(), layers());

	/** @type {Fn<[number]>} */
	function resync(widget) {
		stale.add(widget);
		send(wire.resync(widget));
	}

	/** @type {Receiver['patch']} */
	function patch(next, ...changes) {
		const gap = next !== expected;
		const ended = [...logs].filter((el) => el.scrollTop + el.clientHeight > el.scrollHeight - 9);
		seq = next;
		expected = next + 1;
		if (gap) for (const widget of views.keys()) resync(widget);
		for (let i = 0; i < changes.length; i += 2) {
			const [widget, change] = changes.slice(i);
			const view = views.get(widget);
			// Whole HTML would end a composition: it is asked for afterwards.
			if (typeof change === 'string') view && edits.composes(view.root) ? stale.add(widget) : stale.delete(widget);
			if (!view || stale.has(widget)) continue;
			try {
				apply(view, change, edits);
			} catch (err) {
				if (edits.composes(view.root)) {
					stale.add(widget);
					continue;
				}
				console.error('greenroom:', err);
				resync(widget);
			}
		}
		for (const el of ended) el.scrollTop = el.scrollHeight;
		const cell = one('[data-focus="1"]');
		if (cell !== wanted) cell?.focus();
		wanted = cell;
		modals();
	}

	on('compositionend', () => setTimeout(() => stale.forEach(resync)));

	const send = connect(address, token, {
		patch,
		reply: act.answer,
		redirect(url) {
			const to = new URL(url, location.href);
			if (to.origin !== location.origin) return;
			edits.release();
			location.assign(to);
		},
		url(query) {
			if (query === '' || query.startsWith('?')) history.replaceState(history.state, '', location.pathname + query);
		},
		toast: report.toast,
	}, {
		seq: () => (stale.size ? 0 : seq),
		attached(last) {
			expected = last + 1;
			act.resume();
		},
		state(state) {
			dataset.live = state === 'on' ? 'on' : 'off';
			if (state !== 'on') act.lost();
			if (state === 'expired') expire();
			else report.banner(...told[state]);
		},
	});

	let left = 0;
	window.addEventListener('beforeunload', () => { left = Date.now(); });

	/** Reloads, but not for ever. */
	function expire() {
		const now = Date.now();
		if (now - left < 2e3) return setTimeout(expire, 2e3); // who leaves is not called back
		const last = Number(sessionStorage.getItem('gr-reload'));
		sessionStorage.setItem('gr-reload', String(now));
		if (now - last < 10_000) report.banner('This page cannot connect.', 'Reload');
		else edits.reload();
	}

	dataset.live ??= 'off';
	modals();
	if (edits.restore()) report.toast('info', 'Your edits are back.');
}
