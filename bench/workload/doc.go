// Package workload holds what updates are measured with: the same templates and states for greenroom, for html/template and for its peers.
package workload
