// @ts-check
/** Status tells a person what happens. */

import { all, h } from './dom.js';

const shown = 5_000;

/** @type {Fn<[() => void], Status>} */
export function status(reload) {
	const served = all('.gr-toast');
	const toasts = h('div', { class: 'gr-toasts', 'aria-live': 'polite' });
	document.body.append(toasts);
	let banner = '';
	let timer = 0;
	let bar = h('div');

	/** @type {Status['toast']} */
	function toast(level, text) {
		const close = h('button', { type: 'button', 'aria-label': 'Dismiss' }, '✕');
		const el = h('div', { class: `gr-toast gr-${level}`, role: level === 'error' ? 'alert' : 'status' }, h('p', {}, text), close);
		const gone = close.onclick = () => el.remove();
		const leave = () => { if (level !== 'error') life = setTimeout(gone, shown); };
		let life = 0;
		el.onpointerenter = () => clearTimeout(life);
		el.onpointerleave = leave;
		leave();
		toasts.append(el);
		if (toasts.children.length > 5) toasts.firstElementChild?.remove();
	}
	for (const el of served) toast(el.className.slice(12), el.textContent);
	served[0]?.parentElement?.remove();

	return {
		toast,
		banner(text = '', again = '') {
			if (text === banner) return;
			if (!text && bar.isConnected) toast('ok', 'Connected again.');
			clearTimeout(timer);
			bar.remove();
			banner = text;
			if (text) timer = setTimeout(() => {
				const button = h('button', { type: 'button', class: 'gr-button gr-small' }, again);
				button.onclick = reload;
				bar = h('div', { class: 'gr-banner gr-warn gr-offline', role: 'status' }, text, ...(again ? [button] : []));
				document.body.append(bar);
			}, again ? 0 : 800); // a short loss shows nothing
		},
	};
}
