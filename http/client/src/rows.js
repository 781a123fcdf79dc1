// @ts-check
/** Rows moves a cursor over a list, ticks and opens rows. */

import { all, controls, near, on, one } from './dom.js';

const selector = '.gr-content .gr-table tbody tr[data-key]';

/** @type {Fn<[], Rows>} */
export function rows() {
	let key = '';
	/** @type {Fn<[HTMLElement?]>} */
	function set(row) {
		for (const old of all('[data-cursor]')) old.removeAttribute('data-cursor');
		key = row?.dataset.key ?? '';
		row?.setAttribute('data-cursor', '');
		row?.scrollIntoView({ block: 'nearest' });
	}

	on('click', (e) => {
		const row = near(e, 'tbody tr');
		const link = row && one('a.gr-open', row);
		if (!link || e.defaultPrevented || near(e, `${controls}, .gr-check, [gr-click]`) || !getSelection()?.isCollapsed) return;
		link.dispatchEvent(new MouseEvent('click', e));
	});

	return {
		move(step) {
			const list = all(selector);
			const at = list.findIndex((row) => row.dataset.key === key);
			set(list[at < 0 ? 0 : at + step] ?? list[at]);
		},
		tick(shiftKey) {
			one('[data-cursor] input.gr-check')?.dispatchEvent(new MouseEvent('click', { bubbles: true, shiftKey }));
		},
		open: () => one('[data-cursor] a.gr-open')?.click(),
		leave: () => set(),
	};
}
