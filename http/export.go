package http

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"strconv"
	"time"

	"greenroom/widgets"
)

const (
	// mostExports is how many files are written at a time: each keeps a reader of the database busy.
	mostExports = 4
	// exportLongest bounds a download, exportStall how long its reader may take none of it.
	exportLongest = time.Hour
	exportStall   = 30 * time.Second
)

var errStopped = errors.New("http: the server stops")

// export answers with the rows of a list as a file: a GET with those of its address, a POST with those selected. The file is written while it is
// read, so that its size costs no memory; the reading of the database ends with the connection. A file that could not be written to its end is cut off
// where the browser notices.
func (g *Gate) export(r *request) {
	if !r.takes("GET", "POST") {
		return
	}
	var rows map[string][]string
	if r.ctx.IsPost() {
		var err error
		if rows, err = g.form(r); err != nil {
			g.problem(r, err)
			return
		}
	}
	in, err := r.in(g)
	if err != nil {
		g.problem(r, err)
		return
	}
	file, err := g.site.Export(background(), in, r.params.of, r.params.file, rows)
	if err != nil {
		g.problem(r, err)
		return
	}
	g.send(r, file, in.Table.ID())
}

// exportAudit answers with the lines of the audit as a file.
func (g *Gate) exportAudit(r *request) {
	if !r.takes("GET") {
		return
	}
	in, err := r.in(g)
	if err != nil {
		g.problem(r, err)
		return
	}
	file, err := g.site.AuditExport(background(), in, r.params.file)
	if err != nil {
		g.problem(r, err)
		return
	}
	g.send(r, file, "")
}

// exported is a file that is written while it is sent.
type exported interface {
	Name() string
	Type() string
	Write(ctx context.Context, w io.Writer) (rows int64, err error)
}

// send writes a file to the connection, and down that somebody took it.
func (g *Gate) send(r *request, file exported, table string) {
	if g.exporting.Add(1) > mostExports || !g.enter() {
		g.exporting.Add(-1)
		r.ctx.Response.Header.Set("Retry-After", "30")
		g.problem(r, widgets.UserError("Others are exporting just now. Try again in half a minute."))
		return
	}
	if _, err := g.cfg.State.Note(g.acting(r), widgets.AuditLine{Deed: widgets.DeedExport, Table: table, Text: file.Name() + " with " + strconv.Quote(r.raw)}); err != nil {
		g.exporting.Add(-1)
		g.doing.Done()
		g.problem(r, err)
		return
	}
	conn, log := r.ctx.Conn(), g.cfg.Log.With("table", table, "user", r.user.Name, "file", file.Name())
	r.ctx.SetContentType(file.Type())
	r.ctx.Response.Header.Set("Content-Disposition", `attachment; filename="`+file.Name()+`"`)
	r.ctx.SetBodyStreamWriter(func(w *bufio.Writer) {
		defer g.doing.Done()
		defer g.exporting.Add(-1)
		ctx, cancel := context.WithTimeout(background(), exportLongest)
		defer cancel()
		n, err := file.Write(ctx, &download{w, conn, g.stop})
		if err != nil {
			log.Warn("export ended early", "rows", n, "err", err)
			_ = conn.Close() // else the file would look whole
			return
		}
		log.Info("exported", "rows", n)
	})
}

// download passes a file on to the connection. Each piece is sent before the next is read, within exportStall.
type download struct {
	to   *bufio.Writer
	conn net.Conn
	stop <-chan struct{}
}

// Write implements io.Writer.
func (d *download) Write(p []byte) (int, error) {
	select {
	case <-d.stop:
		return 0, errStopped
	default:
	}
	if err := d.conn.SetWriteDeadline(time.Now().Add(exportStall)); err != nil {
		return 0, err
	}
	n, err := d.to.Write(p)
	if err == nil {
		err = d.to.Flush()
	}
	return n, err
}
