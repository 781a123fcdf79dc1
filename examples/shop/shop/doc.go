// Package shop declares the admin of a small shop: what its tables are called, which widgets stand above them, and what can be done with
// selected orders. The program in examples/shop embeds it in its own server, and the demo runs the same declarations.
//
//	seed ─rows─► database ◄─ tables, widgets, actions ─► payment gateway
//
// The gateway is a stand-in that runs in this process, so that trying things out sends nobody's money anywhere.
package shop
