// The types that the modules of src/ share; not shipped.

/** part, payload, part, payload, … */
type Diff = any[];
/** A diff, or the widget's whole HTML. */
type Change = Diff | string;
/** start, count of old rows | the HTML of a fresh row */
type Order = (number | string)[];
type List = { o?: Order; r?: Diff; e?: Diff; E?: string };
type Values = { [name: string]: string | string[] };

/** What a page does with each frame. */
interface Receiver {
	attached(seq: number): void;
	/** changes: widget, change, widget, change, … */
	patch(seq: number, ...changes: any[]): void;
	reply(ref: number, error?: string): void;
	redirect(url: string): void;
	url(query: string): void;
	toast(level: string, text: string): void;
	restarting(ms: number): void;
	ping(): void;
}

/** One thing that can change. */
interface Part {
	/** t h c l, * for a group of attributes, = for one */
	code: string;
	/** The owner of an attribute; the parent of a child part. */
	el: Element;
	/** The attribute. */
	name?: string;
	/** The marker before a child part; none ⇒ the part is all that el holds. */
	from?: ChildNode;
	/** The marker after it. */
	to?: ChildNode;
	/** Of the block inside; found when it is first patched. */
	parts?: Part[];
	rows?: Row[];
}
/** first is the row's one element, or its r marker. */
type Row = { first: ChildNode; parts?: Part[] };
type View = { root: Element; parts?: Part[] };
type Run = { start: number; count: number; at: number; weight: number };

/** What a patch must ask the page. */
interface Host {
	/** May this field's value not be overwritten now? */
	holds(field: Element): boolean;
	/** Is text being composed in this node? */
	composes?(node: Node): boolean;
	/** Runs swap, which replaces nodes under root, and carries over what a person did to them. */
	keep(root: Element, swap: () => void): void;
}

/** A form's control: the modules ask each for little more than what an input has. */
type Field = HTMLInputElement;
/** Where an element stands, in words that hold for its successor. */
type Place = { at: string; nth: number };

/** on: attached; off, restarting: will reconnect; the rest is final */
type State = 'on' | 'off' | 'restarting' | 'reload' | 'expired' | 'elsewhere' | 'done';
type Life = { seq(): number; attached(seq: number): void; state(state: State): void };
/** A function of those parameters; their names stand beside it. */
type Fn<A extends any[], R = void> = (...args: A) => R;
/** What is asked of, or done to, an element. */
type Test = (el: Element) => boolean;
type Act = (el: Element) => unknown;

type Page = Omit<Receiver, 'attached' | 'ping' | 'restarting'>;
/** Sends a frame; false ⇒ the page is not attached. */
type Send = (frame: string) => boolean;

/** An unanswered event. */
type Sent = { el: Element; section: Element; form?: HTMLFormElement; field?: boolean };

/** What a person has in hand. */
interface Forms extends Pick<Host, 'holds' | 'keep'> {
	/** Edited, and the server has not got it? */
	touched(field: Element): boolean;
	composes(node: Node): boolean;
	/** The form goes to the server. */
	clean(form: HTMLFormElement): void;
	/** The form was answered; if that failed or it shows faults it stays unsaved. */
	saved(form: HTMLFormElement, failed: boolean): void;
	/** A field's value goes to the server. */
	sent(field: Element): void;
	/** error: '' taken, null nobody will answer */
	answered(field: Element, error: string | null): void;
	/** A form's values; null ⇒ only a real POST can carry it. */
	payload(form: HTMLFormElement, button: HTMLElement | null): Values | null;
	/** The page is left on purpose. */
	release(): void;
	/** Reloads the page; restore finds the edits again and says how many. */
	reload(): void;
	restore(): number;
}

interface Events {
	/** error: '' handled, null nobody will answer */
	answer(ref: number, error?: string | null): void;
	/** The socket is lost. */
	lost(): void;
	/** The socket is back: what was changed meanwhile goes out. */
	resume(): void;
}

interface Status {
	/** level: info ok warn error; an error stays. */
	toast(level: string, text: string): void;
	/** The bar about the connection; again labels a button that reloads. */
	banner(text?: string, again?: string): void;
}

interface Rows {
	move(step: number): void;
	/** Ticks the row in hand; with shift, all since the last one. */
	tick(shift: boolean): void;
	open(): void;
	leave(): void;
}

interface Window { trustedTypes?: { createPolicy(name: string, rules: object): { createHTML(html: string): any } } }
interface Node { readonly data?: string }
interface Element { moveBefore?(node: Node, ref: Node | null): void }
