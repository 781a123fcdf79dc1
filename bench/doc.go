// Package bench measures greenroom as a whole: a real shop on a real file, real HTTP and a real socket on the loopback, in one process. What a
// single package costs is measured beside its code.
//
//	seed ─► SQLite file ─► Room ─► loopback ─► Person, Page (greenroomtest) ─► time from asking to the last byte, or to the patch
//
// bench/admin tells the CPU time of lists, searches, forms and saves on a million orders beside what was promised.
//
// The numbers of this package's benchmarks hold the client's work too, which parses the page. BENCH_ORDERS says how large the shop is (10,000 if not set). Results that are
// worth comparing with are kept in results/, as benchstat reads them; "task bench" does that.
//
// The folders beside it: load is what "greenroom bench" does, target the server that it measures, workload the templates and data of updates, peers what others
// take for the same, chart draws. update, jobs, report and scale are commands: updates beside html/template and jfyne/live, what jobs cost, everything that was promised in one
// table, and how costs grow.
package bench
