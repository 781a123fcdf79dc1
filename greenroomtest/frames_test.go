package greenroomtest_test

import (
	"strings"
	"testing"
	"time"
)

// TestPageSpeaksTheWholeProtocol goes through the words that the other tests do not need: the address, a widget that is asked for anew, and a server that
// goes down on purpose.
func TestPageSpeaksTheWholeProtocol(t *testing.T) {
	n := serve(t)
	page := n.SignIn("admin", password).Open("/admin/main/notes/")
	page.Write("input[name=q]", "note 4")
	if got := page.Query(); got != "?q=note+4" && got != "?q=note%204" {
		t.Errorf("the address is %q", got)
	}
	page.Frames()
	page.Resync("notes")
	page.WaitUntil("tr[data-key]", true)
	page.Write("input[name=q]", "note 41") // answered after what was asked for before
	whole := false
	for _, f := range page.Frames() {
		whole = whole || strings.HasPrefix(f, `["patch",`) && strings.Contains(f, `<tr`)
	}
	if !whole || page.Has(`tr[data-key="40"]`) || !page.Has(`tr[data-key="41"]`) {
		t.Errorf("a widget that was asked for came whole: %v; the page says %s", whole, page.Text("table"))
	}
	closed := make(chan error, 1)
	go func() { closed <- n.room.Close(t.Context()) }()
	if wait := page.ComesBack(); wait < time.Second || wait > time.Minute {
		t.Errorf("wants the page back after %v", wait)
	}
	if code := page.Closed(); code != 1012 {
		t.Errorf("closed with %d", code)
	}
	if err := <-closed; err != nil {
		t.Error(err)
	}
}
