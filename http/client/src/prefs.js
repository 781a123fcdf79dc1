// @ts-check
/** Prefs lets a person choose a look. */

import { all, near, on } from './dom.js';

/** @type {{ [name: string]: string[] }} */
const choices = { theme: ['auto', 'light', 'dark'], density: ['compact', 'comfortable'] };

export function prefs() {
	const { dataset } = document.documentElement;
	/** @type {Fn<[string]>} */
	const show = (name) => { for (const button of all(`[data-gr-${name}]`)) button.title = `${name}: ${dataset[name] ?? choices[name][0]}`; };
	Object.keys(choices).forEach(show);
	on('click', (e) => {
		for (const name in choices) {
			if (!near(e, `[data-gr-${name}]`)) continue;
			const all = choices[name];
			dataset[name] = all[(all.indexOf(dataset[name] ?? all[0]) + 1) % all.length];
			localStorage.setItem(`gr-${name}`, dataset[name]);
			show(name);
		}
	});
}
