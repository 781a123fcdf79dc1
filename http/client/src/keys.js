// @ts-check
/** Keys are the shortcuts: none steals typing, each is told in a tooltip and in the help. */

import { all, attr, h, label, near, on, one, types } from './dom.js';
import { show } from './dialog.js';

const told = [['/', 'Search'], ['j k', 'Next, previous'], ['x', 'Select; with shift, a range'], ['Enter', 'Open the row'],
	['Ctrl Enter', 'Save the form'], ['Esc', 'Close one layer'], ['?', 'This help']];

function help() {
	const own = all('[aria-keyshortcuts]').map((el) => [attr(el, 'aria-keyshortcuts'), label(el) || el.title]);
	const lines = [...told, ...own.filter(([key]) => key !== '/')];
	show(h('h2', {}, 'Keyboard'), h('dl', { class: 'gr-meta' }, ...lines.flatMap(([key, what]) => [h('dt', {}, h('kbd', {}, key)), h('dd', {}, what)])));
}

/** @type {Fn<[Rows, () => boolean]>} */
export function keys(rows, closeLayer) {
	/** @type {{ [key: string]: Fn<[KeyboardEvent], unknown> }} */
	const actions = {
		'/': () => one('.gr-search input')?.focus(),
		'?': help,
		j: () => rows.move(1),
		k: () => rows.move(-1),
		x: (e) => rows.tick(e.shiftKey),
		Enter: rows.open,
	};

	on('keydown', (e) => {
		const { target } = e;
		const ctrl = e.ctrlKey || e.metaKey;
		const key = e.key.length === 1 ? e.key.toLowerCase() : e.key;
		if (e.defaultPrevented || e.isComposing || one('dialog:modal')) return;
		if (key === 'Escape') {
			if (!closeLayer()) types(target) ? target.blur() : rows.leave();
		} else if (ctrl && (key === 'Enter' || key === 's')) {
			const form = target.closest('form') ?? one('form[data-guard]');
			if (!form?.matches('[data-guard]')) return;
			e.preventDefault();
			form.requestSubmit(one('[type=submit], button:not([type])', form));
		} else if (!types(target) && !ctrl && !e.altKey) {
			const own = one(`[aria-keyshortcuts="${CSS.escape(key)}"]`);
			if (key === 'Enter' && target.matches('a, button, summary, input, [gr-click]')) return;
			if (own) types(own) ? own.focus() : own.click();
			else if (Object.hasOwn(actions, key)) actions[key](e);
			else return;
			e.preventDefault();
		}
	});

	on('pointerover', (e) => {
		const el = near(e, '[aria-keyshortcuts]:not([title])');
		if (el) el.title = `${label(el) || el.placeholder} (${attr(el, 'aria-keyshortcuts')})`;
	});
}
