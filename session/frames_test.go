package session

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestDecode(t *testing.T) {
	for _, c := range []struct {
		data string
		want Frame
	}{
		{`["attach","tok.en",3]`, Frame{Word: WordAttach, Token: "tok.en", Seq: 3}},
		{`["event",0,"search",{"q":"x"},7]`, Frame{Word: wordEvent, Name: "search", Payload: json.RawMessage(`{"q":"x"}`), Ref: 7}},
		{`["resync",2]`, Frame{Word: wordResync, Widget: 2}},
		{` [ "pong" ] `, Frame{Word: wordPong}},
	} {
		got, err := Decode([]byte(c.data))
		if err != nil || got.Word != c.want.Word || got.Token != c.want.Token || got.Seq != c.want.Seq || got.Widget != c.want.Widget ||
			got.Name != c.want.Name || string(got.Payload) != string(c.want.Payload) || got.Ref != c.want.Ref {
			t.Errorf("%s: %+v, %v", c.data, got, err)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	for _, data := range []string{
		``, `{}`, `[]`, `[1]`, `["nonsense"]`, `["attach"]`, `["attach",1,1]`, `["attach","x",-1]`, `["attach","x",1.5]`, `["attach","x",null]`,
		`["event",0,"x",{},1,2]`, `["event",0,"x",[],1]`, `["event",0,"x","y",1]`, `["event","0","x",{},1]`, `["event",0,"x",{},"1"]`,
		`["pong"`, `["pong"]]`, `["attach","` + strings.Repeat("x", MaxFrame) + `",1]`, `["resync",1e99]`,
	} {
		if f, err := Decode([]byte(data)); !errors.Is(err, ErrFrame) {
			t.Errorf("%.40s: %+v, %v", data, f, err)
		}
	}
	if _, err := Decode([]byte("[\"pong\xff\"]")); !errors.Is(err, ErrNotText) {
		t.Errorf("bytes that are not UTF-8: %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{`["attach","t",0]`, `["event",0,"search",{"q":"x"},1]`, `["resync",1]`, `["pong"]`, `[[[`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		frame, err := Decode(data)
		if err != nil {
			if !errors.Is(err, ErrFrame) && !errors.Is(err, ErrNotText) {
				t.Errorf("an error without a close code: %v", err)
			}
			return
		}
		if !utf8.Valid(data) || len(data) > MaxFrame {
			t.Error("let in what must be refused")
		}
		if frame.Word == wordEvent && !json.Valid(frame.Payload) {
			t.Errorf("payload %q is no JSON", frame.Payload)
		}
	})
}

func TestFrame(t *testing.T) {
	if got := string(frame(wordToast, "ok", "a \"b\" <c>\n")); !json.Valid([]byte(got)) {
		t.Errorf("not JSON: %s", got)
	}
	if got := string(frame(wordReply, int64(3))); got != `["reply",3]` {
		t.Errorf("frame %s", got)
	}
}
