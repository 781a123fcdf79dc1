// Package chromium starts the browser that tests and benchmarks drive.
//
//	PATH, CHROMIUM ─► a headless process ─► a context per tab
package chromium
