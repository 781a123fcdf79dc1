package http

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"strings"
	"time"

	"github.com/valyala/fasthttp"

	"greenroom/widgets/pages"
)

// importWithin is how long a file may take to arrive; uploadSlack is room for what a form puts around it.
const (
	importWithin = time.Minute
	uploadSlack  = 64 << 10
)

// uploadPattern is the only address that takes more than maxForm.
const uploadPattern = "{app}/{model}/import/upload"

// allow tells the server which requests may have a larger body: files to import, of somebody who is signed in. Everything else keeps the server's bound.
func (g *Gate) importReceived(h *fasthttp.RequestHeader) fasthttp.RequestConfig {
	if !h.IsPost() || !g.isUpload(string(h.RequestURI())) {
		return fasthttp.RequestConfig{}
	}
	for _, name := range []string{cookieName, hostPrefix + cookieName} {
		id := string(h.Cookie(name))
		if id == "" {
			continue
		}
		if signIn, err := g.cfg.State.SignIn(background(), id); err == nil && time.Now().Before(signIn.Expires) {
			return fasthttp.RequestConfig{ReadTimeout: importWithin, MaxRequestBodySize: pages.MaxUpload + uploadSlack}
		}
	}
	return fasthttp.RequestConfig{}
}

func (g *Gate) isUpload(uri string) bool {
	path, _, _ := strings.Cut(uri, "?")
	below, ours := strings.CutPrefix(path, g.site.Prefix+"/")
	if !ours {
		return false
	}
	_, is := match(uploadPattern, below)
	return is
}

// importFile takes a file to import, and leads to the page that shows how it is read.
func (g *Gate) importFile(r *request) {
	if !r.takes("POST") {
		return
	}
	name, data, err := g.sent(r)
	if err != nil {
		g.problem(r, err)
		return
	}
	in, err := r.in(g)
	if err != nil {
		g.problem(r, err)
		return
	}
	to, err := g.site.ImportFile(in, r.params.of, name, data)
	if err != nil {
		g.problem(r, err)
		return
	}
	redirect(r.ctx, to, fasthttp.StatusSeeOther)
}

// sent reads the one file of a posted form whose CSRF token is right; the token comes first.
func (g *Gate) sent(r *request) (name string, data []byte, err error) {
	if foreign(r.ctx) {
		return "", nil, errCSRF
	}
	kind, params, err := mime.ParseMediaType(string(r.ctx.Request.Header.ContentType()))
	if err != nil || kind != multipartForm || params["boundary"] == "" {
		return "", nil, fmt.Errorf("%w: send it as %s", errForm, multipartForm)
	}
	parts := multipart.NewReader(bytes.NewReader(r.ctx.PostBody()), params["boundary"])
	trusted := false
	for range 10 {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return "", nil, fmt.Errorf("%w: it ends early", errForm)
		}
		switch part.FormName() {
		case "csrf":
			token, err := io.ReadAll(io.LimitReader(part, 1<<10))
			if err != nil || !sameText(string(token), r.csrf) {
				return "", nil, errCSRF
			}
			trusted = true
		case "file":
			if !trusted {
				return "", nil, errCSRF
			}
			data, err := io.ReadAll(io.LimitReader(part, pages.MaxUpload+1))
			switch {
			case err != nil:
				return "", nil, fmt.Errorf("%w: it ends early", errForm)
			case len(data) > pages.MaxUpload:
				return "", nil, errTooLarge
			case len(data) == 0 && part.FileName() == "":
				return "", nil, fmt.Errorf("%w: choose a file first", errForm)
			}
			return part.FileName(), data, nil
		}
	}
	if !trusted {
		return "", nil, errCSRF
	}
	return "", nil, fmt.Errorf("%w: choose a file first", errForm)
}

const multipartForm = "multipart/form-data"

var (
	errTooLarge = errors.New("http: the file is too large")
	tooLarge    = fmt.Sprintf("A file to import may have at most %d MiB. Divide it, or leave out columns that are not needed.", pages.MaxUpload>>20)
)
