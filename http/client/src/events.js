// @ts-check
/** Events turns what a person does on gr- elements (protocol.md 5) into frames. */

import * as wire from './protocol.js';
import { ask } from './dialog.js';
import { all, attr, controls, near, on, ticks, types } from './dom.js';

/** The element's gr-value- attributes. @type {Fn<[Element], Values>} */
const values = (el) => Object.fromEntries([...el.attributes].filter((a) => a.name.startsWith('gr-value-')).map((a) => [a.name.slice(9), a.value]));

const refused = 'Not connected. Try again in a moment.';

/** @type {Test} */
const still = (el) => el.matches(':disabled, [aria-disabled=true]');

/** @type {Fn<[Send, Forms, Status], Events>} */
export function events(send, forms, status) {
	/** Unanswered, by ref. @type {Map<number, Sent>} */
	const pending = new Map();
	/** Timers of what was typed. @type {Map<Field, number>} */
	const typed = new Map();
	const confirmed = new WeakSet();
	/** @type {Field | null} */
	let anchor = null;
	let shift = false;
	let live = false;
	let ref = 0;

	/** Was the page attached, and is not? Then a load or a post would end in the browser's error page. */
	const offline = () => live && document.documentElement.dataset.live !== 'on';

	/** @type {Fn<[Element, string, Values?, Partial<Sent>?], boolean>} */
	function emit(el, name, payload, how) {
		const section = el.closest('[data-gr]');
		if (!section) return false;
		const frame = wire.event(Number(attr(section, 'data-gr')), name, { ...values(el), ...payload }, ref + 1);
		const large = wire.size(frame) > wire.frameLimit;
		if (large || pending.size >= wire.unansweredLimit || !send(frame)) {
			if (large || !how) status.toast('warn', large ? 'Too much to send at once.' : refused);
			return false;
		}
		pending.set(++ref, { el, section, ...how });
		section.setAttribute('aria-busy', 'true');
		if (how?.field) forms.sent(el);
		if (el.matches('[gr-busy]')) el.setAttribute('data-busy', attr(el, 'gr-busy'));
		if (el.matches('[gr-busy]') || how?.form) el.setAttribute('aria-disabled', 'true');
		return true;
	}

	/** @type {Events['answer']} */
	function answer(n, error = '') {
		const sent = pending.get(n);
		if (!sent) return;
		const { el, section, form, field } = sent;
		pending.delete(n);
		if (el.matches('[gr-busy]') || form) el.removeAttribute('aria-disabled');
		el.removeAttribute('data-busy');
		if ([...pending.values()].every((other) => other.section !== section)) section.removeAttribute('aria-busy');
		if (field) forms.answered(el, error);
		if (form) forms.saved(form, error !== '');
		if (error) status.toast('error', error);
	}

	/** @type {Fn<[Field]>} */
	function input(el) {
		clearTimeout(typed.get(el));
		typed.delete(el);
		emit(el, attr(el, 'gr-input'), { value: el.value }, { field: true });
	}

	const flush = () => [...typed.keys()].forEach(input);

	/** @type {Fn<[Field]>} */
	function change(el) {
		/** @type {Values} */
		const payload = { value: el.matches('[multiple]') ? all('option:checked', el).map((o) => o.value) : el.value };
		if (ticks(el)) payload.checked = String(el.checked);
		const boxes = all('table[data-select] tbody input.gr-check');
		const [from, to] = [anchor ?? el, el].map((box) => boxes.indexOf(box)).sort((a, b) => a - b);
		const range = shift && from >= 0 ? boxes.slice(from, to + 1) : [];
		for (const box of range) box.checked = el.checked;
		if (range[1]) payload.key = range.map((box) => attr(box, 'gr-value-key'));
		anchor = el;
		shift = false;
		emit(el, attr(el, 'gr-change'), payload, { field: true });
	}

	on('click', (e) => {
		shift = e.shiftKey;
		const el = near(e, '[gr-confirm]');
		if (!el?.matches('a, button') || confirmed.delete(el)) return;
		e.preventDefault();
		e.stopImmediatePropagation();
		if (!still(el)) ask(el).then((yes) => yes && confirmed.add(el) && el.click());
	}, true);

	on('click', (e) => {
		const el = near(e, '[gr-click]');
		if (!el || e.defaultPrevented || (el.matches('a') && (e.metaKey || e.ctrlKey || e.shiftKey))) return;
		const inner = near(e, controls);
		if (inner && inner !== el && el.contains(inner)) return;
		flush();
		const again = e.detail > 1 && [...pending.values()].some((sent) => sent.el === el); // the second of a double click
		// A page that never was attached: a link leads on, a button submits.
		if ((still(el) || again || emit(el, attr(el, 'gr-click')) || offline()) && el.matches('a, button')) e.preventDefault();
	});

	on('input', (e) => {
		const el = near(e, '[gr-input]');
		if (!el || e.isComposing) return;
		clearTimeout(typed.get(el));
		typed.set(el, setTimeout(input, Number(attr(el, 'gr-debounce') || 250), el));
	});
	on('compositionend', (e) => e.target.dispatchEvent(new InputEvent('input', { bubbles: true })));

	on('change', (e) => {
		flush();
		if (e.target.matches('[gr-change]')) change(e.target);
	});

	on('submit', (e) => {
		const { target: form, submitter } = e;
		const button = submitter ?? form;
		flush();
		if (still(button)) return e.preventDefault();
		if (form.matches('[gr-confirm]') && !confirmed.delete(form)) {
			e.preventDefault();
			return ask(form).then((yes) => yes && confirmed.add(form) && form.requestSubmit(submitter));
		}
		if (offline() && form.method === 'post') {
			e.preventDefault();
			return status.toast('warn', refused);
		}
		const payload = form.matches('[gr-submit]') && forms.payload(form, submitter);
		if (payload && wire.size(JSON.stringify(payload)) < wire.frameLimit - 1024
			&& emit(button, attr(form, 'gr-submit'), { ...payload, ...values(form) }, { form })) {
			e.preventDefault();
			forms.clean(form);
		} else if (form.method !== 'dialog') {
			forms.release();
		}
	});

	on('keydown', (e) => {
		const { target, key } = e;
		if (e.isComposing || e.defaultPrevented) return;
		if (key === 'Enter' && target.matches('[gr-click]:not(button, [href], input, select, textarea)')) emit(target, attr(target, 'gr-click'));
		const quiet = e.ctrlKey || e.metaKey || e.altKey || (types(target) && key.length === 1);
		for (const el of [...(quiet ? [] : all('[gr-key-global]')), near(e, '[gr-key]:not([gr-key-global])')]) {
			for (const pair of el ? attr(el, 'gr-key').split(' ') : []) {
				const cut = pair.lastIndexOf(':');
				if (!el || pair.slice(0, cut) !== (key === ' ' ? 'Space' : key)) continue;
				e.preventDefault();
				flush();
				emit(el, pair.slice(cut + 1), { key });
			}
		}
	});

	return {
		answer,
		lost() { for (const n of [...pending.keys()]) answer(n, null); },
		resume() {
			live = true;
			for (const el of all('[gr-input], [gr-change]').filter(forms.touched)) el.matches('[gr-input]') ? input(el) : change(el);
		},
	};
}
