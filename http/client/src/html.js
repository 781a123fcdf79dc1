// @ts-check
/** Html makes nodes of the server's HTML: the one sink for markup. */

const createHTML = (/** @type {string} */ html) => html;
const policy = window.trustedTypes?.createPolicy('greenroom', { createHTML }) ?? { createHTML };

/** Parses HTML as the content of such an element. @type {Fn<[string, Element], DocumentFragment>} */
export function parse(html, { namespaceURI, localName }) {
	const context = document.createElementNS(namespaceURI, localName);
	const content = new DocumentFragment();
	context.innerHTML = policy.createHTML(html);
	content.append(...context.childNodes);
	return content;
}
