package e2e

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// strict is the policy that the admin serves its pages with; TestPolicyOfEveryPage holds the two together.
const strict = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; " +
	"form-action 'self'; frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types greenroom"

// survivor opens a live page of one widget: a neighbour's text and a list of twenty rows. Row 5 has extra cells, which hold what a case is about. The
// runtime is the real one; testdata/survive.js plays the server.
func survivor(t *testing.T, extra string) *tab {
	t.Helper()
	var rows strings.Builder
	for i := range 20 {
		fmt.Fprintf(&rows, `<tr data-key="%d" class="a" _="- class"><td _="t">title %d</td><td><input name="n%d" value="v%d" _="- value"></td>`, i, i, i, i)
		if i == 5 {
			rows.WriteString("<td>" + extra + "</td>")
		}
		rows.WriteString("</tr>")
	}
	page := `<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>survive</title><link rel="stylesheet" href="/src/greenroom.css"><link rel="stylesheet" href="/survive.css">
<script src="/survive.js"></script><script type="module" src="/src/main.js"></script>
<body data-gr-token="t" data-gr-socket="/socket"><section data-gr="0"><p id="near" _="t">neighbour</p><div id="list"><table><tbody _="l">` + rows.String() +
		`</tbody></table></div></section><div class="tall"></div></body></html>`
	mux := http.NewServeMux()
	mux.Handle("/src/", http.FileServer(http.Dir(filepath.Join("..", "http", "client"))))
	mux.Handle("/survive.js", http.FileServer(http.Dir("testdata")))
	mux.Handle("/survive.css", http.FileServer(http.Dir("testdata")))
	mux.HandleFunc("/{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Security-Policy", strict)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(page))
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	b := open(t, server.URL)
	b.goTo("/")
	return b
}

// hits are the patches of testdata/survive.js, in the order in which they come.
var hits = []string{"own row's attribute", "insert above", "swap the row in hand", "remove above", "own class", "reverse all", "neighbour text"}

// stays sends patches and holds that an expression says the same after each.
func (b *tab) stays(expression, want string, patches ...string) {
	b.t.Helper()
	if got := b.eval(expression); got != want {
		b.t.Fatalf("before any patch: %s, want %s", got, want)
	}
	for _, hit := range patches {
		if got := b.eval(fmt.Sprintf(`(hits[%q](), %s)`, hit, expression)); got != want {
			b.t.Errorf("%s: %s, want %s", hit, got, want)
		}
	}
}

// mouse sends one mouse event to the middle of what a selector finds.
func (b *tab) mouse(typ input.DispatchMouseEventType, selector string, more ...chromedp.MouseOption) {
	b.t.Helper()
	var x, y float64
	at := b.eval(fmt.Sprintf(`(() => { const e = document.querySelector(%q); e.scrollIntoView({block: "nearest"}); const r = e.getBoundingClientRect(); return (r.x + r.width / 2) + " " + (r.y + r.height / 2) })()`, selector))
	if _, err := fmt.Sscan(at, &x, &y); err != nil {
		b.t.Fatal(err)
	}
	b.do(chromedp.MouseEvent(typ, x, y, more...))
}

// compose shows text in the focused field as an input method does; commit ends that with the text that was meant.
func (b *tab) compose(text string) {
	b.t.Helper()
	n := int64(len([]rune(text)))
	b.ime(func(ctx context.Context) error {
		_, err := chromedp.Call(ctx, input.ImeSetComposition, input.ImeSetCompositionParams{Text: text, SelectionStart: n, SelectionEnd: n})
		return err
	})
}

func (b *tab) commit(text string) {
	b.t.Helper()
	b.ime(func(ctx context.Context) error {
		_, err := chromedp.Call(ctx, input.InsertText, input.InsertTextParams{Text: text})
		return err
	})
}

func (b *tab) ime(do func(context.Context) error) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := do(ctx); err != nil {
		b.t.Fatal(err)
	}
}

