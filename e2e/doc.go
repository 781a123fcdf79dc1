// Package e2e drives the whole of greenroom in a real Chromium: the shop of examples/shop on a real SQLite file, real sockets, real clicks.
//
//	test ─► tab (chromedp) ─► wire (a TCP proxy that can be cut) ─► the shop's server, in this process
//
// Tests hold the payment gateway back by its Gate instead of waiting on a clock. Without Chromium they say so loudly and are skipped;
// with CI=true its absence is a failure.
package e2e
