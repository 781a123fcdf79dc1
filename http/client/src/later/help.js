// @ts-check
/** Help lists the keys: those that hold everywhere, and those of the page's own controls. */

import { all, attr, h, label } from './dom.js';
import { show } from './dialog.js';

const everywhere = [
	['Ctrl K', 'Find pages, rows and actions'], ['g, then a letter', 'Go to a page; see below'], ['/', 'Search'],
	['j k', 'Next, previous row'], ['x', 'Select; with shift, a range'], ['Enter', 'Open the row'], ['e', 'Edit the row in the list'],
	['f', 'Filter'], ['Ctrl Enter', 'Save the form'], ['Esc', 'Close one layer'], ['?', 'This help'],
];

/** @type {Fn<string[][], Node>} */
const keys = (...lines) => h('dl', { class: 'gr-meta' }, ...lines.flatMap(([key, what]) => [h('dt', {}, h('kbd', {}, key)), h('dd', {}, what)]));

export function open() {
	const own = all('[aria-keyshortcuts]').filter((el) => attr(el, 'aria-keyshortcuts') !== '/').map((el) => [attr(el, 'aria-keyshortcuts'), label(el) || el.title]);
	const go = all('[data-go]').map((el) => [`g ${attr(el, 'data-go')}`, label(el)]);
	show(h('h2', {}, 'Keyboard'), keys(...everywhere, ...own), h('br'), h('h2', {}, 'Go to'), keys(...go));
}
