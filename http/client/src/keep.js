// @ts-check
/** Keep carries what a person did to nodes over to those that replace them. */

import { all, attr, fields, ticks } from './dom.js';

/** @type {Fn<[Element, Element], Place>} */
export function locate(root, el) {
	const row = el.closest('[data-key]');
	let at = row ? `[data-key="${CSS.escape(attr(row, 'data-key'))}"] ${el.localName}` : el.localName;
	for (const name of ['id', 'name']) if (attr(el, name)) at += `[${name}="${CSS.escape(attr(el, name))}"]`;
	return { at, nth: all(at, root).findIndex((other) => other === el) };
}

/** @type {Fn<[Element, Place], Field | undefined>} */
export const find = (root, { at, nth }) => all(at, root)[nth];

/** A field's state as data. @type {Fn<[Field], any>} */
export const read = (field) => (field.matches('select') ? all('option:checked', field).map((o) => o.value) : ticks(field) ? field.checked : field.value);

/** @type {Fn<[Field, any]>} */
export function write(field, value) {
	if (field.matches('select')) for (const o of all('option', field)) Object.assign(o, { selected: value.includes(o.value) });
	else if (ticks(field)) field.checked = value;
	else if (field.type !== 'file') field.value = value;
}

/** heir: a field goes on in another. @type {Fn<[Element, () => void, Test, (from: Field, to: Field) => unknown]>} */
export function keep(root, swap, edited, heir) {
	/** @type {any[]} */
	const memory = [];
	/** @type {Fn<[Element, (to: any) => unknown], unknown>} */
	const note = (el, restore) => memory.push([el, locate(root, el), restore]);
	for (const el of all(fields, root).filter(edited)) {
		const value = read(el);
		note(el, (to) => { write(to, value); heir(el, to); });
	}
	for (const el of /** @type {any[]} */ (all('details', root)).filter((el) => el.open || edited(el))) {
		note(el, (to) => { to.open = el.open; if (edited(el)) heir(el, to); });
	}
	for (const el of all(':popover-open', root)) note(el, (to) => to.showPopover());
	for (const el of all('*', root)) {
		const { scrollLeft, scrollTop } = el;
		if (scrollLeft || scrollTop) note(el, (to) => to.scrollTo(scrollLeft, scrollTop));
	}
	const active = /** @type {Field | null} */ (document.activeElement);
	if (active && active !== root && root.contains(active)) {
		const { selectionStart, selectionEnd } = active;
		note(active, (to) => {
			to.focus({ preventScroll: true });
			if (typeof selectionStart === 'number') to.setSelectionRange(selectionStart, selectionEnd);
		});
	}
	swap();
	for (const [el, place, restore] of memory) {
		const to = root.contains(el) ? null : find(root, place);
		if (to) restore(to);
	}
}
