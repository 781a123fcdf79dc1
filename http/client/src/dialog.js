// @ts-check
/** Dialog asks before something dangerous, and shows the help. */

import { attr, h, label } from './dom.js';

/** Live, so that a page without one pays nothing for asking. */
const dialogs = document.getElementsByTagName('dialog');

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
	for (const dialog of dialogs) {
		if (!dialog.matches('[data-modal]:not(:modal)')) continue;
		const active = /** @type {HTMLElement | null} */ (document.activeElement);
		dialog.close();
		dialog.showModal();
		if (dialog.contains(active)) active?.focus();
	}
}

/** Asks an element's gr-confirm. @type {Fn<[Element], Promise<boolean>>} */
export function ask(el) {
	const danger = el.matches('.gr-danger, form:has(.gr-danger)') ? ' gr-danger' : '';
	return show(h('p', {}, attr(el, 'gr-confirm')), h('div', { class: 'gr-actions' },
		h('button', { class: 'gr-button' }, 'Cancel'),
		h('button', { class: `gr-button gr-primary${danger}`, value: 'yes', autofocus: '' }, (el.matches('button, a') && label(el)) || 'Continue')));
}
