// Package chromium starts the headless browser that tests and benchmarks drive.
package chromium
