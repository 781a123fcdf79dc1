// @ts-check
/** Console is the key map of the console's pages, the same as in a terminal. What it presses are the page's own links, so it can do nothing that they do not. */

import { all, attr, h, on, one, types } from './dom.js';
import { show } from './dialog.js';

const pages = { o: '', a: 'actors/', j: 'jobs/', s: 'sessions/', n: 'nodes/', f: 'failures/', d: 'dead/', l: 'log/', t: 'trace/' };
/** The verbs of a key; the first that the row has is meant. @type {{ [key: string]: string[] }} */
const verbs = { c: ['cancel', 'untrace'], p: ['pause', 'resume'], X: ['stop'], L: ['release'], K: ['kick'], t: ['trace'], e: ['steps'] };
const rows = '.gr-content .gr-table tbody tr[data-key]';
/** Marks are kept by key: a patch may draw the rows anew. @type {Set<string>} */
const marks = new Set();
let before = '';

const row = () => one('[data-cursor]');
/** @type {Fn<[string, ParentNode?], boolean>} */
const press = (selector, root) => {
	const el = one(selector, root);
	el?.click();
	return !!el;
};

/** The next of some links after the one that is on. @type {Fn<[string, number], boolean>} */
function turn(selector, by) {
	const list = all(selector);
	const at = list.findIndex((el) => attr(el, 'aria-current') === 'true');
	const next = list[by ? Math.min(Math.max(at + by, 0), list.length - 1) : (at + 1) % list.length];
	next?.click();
	return !!next;
}

/** @type {Fn<[number]>} */
function go(at) {
	const list = all(rows);
	for (const old of all('[data-cursor]')) old.removeAttribute('data-cursor');
	const to = list.at(at);
	to?.setAttribute('data-cursor', '');
	to?.scrollIntoView({ block: 'nearest' });
}

/** Asks the page about several rows. @type {Fn<[string], boolean>} */
function several(name) {
	const bulk = one(`[data-bulk="${name}"]`);
	if (!bulk) return false;
	const shown = all(rows).filter((el) => one(`[data-verb="${name}"]`, el));
	const some = shown.filter((el) => marks.has(el.dataset.key ?? ''));
	if (some.length < shown.length) {
		// The link of all, but for these: the server looks again at which of them have the verb.
		const at = new URLSearchParams(attr(bulk, 'gr-value-to'));
		at.set('on', some.map((el) => el.dataset.key).join(','));
		const link = /** @type {HTMLElement} */ (bulk.cloneNode());
		link.setAttribute('gr-value-to', String(at));
		link.hidden = true;
		bulk.after(link);
		link.click();
		link.remove();
	} else bulk.click();
	return true;
}

/** @type {Fn<[string], boolean>} */
function verb(key) {
	for (const name of verbs[key] ?? []) {
		if (marks.size > 1 && several(name)) return true;
		if (!press(`[data-verb="${name}"]`, row() ?? document.createElement('p'))) continue;
		if (name === 'steps') scrollTo(0, 0); // they stand above the list
		return true;
	}
	return key === 'c' && press('[data-trace] [data-verb=untrace]');
}

function help() {
	const list = one('[data-console-keys]');
	if (!list) return;
	const copy = /** @type {HTMLElement} */ (list.cloneNode(true));
	copy.hidden = false;
	copy.className = 'gr-meta';
	show(h('h2', {}, 'Keys of the console'), copy);
}

/** @type {Fn<[]>} */
function draw() {
	for (const el of all(rows)) el.style.background = marks.has(el.dataset.key ?? '') ? 'var(--tint)' : '';
}

/** @type {{ [key: string]: () => unknown }} */
const keys = {
	G: () => go(-1),
	End: () => go(-1),
	Home: () => go(0),
	Enter: () => press('[data-verb=steps], a[href]', row() ?? document.createElement('p')),
	h: () => one('[data-cursor] [data-branch]')?.textContent === '▾' && press('[data-cursor] [data-branch]'),
	ArrowLeft: () => keys.h(),
	l: () => one('[data-cursor] [data-branch]')?.textContent === '▸' && press('[data-cursor] [data-branch]'),
	ArrowRight: () => keys.l(),
	q: () => press('[data-job] [data-close]') || (history.back(), true),
	' ': () => {
		const key = row()?.dataset.key;
		if (!key) return;
		if (!marks.delete(key)) marks.add(key);
		draw();
	},
	'*': () => {
		for (const el of all(rows)) marks.add(el.dataset.key ?? '');
		draw();
	},
	s: () => turn('[data-sort]', 0),
	f: () => {
		const states = /** @type {any} */ (one('select[name=state], select[name=level]'));
		if (!states) return;
		states.selectedIndex = (states.selectedIndex + 1) % states.options.length;
		states.dispatchEvent(new Event('change', { bubbles: true }));
	},
	P: () => {
		const [hold] = all('[data-pace]').slice(-1);
		const held = hold && attr(hold, 'aria-current') === 'true';
		(held ? one('[data-pace]') : hold)?.click();
	},
	'+': () => turn('[data-pace]:not(:last-of-type)', 1),
	'-': () => turn('[data-pace]:not(:last-of-type)', -1),
	y: () => navigator.clipboard?.writeText(row()?.dataset.key ?? ''),
	'?': help,
};

on('keydown', (e) => {
	if (e.defaultPrevented || e.isComposing || e.ctrlKey || e.metaKey || e.altKey || types(e.target) || one('dialog:modal')) return;
	const second = before === 'g';
	before = second ? '' : e.key;
	if (e.key === 'Enter' && e.target.matches('a, button, summary')) return;
	const page = second && Object.hasOwn(pages, e.key);
	if (page) press(`.gr-tabs a[href$="/console/${pages[/** @type {keyof pages} */ (e.key)]}"]`);
	else if (second && e.key === 'g') go(0);
	else if (e.key === 'g') before = 'g';
	else if (Object.hasOwn(verbs, e.key)) verb(e.key);
	else if (Object.hasOwn(keys, e.key)) keys[e.key]();
	else return;
	e.preventDefault();
	e.stopPropagation();
}, true);
