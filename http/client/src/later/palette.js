// @ts-check
/**
 * Palette finds pages, rows and actions. The server answers into a hidden part of the page, by events and patches as everywhere; this shows what is
 * there in a dialog, above the page's own controls, and lets keys go through it.
 */

import { all, attr, h, label, one } from './dom.js';

const controls = ':is(.gr-head-actions, .gr-actions, .gr-bulk, .gr-tabs) :is(a[href], button)';
const gone = ':disabled, [aria-disabled=true], [aria-current=page], .gr-sr';

/** Loads the styles once. @type {Fn<[], unknown>} */
const dress = () => one('link[data-palette]') ?? document.head.append(h('link', { rel: 'stylesheet', 'data-palette': '', href: new URL('./palette.css', import.meta.url).href }));

/** @type {Fn<[string, string, string?], HTMLElement>} */
const option = (href, text, more) => h(href ? 'a' : 'button', { role: 'option', tabindex: '-1', ...(href ? { href } : { type: 'button' }) },
	h('span', {}, text), ...(more ? [h('span', { class: 'gr-muted' }, more)] : []));

export function open() {
	const source = one('[data-gr-found]');
	const relay = source && one('input', source);
	if (!source || !relay || one('dialog:modal')) return;
	dress();
	const own = all(controls, one('main') ?? document).filter((el) => el.checkVisibility() && !el.matches(gone) && label(el));
	const list = h('div', { id: 'gr-found', role: 'listbox', 'aria-label': 'Found' });
	const input = /** @type {HTMLInputElement} */ (h('input', {
		type: 'search', role: 'combobox', 'aria-expanded': 'true', 'aria-controls': list.id, 'aria-label': attr(relay, 'aria-label'),
		placeholder: attr(relay, 'aria-label'), autocomplete: 'off', maxlength: '100', autofocus: '',
	}));
	const dialog = /** @type {HTMLDialogElement} */ (h('dialog', { class: 'gr-palette', 'aria-label': attr(relay, 'aria-label') }, input, list));
	let at = 0;
	/** Was Enter pressed before the answer came? */
	let waits = false;

	const fresh = () => attr(source, 'data-gr-found') === input.value.trim();
	const options = () => all('[role=option]', list);

	/** @type {Fn<[number], void>} */
	function move(to) {
		const found = options();
		at = found.length ? (to + found.length) % found.length : 0;
		found.forEach((el, i) => {
			el.id = `gr-found-${i}`;
			el.setAttribute('aria-selected', String(i === at));
		});
		found[at]?.scrollIntoView({ block: 'nearest' });
		if (found[at]) input.setAttribute('aria-activedescendant', found[at].id);
		else input.removeAttribute('aria-activedescendant');
	}

	/** @type {Fn<[string, HTMLElement[]], Node[]>} */
	const group = (name, items) => (items.length ? [h('div', { role: 'group', 'aria-label': name }, h('p', { 'aria-hidden': 'true' }, name), ...items)] : []);

	function draw() {
		const words = input.value.toLowerCase().split(/\s+/);
		const here = own.filter((el) => words.every((word) => label(el).toLowerCase().includes(word))).map((el) => {
			const item = option('', label(el), attr(el, 'aria-keyshortcuts'));
			item.onclick = () => {
				dialog.close();
				el.focus();
				el.click();
			};
			return item;
		});
		const rest = all('section', source ?? undefined).flatMap((section) => group(attr(section, 'aria-label'),
			all('a', section).map((a) => option(attr(a, 'href'), a.textContent, attr(a, 'data-kind')))));
		list.replaceChildren(...group('This page', here.slice(0, input.value ? 8 : 5)), ...rest);
		list.setAttribute('aria-busy', String(!fresh()));
		if (!list.firstChild) list.append(h('p', {}, fresh() ? 'Nothing was found.' : 'Looking…'));
		move(0);
		if (waits && fresh()) options()[0]?.click();
	}

	function ask() {
		if (!relay) return;
		relay.value = input.value.trim();
		relay.dispatchEvent(new InputEvent('input', { bubbles: true }));
		draw();
	}

	dialog.onkeydown = (e) => {
		const ctrl = e.ctrlKey || e.metaKey;
		if (e.isComposing) return;
		if (e.key === 'ArrowDown') move(at + 1);
		else if (e.key === 'ArrowUp') move(at - 1);
		else if (e.key === 'Enter') fresh() ? options()[at]?.click() : waits = true;
		else if (ctrl && e.key === 'k') dialog.close();
		else return;
		e.preventDefault();
	};
	dialog.onclick = (e) => {
		if (e.target === dialog) dialog.close();
	};
	input.oninput = () => {
		waits = false;
		ask();
	};
	const watch = new MutationObserver(draw);
	watch.observe(source, { subtree: true, childList: true, attributes: true, characterData: true });
	dialog.onclose = () => {
		watch.disconnect();
		dialog.remove();
	};
	document.body.append(dialog);
	dialog.showModal();
	ask();
}
