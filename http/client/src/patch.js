// @ts-check
/** Patch finds the parts of a widget's DOM (protocol.md 3) and changes those that a diff names (protocol.md 4). */

import { parse } from './html.js';
import { heaviest } from './order.js';
import { read, write } from './keep.js';
import { on } from './dom.js';

/** The caller asks for the widget anew. @type {Fn<[string], never>} */
const mismatch = (what) => { throw new Error(`patch: ${what}`); };

/** @type {Fn<[(Node | null)?], string>} */
const marker = (n) => (n?.nodeType === 8 && n.data) || '';
const opens = /^[clh]$/;
const script = /^javascript:/i;

/** Parts are found when the first patch comes. @type {Fn<[Element], View>} */
export const hydrate = (root) => ({ root });

/** @type {Fn<[View, Change, Host]>} */
export function apply(view, change, host) {
	const { root } = view;
	if (typeof change !== 'string') return patch(view.parts ??= collect(root.firstChild), change, host);
	view.parts = undefined;
	host.keep(root, () => root.replaceChildren(parse(change, root)));
}

/** The parts between two siblings, in document order. @type {Fn<[ChildNode | null, (Node | null)?, Part[]?], Part[]>} */
function collect(n, end, out = []) {
	for (; n && n !== end; n = n.nextSibling) {
		const code = marker(n);
		const from = n;
		if (n instanceof Element) own(n, out);
		if (opens.test(code)) n = closing(n);
		if (code === 't' || from !== n) out.push({ code, el: /** @type {Element} */ (n.parentNode), from, to: n });
	}
	return out;
}

/** @type {Fn<[Element, Part[]]>} */
function own(el, out) {
	const [code, ...names] = el.getAttribute('_')?.split(' ') ?? ['-'];
	for (const name of names) out.push({ code: name === '*' ? name : '=', el, name });
	if (code === '-') collect(el.firstChild, null, out);
	else out.push({ code, el });
}

/** @type {Fn<[ChildNode], ChildNode>} */
function closing(open) {
	let depth = 1;
	for (let n = open.nextSibling; n; n = n.nextSibling) {
		if (opens.test(marker(n))) depth++;
		if (marker(n) === '/' && !--depth) return n;
	}
	return mismatch('a part without an end');
}

/** @type {Fn<[Part[], Diff, Host]>} */
function patch(parts, diff, host) {
	for (let i = 0; i < diff.length; i += 2) set(parts[diff[i]] ?? mismatch(`no part ${diff[i]}`), diff[i + 1], host);
}

/** @type {Fn<[Part, any, Host]>} */
function set(p, payload, host) {
	if (!p.el.isConnected) mismatch('a part has left the page');
	const kind = payload === null ? 'null' : Array.isArray(payload) ? 'diff' : typeof payload;
	switch (`${p.code} ${kind}`) {
		case 't string': return text(p, payload, host);
		case '= string': case '= null': return attribute(p.el, p.name ?? '', payload, host);
		case '* object': for (const name in payload) attribute(p.el, name, payload[name], host); return;
		case 'h string': return swap(p, payload, host);
		case 'c diff': return patch(p.parts ??= collect(first(p), p.to), payload, host);
		case 'c number': return swap(p, '', host);
		case 'c object': return swap(p, payload.h, host);
		case 'l object': return list(p, payload, host);
		default: mismatch(`${p.code} cannot take ${kind}`);
	}
}

/** @type {Fn<[Part], ChildNode | null>} */
const first = (p) => (p.from ? p.from.nextSibling : p.el.firstChild);

/** @type {Fn<[Part, DocumentFragment]>} */
function fill(p, content) {
	if (!p.from) return p.el.replaceChildren(content);
	for (let n = first(p); n && n !== p.to; n = first(p)) n.remove();
	p.el.insertBefore(content, p.to ?? null);
}

/** @type {Fn<[Part, string, Host]>} */
function swap(p, html, host) {
	if (typeof html !== 'string') mismatch(`${p.code} without HTML`);
	p.parts = p.rows = undefined;
	for (let n = first(p); n && n !== p.to; n = n.nextSibling) release(n, host);
	host.keep(p.el, () => fill(p, parse(html, p.el)));
}

/** A node in which text is being composed stays. @type {Fn<[Node, Host]>} */
const release = (n, host) => { if (host.composes?.(n)) mismatch('its text is being composed'); };

/** @type {Fn<[Part, string, Host]>} */
function text({ el, from }, value, host) {
	if (from && from.parentNode !== el) mismatch('a text has moved');
	if (!(el instanceof HTMLTextAreaElement)) retext(el, from, value);
	else if (change(/** @type {any} */ (el), () => retext(el, from, value), host)) el.value = value;
}

/** @type {(el: Element, from: Node | undefined, value: string) => void} */
function retext(el, from, value) {
	let n = from ? from.nextSibling : el.firstChild;
	if (!(n instanceof Text)) n = el.insertBefore(new Text(value), n);
	else if (n.data !== value) n.data = value;
	// A translator may have split the text or wrapped it in <font>.
	for (let next; (next = n.nextSibling) && (!from || next instanceof Text || next.nodeName === 'FONT');) next.remove();
}

/** A field in hand goes on showing what it shows: until that is set once, it would follow the attribute. Was it free? @type {Fn<[Field, () => void, Host], boolean>} */
function change(field, set, host) {
	if (!host.holds(field)) return set(), true;
	const shown = read(field);
	write(field, shown);
	set();
	write(field, shown);
	return false;
}