func TestFocusAndCaretSurvive(t *testing.T) {
	b := survivor(t, "")
	b.click(`[name=n5]`)
	b.write(`[name=n5]`, "typed")
	b.eval(`document.activeElement.setSelectionRange(1, 3)`)
	b.stays(`[document.activeElement.name, document.activeElement.value, document.activeElement.selectionStart, document.activeElement.selectionEnd, events]`, "n5,typed,1,3,", hits...)
	b.do(chromedp.KeyEvent("Z"))
	if got := b.eval(`document.activeElement.value`); got != "tZed" {
		t.Errorf("typing goes on as %s", got)
	}
}

func TestFieldInFocusIsReconciledOnBlur(t *testing.T) {
	b := survivor(t, `<textarea name="area" _="t">old</textarea>`)
	// Not typed in: the newest value of the server, once the person has let go.
	b.click(`[name=n5]`)
	b.eval(`(own(2, "one"), own(2, "two"))`)
	if got := b.eval(`document.activeElement.value`); got != "v5" {
		t.Errorf("a field in focus became %s", got)
	}
	b.click(`[name=area]`)
	b.until("the server's value is shown", `document.querySelector("[name=n5]").value === "two"`)
	// Typed in: the person's own stays, and is told from the server's.
	b.do(chromedp.KeyEvent("mine "))
	b.eval(`own(3, "theirs")`)
	b.click(`[name=n5]`)
	b.until("the other field has the focus", `document.activeElement.name === "n5"`)
	if got := b.eval(`(e => [e.value.includes("mine"), e.defaultValue])(document.querySelector("[name=area]"))`); got != "true,theirs" {
		t.Errorf("the text area has %s", got)
	}
}

func TestSelectedTextSurvives(t *testing.T) {
	b := survivor(t, `<b id="read">reading</b>`)
	b.do(chromedp.DoubleClick(chromedp.CSS(`#read`)))
	selected := b.eval(`getSelection().toString().trim()`)
	if selected == "" {
		t.Fatal("nothing is selected")
	}
	b.stays(`getSelection().toString().trim()`, selected, hits...)
}

func TestScrollSurvives(t *testing.T) {
	b := survivor(t, `<div class="box" id="box"><div class="tall">tall</div></div>`)
	b.eval(`(document.querySelector("#box").scrollTop = 33, document.querySelector("#list").scrollLeft = 44)`)
	state := `[document.querySelector("#box").scrollTop, document.querySelector("#list").scrollLeft, scrollY]`
	b.stays(state, "33,44,0", hits...)
	// The window's own, where nothing shifts (else the browser's scroll anchoring moves it along with what is read), and whole HTML.
	b.eval(`scrollTo(0, 55)`)
	b.stays(state, "33,44,55", "own row's attribute", "own class", "neighbour text")
	b.eval(`patch(document.querySelector("section").innerHTML)`)
	b.stays(state, "33,44,55")
}

func TestRowsThatAreReadStayInView(t *testing.T) {
	b := survivor(t, "")
	b.eval(`document.querySelector("#list").scrollTop = 120`)
	at := `Math.round(document.querySelector('tr[data-key="8"]').getBoundingClientRect().y)`
	b.eval(`requestAnimationFrame(() => requestAnimationFrame(() => { window.drawn = 1 }))`)
	b.until("it is drawn", `window.drawn`)
	y := b.eval(at)
	for _, hit := range []string{"insert above", "remove above", "own row's attribute", "neighbour text"} {
		b.eval(fmt.Sprintf(`hits[%q]()`, hit))
		b.until(hit+" moves nothing", at+" === "+y)
	}
}

