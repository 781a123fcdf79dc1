// @ts-check
/** Dialog asks before something dangerous, and shows the help. */

import { all, attr, h, label } from './dom.js';

/** Was it confirmed? @type {Fn<Node[], Promise<boolean>>} */
export function show(...children) {
	const dialog = /** @type {HTMLDialogElement} */ (h('dialog', { class: 'gr-dialog' }, h('form', { method: 'dialog' }, ...children)));
	document.body.append(dialog);
	dialog.showModal();
	return new Promise((resolve) => {
		dialog.onclose = () => {
			dialog.remove();
			resolve(dialog.returnValue === 'yes');
		};
	});
}

/** Makes modal what the server serves so. */
export function modals() {
	for (const dialog of /** @type {any[]} */ (all('dialog[data-modal]:not(:modal)'))) {
		dialog.close();
		dialog.showModal();
	}
}

/** Asks an element's gr-confirm. @type {Fn<[Element], Promise<boolean>>} */
export function ask(el) {
	const danger = el.matches('.gr-danger, form:has(.gr-danger)') ? ' gr-danger' : '';
	return show(h('p', {}, attr(el, 'gr-confirm')), h('div', { class: 'gr-actions' },
		h('button', { class: 'gr-button' }, 'Cancel'),
		h('button', { class: `gr-button gr-primary${danger}`, value: 'yes', autofocus: '' }, (el.matches('button, a') && label(el)) || 'Continue')));
}
