package http

import "testing"

func TestFind(t *testing.T) {
	for _, c := range []struct {
		path, pattern string
		want          params
	}{
		{"", "", params{}},
		{"login/", "login/", params{}},
		{"socket", "socket", params{}},
		{"shop/orders/", "{app}/{model}/", params{app: "shop", model: "orders"}},
		{"shop/orders/export/csv", "{app}/{model}/export/{file}", params{app: "shop", model: "orders", file: "csv"}},
		{"shop/orders/add/", "{app}/{model}/add/", params{app: "shop", model: "orders"}},
		{"shop/orders/7/change/", "{app}/{model}/{key}/change/", params{app: "shop", model: "orders", key: "7"}},
		{"shop/order%20lines/a%2Fb,c%2Cd/delete/", "{app}/{model}/{key}/delete/", params{app: "shop", model: "order lines", key: "a%2Fb,c%2Cd"}},
		{"progress/abc/failed.csv", "progress/{job}/{file}", params{job: "abc", file: "failed.csv"}},
		{"progress/abc/", "progress/{job}/", params{job: "abc"}},
		{"static/h/main.js", "static/{hash}/{file}", params{file: "main.js"}},
	} {
		found, p, slash := find(c.path)
		if found == nil || found.pattern != c.pattern || slash || p != c.want {
			t.Errorf("%q: %+v %+v %v", c.path, found, p, slash)
		}
	}
	for path, slash := range map[string]bool{
		"shop/orders": true, "login": true, "shop/orders/7/change": true, "progress/abc": true,
		"shop": false, "shop//": false, "shop/orders/7/": false, "../etc/passwd": false, "shop/orders/%zz/change/": false, "shop/orders//change/": false,
	} {
		if found, _, s := find(path); found != nil || s != slash {
			t.Errorf("%q: %+v, lacks only a slash: %v", path, found, s)
		}
	}
}

func TestLocalKeepsPeopleHere(t *testing.T) {
	g := &Gate{}
	g.site = sitePrefix("/admin")
	for next, want := range map[string]string{
		"/admin/shop/orders/?q=x":   "/admin/shop/orders/?q=x",
		"":                          "/admin/",
		"https://evil.example/":     "/admin/",
		"//evil.example/admin/":     "/admin/",
		"/\\evil.example/admin/":    "/admin/",
		"/admin//evil.example":      "/admin/",
		"/elsewhere":                "/admin/",
		"javascript:alert(1)":       "/admin/",
		"/admin/\r\nSet-Cookie:x=y": "/admin/",
		"/adminevil/":               "/admin/",
	} {
		if got := g.local(next); got != want {
			t.Errorf("next %q leads to %q, want %q", next, got, want)
		}
	}
}