func TestOpenSelectSurvives(t *testing.T) {
	b := survivor(t, `<select name="s" id="s"><option _="- selected" value="a">A</option><option _="- selected" value="b" selected>B</option></select>`)
	b.mouse(chromedp.MousePressed, `#s`, chromedp.ButtonLeft, chromedp.ClickCount(1))
	b.mouse(chromedp.MouseReleased, `#s`, chromedp.ButtonLeft, chromedp.ClickCount(1))
	b.until("the list is open", `document.querySelector("#s").matches(":open")`)
	b.stays(`[document.querySelector("#s").matches(":open"), document.querySelector("#s").value, document.activeElement.id]`, "true,b,s", hits...)
	b.eval(`own(3, "", 4, null)`)
	if got := b.eval(`[document.querySelector("#s").matches(":open"), document.querySelector("#s").value]`); got != "true,b" {
		t.Errorf("the server chose another option: %s", got)
	}
	b.do(chromedp.KeyEvent("\u001b"))
	b.eval(`document.activeElement.blur()`)
	b.until("the server's choice is shown", `document.querySelector("#s").value === "a"`)
}

func TestTicksAndRadiosSurvive(t *testing.T) {
	b := survivor(t, `<input type="checkbox" id="c" _="- *"><input type="radio" name="r" id="r1" checked _="- *"><input type="radio" name="r" id="r2" _="- *">`)
	b.click(`#c`)
	b.click(`#r2`)
	state := `["#c", "#r1", "#r2"].map((s) => document.querySelector(s).checked)`
	b.stays(state, "true,false,true", hits...)
	b.eval(`own(3, {checked: null}, 4, {checked: ""}, 5, {checked: null})`)
	if got := b.eval(state); got != "true,false,true" {
		t.Errorf("the server ticked over a person: %s", got)
	}
}

func TestOpenDetailsSurvive(t *testing.T) {
	b := survivor(t, `<details id="d" _="- open"><summary id="more">more</summary><p>text</p></details>`)
	b.click(`#more`)
	b.stays(`document.querySelector("#d").open`, "true", hits...)
	b.eval(`own(3, null)`)
	if got := b.eval(`document.querySelector("#d").open`); got != "true" {
		t.Error("the server closed what a person opened")
	}
	b.eval(`patch(document.querySelector("section").innerHTML.replace(" open=\"\"", ""))`)
	if got := b.eval(`document.querySelector("#d").open`); got != "true" {
		t.Error("whole HTML closed what a person opened")
	}
}

func TestModalDialogSurvives(t *testing.T) {
	b := survivor(t, `<dialog open data-modal id="ask"><button id="first">first</button><input id="second"></dialog>`)
	b.until("the dialog is modal", `document.querySelector("#ask").matches(":modal")`)
	b.click(`#second`)
	b.do(chromedp.KeyEvent("abc"))
	state := `[document.querySelector("#ask").matches(":modal"), document.activeElement.id, document.querySelector("#second").value]`
	b.stays(state, "true,second,abc", hits...)
	b.eval(`patch(document.querySelector("section").innerHTML)`)
	if got := b.eval(state); got != "true,second,abc" {
		t.Errorf("after whole HTML: %s", got)
	}
}

func TestPopoverSurvives(t *testing.T) {
	b := survivor(t, `<button id="show" popovertarget="pop">show</button><div id="pop" popover>popped</div>`)
	b.click(`#show`)
	b.stays(`document.querySelector("#pop").matches(":popover-open")`, "true", hits...)
	b.eval(`patch(document.querySelector("section").innerHTML)`)
	if got := b.eval(`document.querySelector("#pop").matches(":popover-open")`); got != "true" {
		t.Error("whole HTML closed it")
	}
}

// A menu is under the pointer for as long as its row stays where it is.
func TestHoverMenuSurvives(t *testing.T) {
	b := survivor(t, `<div id="hover">menu<div class="menu">open</div></div>`)
	b.mouse(chromedp.MouseMoved, `#hover`)
	shown := `getComputedStyle(document.querySelector(".menu")).display`
	b.until("the menu is open", shown+` === "block"`)
	b.stays(shown, "block", "own row's attribute", "own class", "neighbour text")
}