/** @type {(el: any, name: string, value: string | null, host: Host) => void} */
function attribute(el, name, value, host) {
	if (/^on/i.test(name) || (/href$|src$|action$|^data$/i.test(name) && script.test((value ?? '').replace(/[\0- ]/g, '')))) return;
	if (name === 'open' && host.holds(el)) return;
	if (name === 'open' && value === null && el.matches('dialog')) el.close();
	const set = () => { value === null ? el.removeAttribute(name) : el.setAttribute(name, value); };
	const field = el.matches('option') ? name === 'selected' && el.closest('select')
		: el.matches('input') && (name === 'checked' || (name === 'value' && !/checkbox|radio|file/.test(el.type))) && el;
	if (!field) set();
	else if (change(field, set, host)) el[name] = name === 'value' ? value ?? '' : value !== null;
}

/** @type {Fn<[Part, List, Host]>} */
function list(p, { o, r = [], e, E }, host) {
	if (E !== undefined) swap(p, E, host);
	if (e) patch(p.parts ??= collect(first(p), p.to), e, host);
	if (o) reorder(p, o, host);
	for (let i = 0; i < r.length; i += 2) {
		const row = (p.rows ??= rowsIn(first(p), p.to))[r[i]] ?? mismatch(`no row ${r[i]}`);
		const el = row.first;
		if (!row.parts && el instanceof Element) own(el, row.parts = []);
		patch(row.parts ??= collect(el.nextSibling, nodes(row, p).at(-1)?.nextSibling), r[i + 1], host);
	}
}

/** A row is one element, or what follows an r marker. @type {Fn<[ChildNode | null, Node?], Row[]>} */
function rowsIn(n, end) {
	/** @type {Row[]} */
	const rows = [];
	const several = marker(n) === 'r';
	for (; n && n !== end; n = n.nextSibling) {
		if (several ? marker(n) === 'r' : n instanceof Element) rows.push({ first: n });
		if (opens.test(marker(n))) n = closing(n);
	}
	return rows;
}

/** @type {Fn<[Row, Part], ChildNode[]>} */
function nodes({ first }, { to }) {
	const out = [first];
	/** @type {Node | null} */
	let inner = null;
	for (let n = first.nextSibling; !(first instanceof Element) && n && (inner || (n !== to && marker(n) !== 'r')); n = n.nextSibling) {
		if (inner === n) inner = null;
		else if (!inner && opens.test(marker(n))) inner = closing(n);
		out.push(n);
	}
	return out;
}

/** May anything be selected? To ask a Selection lays the page out. */
let ranged = false;
on('selectstart', () => { ranged = true; });
on('selectionchange', () => { ranged = !getSelection()?.isCollapsed; });

/** What a person has in hand, the most important first: its row does not move. @type {Fn<[Element], (Node | null)[]>} */
function inHand(root) {
	const { activeElement, documentElement } = document;
	const selection = ranged && getSelection();
	return [
		activeElement,
		...(documentElement.matches(':active') ? [...root.querySelectorAll(':active')].slice(-1) : []), // pressed or dragged
		...(selection ? [selection.anchorNode, selection.focusNode] : []),
	].filter((node) => node !== root && root.contains(node));
}

/** @type {Fn<[Part, Order, Host]>} */
function reorder(p, order, host) {
	const old = order.some(Number.isInteger) ? p.rows ?? rowsIn(first(p), p.to) : [];
	const gone = new Set(old);
	/** Fresh rows are undefined until they are placed. @type {any[]} */
	const next = [];
	/** @type {Run[]} */
	const runs = [];
	let html = '';
	for (let i = 0; i < order.length; i++) {
		const start = order[i];
		if (typeof start === 'string') {
			html += start;
			next.push(undefined);
		} else {
			const count = Number(order[++i]);
			runs.push({ start, count, at: next.length, weight: count });
			for (let n = start; n < start + count; n++) next.push(gone.delete(old[n]) ? old[n] : mismatch(`row ${n} cannot be used`));
		}
	}
	const content = parse(html, p.el);
	const fresh = rowsIn(content.firstChild);
	if (fresh.length !== next.filter((row) => !row).length) mismatch('fresh rows are not rows');
	const leaving = [...gone].flatMap((row) => nodes(row, p));
	for (const n of leaving) release(n, host);
	p.parts = undefined;
	p.rows = runs.length ? next : fresh;
	if (!runs.length) return fill(p, content);
	for (const n of leaving) n.remove();
	const stays = new Set();
	inHand(p.el).forEach((node, i) => {
		const at = next.findIndex((row) => row && nodes(row, p).some((n) => n.contains(node)));
		for (const run of runs) if (run.at <= at && at < run.at + run.count) run.weight += 1e12 / 1e3 ** i;
	});
	for (const { at, count } of heaviest(runs)) for (let i = at; i < at + count; i++) stays.add(next[i]);
	let ref = p.to ?? null;
	for (let i = next.length; i--; ref = next[i].first) {
		const row = next[i] ??= fresh.pop();
		if (!stays.has(row)) for (const n of nodes(row, p)) n.parentNode === p.el && p.el.moveBefore ? p.el.moveBefore(n, ref) : p.el.insertBefore(n, ref);
	}
}
