package pages

import (
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"

	store "greenroom/files"
	"greenroom/widgets"
)

// withFiles is the shop whose orders have a receipt.
func withFiles(t *testing.T, f File) *house {
	t.Helper()
	h := open(t, func(h *house) {
		h.exec(`ALTER TABLE orders ADD COLUMN receipt VARCHAR(80)`)
		must0(t, h.tables.Reload(t.Context()))
		h.site.Models = nil
		for _, table := range h.tables.Tables() {
			h.site.Models = append(h.site.Models, &Model{Source: table})
		}
		kept, err := store.Open(filepath.Join(t.TempDir(), "files"))
		must0(t, err)
		t.Cleanup(func() { _ = kept.Close() })
		h.site.Files = kept
		h.orders().Form.Files = []File{f}
	})
	h.stock(3)
	return h
}

func (h *house) upload(u *widgets.User, name, content string) error {
	h.t.Helper()
	m := h.model("orders")
	in := h.in(u, m, "/admin/main/orders/2/file/receipt")
	in.Key = widgets.Key{"2"}
	seen := widgets.Null()
	if v := h.one("SELECT receipt FROM orders WHERE id = 2"); v != "NULL" {
		seen = widgets.Text(v)
	}
	_, err := h.site.Upload(h.t.Context(), in, m, "receipt", Upload{name, int64(len(content)), strings.NewReader(content), mark(seen)})
	return err
}

func (h *house) download(u *widgets.User, column string) (name, kind, content string, err error) {
	h.t.Helper()
	m := h.model("orders")
	in := h.in(u, m, "/admin/main/orders/2/file/"+column)
	in.Key = widgets.Key{"2"}
	d, err := h.site.Download(h.t.Context(), in, m, column)
	if err != nil {
		return "", "", "", err
	}
	defer d.Close() //nolint:errcheck // a test's
	data, err := io.ReadAll(d)
	if int64(len(data)) != d.Size {
		h.t.Errorf("%d bytes of %d", len(data), d.Size)
	}
	return d.Name, d.Type, string(data), err
}

func TestFilesOfARow(t *testing.T) {
	h := withFiles(t, File{Column: "receipt", Limit: 100})
	must0(t, h.upload(ann, `C:\docs\..\..\etc/pass`+"\x00\n"+`wd.txt`, "two cups"))
	stored := h.one("SELECT receipt FROM orders WHERE id = 2")
	if id, name, ok := refOf(widgets.Text(stored)); !ok || name != "passwd.txt" || len(id) != 32 {
		t.Errorf("stored %q", stored)
	}
	name, kind, content, err := h.download(ann, "receipt")
	if err != nil || name != "passwd.txt" || kind != "text/plain; charset=utf-8" || content != "two cups" {
		t.Errorf("%q %q %q %v", name, kind, content, err)
	}
	// HTML is no type that a browser is told, and too much is too much.
	must0(t, h.upload(ann, "page.png", "<!doctype html><script>1</script>"))
	if _, kind, _, err := h.download(ann, "receipt"); err != nil || kind != "application/octet-stream" {
		t.Errorf("%q %v", kind, err)
	}
	if err := h.upload(ann, "big", strings.Repeat("x", 101)); !errors.Is(err, ErrTooLarge) {
		t.Errorf("%v", err)
	}
	// The form shows it, and does not let it be typed.
	tb := h.change(ann, "orders", "2")
	if got := text(only(t, tb.dom(), "[data-file=receipt] a")); got != "page.png" || len(all(tb.dom(), "[name=receipt]")) != 0 {
		t.Errorf("the form shows %q", got)
	}
	before := h.one("SELECT receipt FROM orders WHERE id = 2")
	payload := formValues(t, only(t, tb.dom(), formIs))
	payload["receipt"] = []string{stored}
	tb.post("save", payload)
	if h.one("SELECT receipt FROM orders WHERE id = 2") != before {
		t.Error("typed into")
	}
	if got := column(h.list(ann, "orders", "q=N0002&cols=number,receipt").dom(), "receipt"); len(got) == 1 && got[0] != "page.png" {
		t.Errorf("the list shows %q", got)
	}
	// Somebody else was faster.
	m := h.model("orders")
	in := h.in(ann, m, "/")
	in.Key = widgets.Key{"2"}
	var said widgets.UserError
	if _, err := h.site.Upload(t.Context(), in, m, "receipt", Upload{"late", 1, strings.NewReader("x"), mark(widgets.Text(stored))}); !errors.As(err, &said) {
		t.Errorf("%v", err)
	}
	// A value that is no file of the store leads nowhere.
	h.exec("UPDATE orders SET receipt = '../../etc/passwd' WHERE id = 2")
	if _, _, _, err := h.download(ann, "receipt"); !errors.Is(err, widgets.ErrNoRow) {
		t.Errorf("%v", err)
	}
}