// A row that is pressed or dragged is not taken out, or the browser ends the drag, and a click never comes.
func TestRowInHandIsNotMoved(t *testing.T) {
	b := survivor(t, `<span id="grip">grip</span><button id="press">press</button>`)
	b.eval(`(window.moves = 0, window.clicks = 0, document.querySelector("#press").onclick = () => { clicks++ }, new MutationObserver((all) => {
		for (const m of all) for (const n of m.removedNodes) if (n.dataset?.key === "5") moves++;
	}).observe(document.querySelector("tbody"), {childList: true}))`)
	for _, grip := range []string{"#grip", "#press"} {
		b.mouse(chromedp.MousePressed, grip, chromedp.ButtonLeft, chromedp.ClickCount(1))
		b.until("it is pressed", fmt.Sprintf(`document.querySelector(%q).matches(":active")`, grip))
		b.stays(`moves`, "0", hits...)
		b.mouse(chromedp.MouseReleased, grip, chromedp.ButtonLeft, chromedp.ClickCount(1))
		b.stays(`moves`, "0")
	}
	b.until("the click came", `clicks === 1`)
}

func TestCompositionSurvives(t *testing.T) {
	b := survivor(t, "")
	b.click(`[name=n5]`)
	b.do(chromedp.KeyEvent("a"))
	b.eval(`document.activeElement.setSelectionRange(99, 99)`)
	before := b.eval(`document.activeElement.value`)
	b.compose("に")
	b.compose("にほ")
	b.stays(`[document.activeElement.name, document.activeElement.value, events]`, "n5,"+before+"にほ,", hits...)
	// Neither whole HTML nor the row's end comes before the composition's.
	b.eval(`drop()`)
	b.eval(`patch(document.querySelector("section").innerHTML.replace("title 3", "title three"))`)
	if got := b.eval(`[document.activeElement.value, events]`); got != before+"にほ," {
		t.Errorf("the composition ended: %s", got)
	}
	b.commit("日本")
	b.until("the text is written", fmt.Sprintf(`document.activeElement.value === %q`, before+"日本"))
	b.until("the widget is asked for", `frames_.some(([word]) => word === "resync")`)
	b.eval(`patch(document.querySelector("section").innerHTML.replace("title 3", "title three"))`)
	if got := b.eval(`[document.activeElement.name, document.activeElement.value, document.querySelector("section").innerText.includes("title three")]`); got != "n5,"+before+"日本,true" {
		t.Errorf("after the composition: %s", got)
	}
}

func TestTranslatedTextIsFoundAgain(t *testing.T) {
	b := survivor(t, `<p id="p"><!--t-->one<b>x</b></p>`)
	wrap := `(() => { const p = document.querySelector("#p"), f = document.createElement("font"); p.childNodes[1].replaceWith(f); f.append("eins"); })()`
	b.eval(wrap)
	b.eval(`own(3, "two")`)
	if got := b.text(`#p`); got != "twox" {
		t.Errorf("the text is %s", got)
	}
	// Marker and text moved elsewhere: the widget is asked for whole, with one line in the console.
	b.eval(`(() => { const p = document.querySelector("#p"), f = document.createElement("font"); f.append(...p.childNodes); p.append(f); })()`)
	b.eval(`(window.errors = 0, console.error = () => { errors++ }, own(3, "three"), own(3, "four"))`)
	if got := b.eval(`[errors, frames_.filter(([word]) => word === "resync").length]`); got != "1,1" {
		t.Errorf("errors and resyncs: %s", got)
	}
}

func TestEditsSurviveARestart(t *testing.T) {
	b := survivor(t, `<form><textarea name="area"></textarea><select name="s" multiple><option>1</option><option>2</option><option>3</option></select>
		<input type="checkbox" name="c"><input type="radio" name="r" value="1" checked><input type="radio" name="r" value="2"><input type="password" name="secret"><input type="hidden" name="csrf" value="old"></form>`)
	b.write(`[name=n5]`, "line")
	b.write(`[name=area]`, "many")
	b.click(`[name=c]`)
	b.click(`[name=r][value="2"]`)
	b.click(`option:nth-child(2)`)
	b.write(`[name=secret]`, "secret")
	b.eval(`(document.querySelector("[name=csrf]").value = "changed", window.loaded = 1, socket.onclose({ code: 4004 }))`)
	b.until("the page is loaded anew", `window.loaded === undefined && document.documentElement.dataset.live === "on"`)
	got := b.eval(`(f => JSON.stringify([document.querySelector("[name=n5]").value, f.area.value, f.s.value, f.c.checked, f.r.value, f.secret.value, f.csrf.value]))(document.forms[0])`)
	if want := `["line","many","2",true,"2","","old"]`; got != want {
		t.Errorf("after the restart %s, want %s", got, want)
	}
}

