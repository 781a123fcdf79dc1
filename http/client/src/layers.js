// @ts-check
/** Layers opens and closes menus and the drawer. */

import { all, near, on, one } from './dom.js';

/** @returns closes the topmost layer, if there is one */
export function layers() {
	const { dataset } = document.documentElement;

	/** @type {Fn<[Node?], boolean>} */
	function closeMenus(inside) {
		const open = all(':is(.gr-filter, .gr-dropdown, .gr-tray)[open]').filter((menu) => !inside || !menu.contains(inside));
		for (const menu of open) {
			if (menu.contains(document.activeElement)) one('summary', menu)?.focus();
			menu.removeAttribute('open');
		}
		return open.length > 0;
	}

	/** @type {Fn<[boolean], boolean>} */
	function drawer(open) {
		if (open === (dataset.nav === 'open')) return false;
		dataset.nav = open ? 'open' : '';
		const button = one('[data-gr-nav]');
		button?.setAttribute('aria-expanded', String(open));
		(open ? one('.gr-nav a') : button)?.focus();
		return true;
	}

	on('click', (e) => {
		closeMenus(e.target);
		if (near(e, '[data-gr-nav]')) drawer(dataset.nav !== 'open');
		else if (!near(e, '.gr-nav') && drawer(false)) {
			e.preventDefault();
			e.stopPropagation();
		}
	}, true);

	return () => closeMenus() || drawer(false);
}
