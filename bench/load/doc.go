// Package load is the load generator behind "greenroom bench": pages without a browser, thousands in a process, against a server that it starts or is pointed at.
//
//	Run ─► child (bench/target) or --url ─► people sign in ─► pages: GET, socket, attach ─► crowd (one epoll loop) ─► scenario ─► Result
//	                 └── CPU and memory from /proc by pid, before and after
//
// Each scenario is a file of its name. connect, event, fanout and stall have pages of small widgets; list, job and mixed work on the orders of a shop, which is made
// once. The client shares the machine with the server, so the open pages of the first four are read by one goroutine, and
// frames are looked at no closer than a scenario needs. Every scenario is bounded in time and in pages, and ends when its context does.
package load
