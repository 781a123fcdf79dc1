// @ts-check
/* Theme sets the remembered look; as a plain script in the head, before the first paint. */
for (const name of ['theme', 'density']) {
	const value = localStorage.getItem(`gr-${name}`);
	if (value) document.documentElement.dataset[name] = value;
}