func TestFilesAreJudgedByTheirContent(t *testing.T) {
	h := withFiles(t, File{Column: "receipt", Accept: []string{"application/pdf", "image/*"}})
	must0(t, h.upload(ann, "a.txt", "%PDF-1.7\n"))
	must0(t, h.upload(ann, "a.txt", "GIF89a\x01\x00\x01\x00"))
	var said widgets.UserError
	if err := h.upload(ann, "a.pdf", "no PDF at all"); !errors.As(err, &said) || !strings.Contains(string(said), "text/plain") {
		t.Errorf("%v", err)
	}
}

func TestWhoMayUpload(t *testing.T) {
	h := withFiles(t, File{Column: "receipt"})
	bob := func(rights ...string) *widgets.User {
		return &widgets.User{ID: "2", Name: "Bob", Rights: rights, SessionID: "s2"}
	}
	viewer := bob("main.view_orders")
	must0(t, h.upload(ann, "a.txt", "hello"))
	if err := h.upload(viewer, "a", "x"); !errors.Is(err, widgets.ErrDenied) {
		t.Errorf("a viewer: %v", err)
	}
	if err := h.upload(bob("main.change_orders"), "a", "x"); !errors.Is(err, widgets.ErrDenied) {
		t.Errorf("without seeing: %v", err)
	}
	if _, _, got, err := h.download(viewer, "receipt"); err != nil || got != "hello" {
		t.Errorf("a viewer reads: %q, %v", got, err)
	}
	if _, _, _, err := h.download(bob(), "receipt"); !errors.Is(err, widgets.ErrDenied) {
		t.Errorf("nobody reads: %v", err)
	}
	if _, _, _, err := h.download(ann, "note"); !errors.Is(err, widgets.ErrNoRow) {
		t.Errorf("a column that is no file: %v", err)
	}
	h.rules.readOnly.set("orders", []string{"receipt"})
	if err := h.upload(ann, "a", "x"); !errors.Is(err, widgets.ErrDenied) {
		t.Errorf("read-only: %v", err)
	}
	h.rules.readOnly.set("orders", nil)
	h.rules.hide.set("orders", []string{"receipt"})
	if _, _, _, err := h.download(ann, "receipt"); !errors.Is(err, widgets.ErrNoRow) {
		t.Errorf("hidden: %v", err)
	}
	h.rules.hide.set("orders", nil)
	h.rules.rows.set("orders", widgets.Where("id", widgets.OpEq, "1"))
	if _, _, _, err := h.download(ann, "receipt"); !errors.Is(err, widgets.ErrNoRow) {
		t.Errorf("out of reach: %v", err)
	}
	if err := h.upload(ann, "a", "x"); !errors.Is(err, widgets.ErrNoRow) {
		t.Errorf("out of reach: %v", err)
	}
}

func TestPrepareTellsFaultsOfFiles(t *testing.T) {
	h := withFiles(t, File{Column: "receipt"})
	for want, f := range map[string]File{"may be NULL": {Column: "number"}, "the nearest is": {Column: "reciept"}, "at most": {Column: "receipt", Limit: 1 << 40}} {
		h.site.Models = []*Model{{Source: h.tables.Table("orders"), Form: Form{Files: []File{f}}}}
		if err := h.site.Prepare(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v", f, err)
		}
	}
	h.site.Files = nil
	h.site.Models = []*Model{{Source: h.tables.Table("orders"), Form: Form{Files: []File{{Column: "receipt"}}}}}
	if err := h.site.Prepare(); err == nil || !strings.Contains(err.Error(), "Config.Files") {
		t.Errorf("%v", err)
	}
}

func TestFileNamesAreTame(t *testing.T) {
	for name, want := range map[string]string{
		"": "file", "..": "file", "a/b\\c.pdf": "c.pdf", "a\u202Egpj.exe": "agpj.exe", ".htaccess": "htaccess", "naïve.png": "naïve.png",
		strings.Repeat("x", 200) + ".jpeg": strings.Repeat("x", 35) + ".jpeg",
	} {
		if got := fileName(name, 40); got != want {
			t.Errorf("%q is called %q, want %q", name, got, want)
		}
	}
}
