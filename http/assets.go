package http

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io/fs"
	"path"
	"slices"

	"github.com/valyala/fasthttp"

	"greenroom/widgets/pages"
)

// assets are the browser runtime's files in memory, served under a hash of them all, so that a browser keeps them for ever and a new version is
// loaded at once. One hash for all files lets modules import each other by their plain names. What stands in the folder later is served beside the
// rest, but no page is told to fetch it early.
type assets struct {
	hash  string
	files map[string]asset
	links pages.Assets
}

type asset struct {
	kind string
	body []byte
	gzip []byte
}

// themeScript is the one that runs before the page is drawn, so that a remembered dark look does not flash.
const themeScript = "theme.js"

func loadAssets(from fs.FS, prefix string) (*assets, error) {
	a := &assets{files: map[string]asset{}}
	sum := sha256.New()
	var modules []string
	err := fs.WalkDir(from, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := fs.ReadFile(from, name)
		if err != nil {
			return err
		}
		kinds := map[string]string{".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
		kind, known := kinds[path.Ext(name)]
		if !known {
			return fmt.Errorf("http: %s: the browser runtime has .js, .css and .svg files only", name)
		}
		fmt.Fprintf(sum, "%s %d\n", name, len(body))
		sum.Write(body)
		base := path.Base(name)
		a.files[base] = asset{kind, body, fasthttp.AppendGzipBytesLevel(nil, body, fasthttp.CompressBestCompression)}
		if path.Ext(name) == ".js" && base != "main.js" && base != themeScript && path.Base(path.Dir(name)) != "later" {
			modules = append(modules, base)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	a.hash = base64.RawURLEncoding.EncodeToString(sum.Sum(nil))[:12]
	at := prefix + "/static/" + a.hash + "/"
	a.links = pages.Assets{Static: at, CSS: at + "greenroom.css", JS: at + "main.js", Theme: at + themeScript}
	slices.Sort(modules)
	for _, name := range modules {
		a.links.Preload = append(a.links.Preload, at+name)
	}
	return a, nil
}

// static serves a file of the runtime. An address with an old hash gets the present file, but is not kept: a page from before a deployment lives on.
func (g *Gate) static(r *request) {
	if !r.takes("GET", "HEAD") {
		return
	}
	file, ok := g.assets.files[r.params.file]
	if !ok {
		r.ctx.SetStatusCode(fasthttp.StatusNotFound)
		return
	}
	h := &r.ctx.Response.Header
	h.SetContentType(file.kind)
	h.Set("Vary", "Accept-Encoding")
	if _, current := match("static/"+g.assets.hash+"/{file}", r.path[len(g.site.Prefix)+1:]); current {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	if r.ctx.Request.Header.HasAcceptEncoding("gzip") {
		h.Set("Content-Encoding", "gzip")
		r.ctx.Response.SetBodyRaw(file.gzip)
		return
	}
	r.ctx.Response.SetBodyRaw(file.body)
}
