package view_test

import (
	"bytes"
	"fmt"
	"html/template"
	"math"
	"testing"

	"greenroom/bench/workload"
	"greenroom/widgets/view"
)

// What is read from memory must be what reflection reads: for each way to a field, and each way for a dot to be out of reach.
func TestFieldsAreReadAsReflectionReadsThem(t *testing.T) {
	type inner struct {
		A string
		N int32
	}
	type word string
	type level int8
	type embedded struct{ E string }
	type row struct {
		*embedded
		inner
		Name   word
		Level  level
		U8     uint8
		U64    uint64
		F32    float32
		F64    float64
		Yes    bool
		HTML   template.HTML
		In     inner
		To     *inner
		Tags   []string
		Rows   []row
		To2    []*inner
		Nested [2]inner
		Any    any
		URL    string
	}
	text := `{{define "one"}}{{.A}}|{{.N}}{{end}}{{define "row"}}<p title="{{.Name}}" data-l={{.Level}}>{{.A}} {{.E}} {{.Name}} {{.Level}} {{.U8}} {{.U64}} {{.F32}} {{.F64}} {{.Yes}} {{.HTML}} ` +
		`{{.In.A}} {{.In.N}} {{with .To}}{{.A}}{{.N}}{{else}}none{{end}} {{if .To}}{{.To.A}}{{end}} <a href="/x/{{.URL}}?q={{.Name}}">{{template "one" .In}}</a>` +
		`{{range .Tags}}<i>{{.}}</i>{{else}}-{{end}}{{range $i, $t := .To2}}<b>{{$i}}{{if $t}}{{$t.A}}{{.N}}{{end}}</b>{{end}}{{range .Nested}}<u>{{.A}}</u>{{end}}` +
		`{{if eq .Name "x"}}eq{{end}}{{if ne .Name "x"}}ne{{end}}{{if lt .Level 3}}lt{{end}}{{if ge .Level 3}}ge{{end}}{{if gt .Name "a"}}gt{{end}}{{if le .Level -1}}le{{end}}` +
		`{{if .Tags}}tags{{end}}{{if .Level}}level{{end}}{{if .Name}}name{{end}}{{if not .Yes}}no{{end}}{{.Any}}</p>{{range .Rows}}{{template "row" .}}{{end}}{{end}}` +
		`{{range .}}{{template "row" .}}{{end}}`
	std := template.Must(template.New("t").Parse(text))
	c, err := view.Compile(std)
	if err != nil {
		t.Fatal(err)
	}
	full := row{
		embedded: &embedded{"<e>"}, inner: inner{"a'+\x00", -7}, Name: "x", Level: -3, U8: 255, U64: math.MaxUint64, F32: 0.1, F64: 1e21, Yes: true,
		HTML: "<em>&amp;</em>", In: inner{"in & out", math.MinInt32}, To: &inner{"to", 1}, Tags: []string{"", "<", "long enough for a word & more"},
		To2: []*inner{{"p", 2}}, Nested: [2]inner{{"n0", 0}, {"n1", 1}}, Any: "any<", URL: "a b/ü?c=d",
	}
	plain := row{embedded: &embedded{}, Level: 5, F64: -0.25, Name: "javascript:alert(1)"}
	nested := full
	nested.Rows = []row{plain, full}
	for name, data := range map[string]any{
		"values":           []row{full, plain, nested},
		"pointers":         []*row{&full, &nested},
		"a nil pointer":    []*row{&full, nil},
		"an array":         [2]row{full, plain},
		"an array pointed": &[2]row{full, plain},
		"interfaces":       []any{full, &plain, nested},
		"a map":            map[string]row{"a": full, "b": plain},
		"no embedded":      []row{{Name: "x"}},
		"nil embedded tag": []row{{inner: inner{A: "a"}}},
		"nil elements":     []row{{embedded: &embedded{}, To2: []*inner{nil, {"q", 3}}}},
		"none":             []row{},
	} {
		var want bytes.Buffer
		wantErr := std.Execute(&want, data)
		tree, err := c.Render(data)
		if (err != nil) != (wantErr != nil) {
			t.Errorf("%s: %v, html/template says %v", name, err, wantErr)
			continue
		}
		if err == nil && string(tree.AppendHTML(nil)) != want.String() {
			t.Errorf("%s:\ngot  %s\nwant %s", name, tree.AppendHTML(nil), want.String())
		}
	}
}

