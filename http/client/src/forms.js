// @ts-check
/** Forms knows which fields hold a person's edits, and guards them. */

import { all, fields, near, on, one, ticks } from './dom.js';
import { keep, locate, find, read, write } from './keep.js';

/** @type {Fn<[Storage?], Forms>} */
export function forms(store = sessionStorage) {
	/** Edited, and the server has not got it. */
	const touched = new WeakSet();
	/** Edited since its form was last sent. */
	const unsaved = new WeakSet();
	/** With a server's value that is not shown. */
	const held = new WeakSet();
	/** Sent with a form, and not typed in since. */
	const submitted = new WeakSet();
	/** Unanswered events of a field. */
	const waiting = new WeakMap();
	/** @type {Element | null} */
	let composing = null;
	let leaving = false;

	/** A field; of radio buttons, all that share one choice. @type {Fn<[any], any[]>} */
	const group = (el) => (el.type === 'radio' ? all('[type=radio]').filter((o) => o.name === el.name && o.form === el.form) : [el]);

	/** @type {Fn<[any]>} */
	const touch = (el) => {
		touched.add(el);
		unsaved.add(el);
		submitted.delete(el);
		if (el.form?.matches('[data-guard]')) el.form.dataset.dirty = '';
	};

	/** @type {Test} */
	const edited = (el) => group(el).some((o) => touched.has(o) || waiting.get(o) > 0)
		|| (el === document.activeElement && !ticks(el) && (el === composing || !submitted.has(el)));

	/** Shows the server's value. @type {Fn<[any]>} */
	const reset = (el) => {
		held.delete(el);
		touched.delete(el);
		if (el.options) for (const o of el.options) o.selected = o.defaultSelected;
		else if (ticks(el)) el.checked = el.defaultChecked;
		else el.value = el.defaultValue;
	};

	/** The same, once the person has let go. @type {Act} */
	const settle = (el) => group(el).forEach((o) => held.has(o) && !edited(o) && reset(o));

	/** @type {Fn<[HTMLFormElement]>} */
	const clean = (form) => {
		delete form.dataset.dirty;
		for (const el of form.elements) {
			touched.delete(el);
			unsaved.delete(el);
			submitted.add(el);
		}
	};

	on('input', ({ target }) => target.matches(fields) && touch(target), true);
	on('click', (e) => { const el = near(e, 'summary')?.parentElement; if (el) touched.add(el); }, true);
	on('compositionstart', ({ target }) => { composing = target; });
	on('compositionend', () => { composing = null; });
	on('focusout', ({ target }) => setTimeout(settle, 0, target));
	on('reset', ({ target }) => clean(target));
	window.addEventListener('beforeunload', (e) => { if (!leaving && one('form[data-dirty]')) e.preventDefault(); });

	return {
		touched: (el) => touched.has(el),
		composes: (node) => !!composing?.isConnected && node.contains(composing),
		clean,
		holds(el) {
			if (edited(el)) held.add(el);
			return edited(el);
		},
		keep: (root, swap) => keep(root, swap, edited, (from, to) => { if (touched.has(from)) touch(to); else held.add(to); }),
		sent(el) {
			touched.delete(el);
			waiting.set(el, (waiting.get(el) ?? 0) + 1);
		},
		answered(el, error) {
			waiting.set(el, (waiting.get(el) ?? 1) - 1);
			if (error === null) touch(el);
			else if (error && ticks(el)) reset(el);
			else settle(el);
		},
		saved(form, failed) {
			for (const el of form.elements) if (el.matches(fields)) failed ? touch(el) : settle(el);
			const fault = one('[aria-invalid=true], .gr-error-summary', form);
			if (fault && form.matches('[data-guard]')) form.dataset.dirty = '';
			fault?.focus();
		},
		payload(form, button) {
			if (one('[type=file]', form)) return null;
			/** @type {Values} */
			const out = {};
			const data = new FormData(form, button);
			for (const name of data.keys()) {
				const texts = data.getAll(name).map(String);
				out[name] = texts.length > 1 ? texts : texts[0];
			}
			return out;
		},
		release() { leaving = true; },
		reload() {
			leaving = true;
			const edits = all(fields).filter((el) => unsaved.has(el) && !/password|file/.test(el.type))
				.map((el) => ({ ...locate(document.body, el), value: read(el) }));
			store.setItem('gr-edits', JSON.stringify({ path: location.pathname, edits }));
			location.reload();
		},
		restore() {
			const { path, edits } = JSON.parse(store.getItem('gr-edits') ?? '{}');
			store.removeItem('gr-edits');
			if (path !== location.pathname) return 0;
			for (const edit of edits) {
				const el = find(document.body, edit);
				if (!el) continue;
				write(el, edit.value);
				touch(el);
			}
			return edits.length;
		},
	};
}
