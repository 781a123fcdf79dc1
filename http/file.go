package http

import (
	"bytes"
	"context"
	"mime"
	"strings"
	"time"

	"github.com/valyala/fasthttp"

	"greenroom/widgets"
	"greenroom/widgets/pages"
)

const (
	filePattern = "{app}/{model}/{key}/file/{file}"
	// aroundFile is what a posted file's form may have besides the file.
	aroundFile = 64 << 10
	// uploadWithin is how long a file may take to arrive, and again to be stored.
	uploadWithin = 2 * time.Minute
	// downloadWithin is how long its reader may take for a file.
	downloadWithin = 10 * time.Minute
)

// headerReceived gives a file time to be taken, and lets a larger body in where a file is posted, from somebody who may change the table, before the body is read into memory.
func (g *Gate) headerReceived(h *fasthttp.RequestHeader) fasthttp.RequestConfig {
	usual := g.importReceived(h)
	if g.site.Files == nil {
		return usual
	}
	path, _, _ := bytes.Cut(h.RequestURI(), []byte("?"))
	below, ours := strings.CutPrefix(string(path), g.site.Prefix+"/")
	found, p, _ := find(below)
	if !ours || found == nil || found.pattern != filePattern {
		return usual
	}
	if !h.IsPost() {
		return fasthttp.RequestConfig{WriteTimeout: downloadWithin}
	}
	of := g.site.Model(p.app, p.model)
	if of == nil || of.FileLimit(p.file) == 0 {
		return usual
	}
	for _, name := range []string{cookieName, "__Host-" + cookieName} {
		signIn, err := g.cfg.State.SignIn(background(), string(h.Cookie(name)))
		if err != nil || time.Now().After(signIn.Expires) {
			continue
		}
		if g.guard.Decide(background(), signIn.Widget(), widgets.Edit, widgets.Subject{Table: of.Source.Table()}).Allow {
			return fasthttp.RequestConfig{MaxRequestBodySize: int(of.FileLimit(p.file)) + aroundFile, ReadTimeout: uploadWithin}
		}
	}
	return usual
}

// file answers with the file that a column of a row names, or takes another in its place.
func (g *Gate) file(r *request) {
	if !r.takes("GET", "HEAD", "POST") {
		return
	}
	in, err := r.in(g)
	if err != nil {
		g.problem(r, err)
		return
	}
	if r.ctx.IsPost() {
		g.upload(r, in)
		return
	}
	ctx, cancel := context.WithTimeout(background(), drawWithin)
	defer cancel()
	f, err := g.site.Download(ctx, in, r.params.of, r.params.file)
	if err != nil {
		g.problem(r, err)
		return
	}
	r.ctx.SetContentType(f.Type)
	r.ctx.Response.Header.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}))
	r.ctx.SetBodyStream(f, int(f.Size)) // fasthttp closes it
}

// upload takes a posted file, or an order to have none, and leads back to the row.
func (g *Gate) upload(r *request, in widgets.In) {
	up, err := g.posted(r)
	defer r.ctx.Request.RemoveMultipartFormFiles()
	if err != nil {
		g.problem(r, err)
		return
	}
	ctx, cancel := context.WithTimeout(g.acting(r), uploadWithin)
	defer cancel()
	page, err := g.site.Upload(ctx, in, r.params.of, r.params.file, up)
	if err != nil {
		g.problem(r, err)
		return
	}
	text := "The file was saved."
	if up.Content == nil {
		text = "The file was removed from the row."
	}
	g.cfg.Sessions.Keep(r.user.SessionID, []widgets.Toast{{Level: "ok", Text: text}})
	redirect(r.ctx, page, fasthttp.StatusSeeOther)
}

// posted reads the form of an upload, whose CSRF token is right.
func (g *Gate) posted(r *request) (up pages.Upload, err error) {
	if foreign(r.ctx) {
		return up, errCSRF
	}
	form, err := r.ctx.MultipartForm()
	if err != nil {
		return up, errForm
	}
	if !sameText(first(form.Value, "csrf"), r.csrf) {
		return up, errCSRF
	}
	up.Seen = first(form.Value, "seen")
	if first(form.Value, "remove") != "" {
		return up, nil
	}
	sent := form.File["file"]
	if len(sent) != 1 || sent[0].Size == 0 {
		return up, widgets.UserError("Choose a file first; it must not be empty.")
	}
	f, err := sent[0].Open()
	if err != nil {
		return up, err
	}
	up.Name, up.Size, up.Content = sent[0].Filename, sent[0].Size, f // f is in memory; it is let go of with the request
	return up, nil
}
