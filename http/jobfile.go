package http

import (
	"bytes"
	"path"
	"strings"
)

// jobFile answers with what a job left to download. It is sent as a file whatever is in it, and never shown as a page of ours.
func (g *Gate) jobFile(r *request) {
	if !r.takes("GET", "HEAD") {
		return
	}
	in, err := r.in(g)
	if err != nil {
		g.problem(r, err)
		return
	}
	data, err := g.site.JobFile(in, r.params.job, r.params.file)
	if err != nil {
		g.problem(r, err)
		return
	}
	kind := "application/octet-stream"
	switch strings.ToLower(path.Ext(r.params.file)) {
	case ".csv":
		kind = "text/csv; charset=utf-8"
	case ".json":
		kind = "application/json"
	case ".txt", ".log":
		kind = "text/plain; charset=utf-8"
	}
	r.ctx.SetContentType(kind)
	r.ctx.Response.Header.Set("Content-Disposition", `attachment; filename="`+r.params.file+`"`)
	r.ctx.SetBodyStream(bytes.NewReader(data), len(data)) // not copied: nobody changes it
}
