// Package bench measures greenroom as a whole: a real shop on a real file, real HTTP and a real socket on the loopback, in one process. What a
// single package costs is measured beside its code.
//
//	seed ─► SQLite file ─► Room ─► loopback ─► Person, Page (greenroomtest) ─► time from asking to the last byte, or to the patch
//
// The numbers hold the client's work too, which parses the page. BENCH_ORDERS says how large the shop is (10,000 if not set). Results that are
// worth comparing with are kept in results/, as benchstat reads them; "task bench" does that.
package bench
