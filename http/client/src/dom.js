// @ts-check
/** Dom is the shorthand for finding, hearing and making elements. */

/** @type {Fn<[string, ParentNode?], Field[]>} */
export const all = (selector, root = document) => /** @type {any[]} */ ([...root.querySelectorAll(selector)]);

/** @type {Fn<[string, ParentNode?], Field | null>} */
export const one = (selector, root = document) => root.querySelector(selector);

/** The nearest around an event. @type {Fn<[Event, string], Field | null>} */
export const near = ({ target }, selector) => (target instanceof Element ? target.closest(selector) : null);

/** @type {Fn<[Element, string], string>} */
export const attr = (el, name) => el.getAttribute(name) ?? '';

/** @type {Fn<[string, (e: any) => unknown, boolean?]>} */
export const on = (type, run, capture) => document.addEventListener(type, run, capture);

const words = JSON.parse(document.body.dataset.grWords ?? '{}');

/** In the page's language. @type {Fn<[any], any>} */
export const say = (text) => words[text] ?? text;

/** @type {(tag: string, attributes?: { [name: string]: string }, ...children: (Node | string)[]) => HTMLElement} */
export function h(tag, attributes = {}, ...children) {
	const el = document.createElement(tag);
	for (const name in attributes) el.setAttribute(name, say(attributes[name]));
	el.append(...children.map(say));
	return el;
}

/** @type {Fn<[Element], string>} */
export const label = (el) => (attr(el, 'aria-label') || el.textContent).trim();

export const fields = 'input, textarea, select';
export const controls = `a, button, label, summary, ${fields}`;

/** A box to tick? @type {Test} */
export const ticks = (el) => el.matches('[type=checkbox], [type=radio]');

/** A place to type or choose? @type {Test} */
export const types = (el) => el.matches(`${fields}, [contenteditable]`) && !ticks(el);