// TestPatchesSetNoScript holds that a patch can set neither a handler nor a script's address.
func TestPatchesSetNoScript(t *testing.T) {
	b := survivor(t, `<a id="a" href="/x" _="- *">a</a>`)
	b.eval(`own(3, {onclick: "window.pwned = 1", href: " java\tscript:window.pwned = 1", title: "javascript: a language"})`)
	if got := b.eval(`(a => [a.getAttribute("onclick"), a.getAttribute("href"), a.title, events])(document.querySelector("#a"))`); got != ",/x,javascript: a language," {
		t.Errorf("the link has %s", got)
	}
}

func TestDoubleClickSendsOnce(t *testing.T) {
	b := survivor(t, `<button id="go" gr-click="go">go</button>`)
	b.do(chromedp.DoubleClick(chromedp.CSS(`#go`)))
	b.until("it is sent", `frames_.some(([word]) => word === "event")`)
	if got := b.eval(`frames_.filter(([word]) => word === "event").length`); got != "1" {
		t.Errorf("%s events", got)
	}
}

func TestNothingIsPostedWhileOffline(t *testing.T) {
	b := survivor(t, `<form method="post" action="/nowhere" gr-submit="save"><input name="x"><button id="save">Save</button></form>`)
	b.write(`[name=x]`, "kept")
	b.eval(`socket.onclose({code: 1006})`)
	b.eval(`(window.WebSocket = class { close() {} }, window.loaded = 1)`)
	b.click(`#save`)
	b.until("the page says why", `document.querySelector(".gr-toast")?.innerText.includes("Not connected")`)
	if got := b.eval(`[window.loaded, document.querySelector("[name=x]").value]`); got != "1,kept" {
		t.Errorf("the page has %s", got)
	}
}

func TestPolicyOfEveryPage(t *testing.T) {
	s := serveShop(t, 60, nil)
	b := open(t, s.url) // it fails the test at whatever the browser refuses
	b.signIn("/admin/")
	for _, path := range []string{
		"/admin/", "/admin/shop/orders/", "/admin/shop/orders/?q=none", "/admin/shop/orders/7/change/", "/admin/shop/products/add/",
		"/admin/shop/orders/7/delete/", "/admin/shop/orders/7/history/", "/admin/console/",
	} {
		b.do(chromedp.Navigate(s.url + path))
		b.until("the page is drawn", `document.readyState === "complete"`)
		if inline := b.eval(`document.querySelectorAll("script:not([src]), style, [style]").length`); inline != "0" {
			t.Errorf("%s has %s inline scripts or styles", path, inline)
		}
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+"/admin/login", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if got := res.Header.Get("Content-Security-Policy"); got != strict {
		t.Errorf("the policy is\n%s\nwant\n%s", got, strict)
	}
	// The policy is active: markup from a string is refused. A tab of its own, for the refusal is reported.
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		t.Fatal(err)
	}
	alone := &tab{t, ctx, s.url}
	alone.do(chromedp.Navigate(s.url + "/admin/login"))
	for _, try := range []string{`document.body.innerHTML = "<p>"`, `trustedTypes.createPolicy("other", {})`} {
		if got := alone.eval(`(() => { try { ` + try + `; return "taken" } catch (err) { return err.name } })()`); got != "TypeError" {
			t.Errorf("%s: %s", try, got)
		}
	}
}
