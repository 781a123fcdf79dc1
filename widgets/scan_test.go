package widgets

import (
	"database/sql"
	"reflect"
	"strings"
	"testing"
	"time"
)

func ordersTable() *Table {
	return &Table{App: "shop", Name: "orders", Key: []string{"id"}, Columns: []Column{
		{Name: "id", Kind: KindInteger},
		{Name: "customer_id", Kind: KindInteger},
		{Name: "total", Kind: KindDecimal},
		{Name: "note", Nullable: true},
		{Name: "paid", Kind: KindBool},
		{Name: "at", Kind: KindDateTime},
		{Name: "raw", Kind: KindBytes},
	}}
}

type base struct {
	ID int64 `db:"id"`
}

type order struct {
	base
	Self     Key
	Customer uint32         `db:"customer_id"`
	Total    float64        `db:"total"`
	Note     *string        `db:"note"`
	Same     sql.NullString `db:"note"`
	Paid     bool           `db:"paid"`
	At       time.Time      `db:"at"`
	Raw      []byte         `db:"raw"`
	Value    Value          `db:"total"`
	Other    chan int
	Skipped  int `db:"-"`
}

func TestDecode(t *testing.T) {
	t.Parallel()
	row := Row{Key: Key{"9007199254740993"}, Values: []Value{
		Text("9007199254740993"), Text("7.0"), Text("1.10"), Null(), Text("1"), Text("2026-11-22 10:11:12"),
		Blob([]byte{0, 255}),
	}}
	got, err := Decode[order](ordersTable(), nil, row)
	if err != nil {
		t.Fatal(err)
	}
	want := order{
		base: base{9007199254740993}, Self: row.Key, Customer: 7, Total: 1.1, Paid: true, At: time.Date(2026, 11, 22, 10, 11, 12, 0, time.UTC),
		Raw: []byte{0, 255}, Value: Text("1.10"),
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	row.Values[3] = Text("")
	if got, err := Decode[order](ordersTable(), nil, row); err != nil || got.Note == nil || *got.Note != "" || !got.Same.Valid {
		t.Errorf("an empty text is not NULL: %+v, %v", got, err)
	}
	whole, err := Decode[Row](ordersTable(), nil, row)
	if err != nil || !reflect.DeepEqual(whole, row) {
		t.Errorf("Decode[Row] = %+v, %v", whole, err)
	}
}

func TestDecodeFaults(t *testing.T) {
	t.Parallel()
	table := ordersTable()
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"unknown column": {second(Decode[struct {
			C int `db:"custommer_id"`
		}](table, nil, Row{})), `did you mean "customer_id"?`},
		"not selected": {second(DecoderOf[struct {
			C int `db:"id"`
		}](table, []string{"total"})), `the column "id"`},
		"no tags":   {second(DecoderOf[struct{ ID int }](table, nil)), `db:"id"`},
		"no struct": {second(DecoderOf[int](table, nil)), "not into int"},
		"odd type": {second(DecoderOf[struct {
			C chan int `db:"id"`
		}](table, nil)), "chan int"},
		"unexported": {second(DecoderOf[struct {
			c int `db:"id"`
		}](table, nil)), "capital"},
		"null": {second(Decode[struct {
			C string `db:"note"`
		}](table, []string{"note"}, Row{Values: []Value{Null()}})), "make the field a pointer"},
		"overflow": {second(Decode[struct {
			C int8 `db:"id"`
		}](table, []string{"id"}, Row{Values: []Value{Text("300")}})), "out of range"},
		"no number": {second(Decode[struct {
			C int `db:"id"`
		}](table, []string{"id"}, Row{Values: []Value{Text("x")}})), "invalid syntax"},
		"short row": {second(Decode[struct {
			C int `db:"id"`
		}](table, []string{"id"}, Row{})), "0 values and 1 columns"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("%s: %v, want it to say %q", name, c.err, c.want)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestTimeOf(t *testing.T) {
	t.Parallel()
	want := time.Date(2026, 11, 22, 21, 37, 35, 0, time.UTC)
	for _, s := range []string{
		"2026-11-22 21:37:35", "2026-11-22T21:37:35", "2026-11-22T21:37:35Z", "2026-11-22 23:37:35+02:00", "1795383455",
		"2026-11-22 21:37:35 +0000 UTC m=+0.066", "2026-11-22 21:37:35.000",
	} {
		if got, err := timeOf(s); err != nil || !got.Equal(want) {
			t.Errorf("%q: %v, %v", s, got, err)
		}
	}
	if _, err := timeOf("yesterday"); err == nil {
		t.Error("yesterday is no time")
	}
}

func BenchmarkDecode(b *testing.B) {
	decode, err := DecoderOf[order](ordersTable(), nil)
	if err != nil {
		b.Fatal(err)
	}
	row := Row{Key: Key{"1"}, Values: []Value{Text("1"), Text("7"), Text("1.10"), Null(), Text("1"), Text("2026-11-22 10:11:12"), Null()}}
	for b.Loop() {
		if _, err := decode(row); err != nil {
			b.Fatal(err)
		}
	}
}
