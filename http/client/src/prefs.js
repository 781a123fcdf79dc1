// @ts-check
/** Prefs lets a person choose a look. */

import { all, near, on, say } from './dom.js';

const looks = ['auto', 'light', 'dark'];

export function prefs() {
	const { dataset } = document.documentElement;
	const show = () => { for (const button of all('[data-gr-theme]')) button.title = say(`theme: ${dataset.theme ?? 'auto'}`); };
	show();
	on('click', (e) => {
		if (!near(e, '[data-gr-theme]')) return;
		dataset.theme = looks[(looks.indexOf(dataset.theme ?? 'auto') + 1) % 3];
		localStorage.setItem('gr-theme', dataset.theme);
		show();
	});
}
