// Package peers sets greenroom beside other engines in one run, over the workloads of bench/workload. It is a module of its own, so that nobody who
// embeds greenroom meets its peers.
//
//	go test -run='^$' -bench=Update -benchmem   or, against the bars: go run greenroom/bench/bars
package peers
