// @ts-check
/** Keys are the shortcuts: none steals typing, each is told in a tooltip and in the help. */

import { attr, label, near, on, one, types } from './dom.js';

/** @type {Fn<[string], unknown>} */
const later = (name) => import(`./${name}.js`).then((module) => module.open());

/** @type {Fn<[string], void>} */
function press(selector) {
	const el = one(selector);
	el?.focus();
	el?.click();
}

/** @type {Fn<[Rows, () => boolean]>} */
export function keys(rows, closeLayer) {
	/** @type {{ [key: string]: Fn<[KeyboardEvent], unknown> }} */
	const actions = {
		'/': () => one('.gr-search input')?.focus(),
		'?': () => later('help'),
		e: () => press('tr[data-cursor] [gr-click=edit]'),
		f: () => press('.gr-filter summary'),
		j: () => rows.move(1),
		k: () => rows.move(-1),
		x: (e) => rows.tick(e.shiftKey),
		Enter: rows.open,
	};

	let went = false;

	on('click', (e) => near(e, '[data-gr-palette]') && later('palette'));

	on('keydown', (e) => {
		const { target } = e;
		const ctrl = e.ctrlKey || e.metaKey;
		const key = e.key.length === 1 ? e.key.toLowerCase() : e.key;
		if (e.defaultPrevented || e.isComposing || one('dialog:modal')) return;
		if (key === 'Escape') {
			if (!closeLayer()) types(target) ? target.blur() : rows.leave();
		} else if (ctrl && key === 'k') {
			e.preventDefault();
			later('palette');
		} else if (ctrl && (key === 'Enter' || key === 's')) {
			const form = target.closest('form') ?? one('form[data-guard]');
			if (!form?.matches('[data-guard]')) return;
			e.preventDefault();
			form.requestSubmit(one('[type=submit], button:not([type])', form));
		} else if (!types(target) && !ctrl && !e.altKey) {
			const own = one(`[${went ? 'data-go' : 'aria-keyshortcuts'}="${CSS.escape(key)}"]`);
			const go = went;
			went = key === 'g' && !went;
			if (key === 'Enter' && target.matches('a, button, summary, input, [gr-click]')) return;
			if (own) types(own) ? own.focus() : own.click();
			else if (!go && Object.hasOwn(actions, key)) actions[key](e);
			else return;
			e.preventDefault();
		}
	});

	on('pointerover', (e) => {
		const el = near(e, '[aria-keyshortcuts]:not([title])');
		if (el) el.title = `${label(el) || el.placeholder} (${attr(el, 'aria-keyshortcuts')})`;
	});
}
