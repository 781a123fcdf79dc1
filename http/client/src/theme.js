// @ts-check
/* Theme sets the remembered look; as a plain script in the head, before the first paint. */
{
	const theme = localStorage.getItem('gr-theme');
	if (theme) document.documentElement.dataset.theme = theme;
}