// One pointer in a struct is kept in an interface itself, not by address.
func TestARootThatIsOnePointer(t *testing.T) {
	type one struct{ P *string }
	text := "text"
	for _, data := range []any{one{&text}, &one{&text}, one{}, struct{ N int64 }{7}, struct{}{}} {
		std := template.Must(template.New("t").Parse(`<p>{{if .}}x{{end}}{{printf "%T" .}}</p>`))
		if _, ok := data.(one); ok {
			std = template.Must(template.New("t").Parse(`<p>{{.P}}</p>`))
		}
		c, err := view.Compile(std)
		if err != nil {
			t.Fatal(err)
		}
		var want bytes.Buffer
		if err := std.Execute(&want, data); err != nil {
			t.Fatal(err)
		}
		tree, err := c.Render(data)
		if err != nil || string(tree.AppendHTML(nil)) != want.String() {
			t.Errorf("%T: %s, %v; want %s", data, tree.AppendHTML(nil), err, want.String())
		}
	}
}

func TestNumbersArePrintedAsTheStandardLibraryDoes(t *testing.T) {
	c, err := view.Compile(template.Must(template.New("t").Parse(`<p>{{range .}}{{.}} {{end}}</p>`)))
	if err != nil {
		t.Fatal(err)
	}
	var numbers []float64
	for _, base := range []float64{
		0, math.Copysign(0, -1), 1, 0.5, 0.25, 0.1, 0.01, 0.001, 1.005, 4242, 12.34, 99.99, 999999, 999999.99, 1e6, 1000000.5, 1e7, 1e20, 1e21, 1e22,
		math.MaxFloat64, math.SmallestNonzeroFloat64, math.Inf(1), math.NaN(), 0.1 + 0.2, 1 / 3.0,
	} {
		numbers = append(numbers, base, -base, math.Nextafter(base, 1e300), math.Nextafter(base, -1e300))
	}
	for i := range 20000 {
		numbers = append(numbers, float64(i)/100, float64(i*7919)/1000)
	}
	tree, err := c.Render(numbers)
	if err != nil {
		t.Fatal(err)
	}
	var want bytes.Buffer
	want.WriteString("<p>")
	for _, f := range numbers {
		want.WriteString(template.HTMLEscapeString(fmt.Sprint(f)))
		want.WriteByte(' ')
	}
	want.WriteString("</p>")
	got := tree.AppendHTML(nil)
	// The text escaper of templates writes '+' as a reference too.
	if string(got) != string(bytes.ReplaceAll(want.Bytes(), []byte("+"), []byte("&#43;"))) {
		t.Errorf("numbers differ")
		for i, n := range bytes.Fields(got) {
			if i < len(numbers) && i > 0 && string(n) != string(bytes.Fields(bytes.ReplaceAll(want.Bytes(), []byte("+"), []byte("&#43;")))[i]) {
				t.Fatalf("%v is written %s", numbers[i], n)
			}
		}
	}
}

func TestEachByteIsEscapedWhereverItStands(t *testing.T) {
	c, err := view.Compile(template.Must(template.New("t").Parse(`{{.T}}`)))
	if err != nil {
		t.Fatal(err)
	}
	std := template.Must(template.New("t").Parse(`{{.T}}`))
	type state struct{ T string }
	for b := range 256 {
		for at := range 17 {
			s := []byte("abcdefghijklmnopqrs")
			s[at] = byte(b)
			data := &state{string(s)}
			var want bytes.Buffer
			if err := std.Execute(&want, data); err != nil {
				t.Fatal(err)
			}
			tree, err := c.Render(data)
			if err != nil || !bytes.Equal(tree.AppendHTML(nil), want.Bytes()) {
				t.Fatalf("byte %#x at %d: %q, %v; want %q", b, at, tree.AppendHTML(nil), err, want.Bytes())
			}
		}
	}
}

// What an update may allocate: nothing when it looks as before, else the tree and its memory.
func TestUpdatesAllocateNoMoreThanTheirTree(t *testing.T) {
	if raceOn {
		t.Skip("SKIPPED under -race: its instrumentation allocates; the plain run holds this")
	}
	for _, w := range workload.All() {
		c, err := view.Compile(template.Must(template.New(w.Name).Parse(w.Template)))
		if err != nil {
			t.Fatal(err)
		}
		last, err := c.Render(w.States[0])
		if err != nil {
			t.Fatal(err)
		}
		if n := testing.AllocsPerRun(200, func() {
			again, err := c.Rerender(last, w.States[0])
			if err != nil || again != last {
				t.Fatalf("an equal state makes another tree, %v", err)
			}
		}); n > 0 {
			t.Errorf("%s: a render that looks as before allocates %v times", w.Name, n)
		}
		diff, i := make([]byte, 0, 1<<16), 1
		if n := testing.AllocsPerRun(200, func() {
			tree, err := c.Rerender(last, w.States[i&1])
			if err != nil {
				t.Fatal(err)
			}
			diff, _ = view.AppendDiff(diff[:0], last, tree)
			last = tree
			i++
		}); n > 2 {
			t.Errorf("%s: an update allocates %v times, want at most 2", w.Name, n)
		}
	}
}
