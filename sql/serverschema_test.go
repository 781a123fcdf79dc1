package sql_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	grsql "greenroom/sql"
	"greenroom/widgets"
)

// TestPostgresSchemas reads what PostgreSQL's catalogue has and SQLite's has not.
func TestPostgresSchemas(t *testing.T) {
	dsn := postgres.Made(t, `CREATE SCHEMA sales;
CREATE DOMAIN code AS varchar(3);
CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE TABLE places (country code, "Zip" text, name text, PRIMARY KEY (country, "Zip"));
CREATE TABLE sales.places (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, country code, zip text, m mood NOT NULL DEFAULT 'sad', n serial,
	total numeric(10,2) GENERATED ALWAYS AS (1.5) STORED, state varchar(10) CHECK (state IN ('on', 'off')), short text CHECK (char_length(short) <= 4), few smallint, parent bigint REFERENCES sales.places ON DELETE CASCADE,
	CONSTRAINT there FOREIGN KEY (country, zip) REFERENCES public.places ON UPDATE CASCADE);
COMMENT ON COLUMN sales.places.zip IS 'As written on letters';
COMMENT ON TABLE sales.places IS 'Where we sell';
CREATE TABLE parted (id bigint PRIMARY KEY) PARTITION BY RANGE (id);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (10);
CREATE TABLE parent (id bigint PRIMARY KEY);
CREATE TABLE heir () INHERITS (parent);
CREATE MATERIALIZED VIEW stored AS SELECT 1 AS one`)
	db := connect(t, dsn, grsql.Config{})
	ids := []string{}
	for _, table := range db.Tables() {
		ids = append(ids, table.Table().ID())
	}
	if got := fmt.Sprint(ids); got != "[public.heir public.parent public.parted public.places public.stored sales.places]" {
		t.Errorf("tables: %s", got)
	}
	if db.Table("places").Table().App != "public" || db.Table("sales.places").Table().App != "sales" {
		t.Error("a name without a schema means the search path's first")
	}
	info := db.Table("sales.places").Table()
	if got := fmt.Sprint(info.Refs); got != "[{[parent] sales places [id] CASCADE} {[country zip] public places [country Zip] NO ACTION}]" {
		t.Errorf("refs: %s", got)
	}
	if c := info.Column("zip"); c.Help != "As written on letters" || info.Help != "Where we sell" {
		t.Errorf("comments: %q, %q", c.Help, info.Help)
	}
	for name, holds := range map[string]func(*widgets.Column) bool{
		"id":      func(c *widgets.Column) bool { return c.Auto && c.Generated && c.Kind == widgets.KindInteger },
		"n":       func(c *widgets.Column) bool { return c.Auto && !c.Generated },
		"total":   func(c *widgets.Column) bool { return c.Generated && c.Kind == widgets.KindDecimal },
		"country": func(c *widgets.Column) bool { return c.MaxLen == 3 && c.Kind == widgets.KindText },
		"m": func(c *widgets.Column) bool {
			return c.Kind == widgets.KindEnum && fmt.Sprint(c.Choices) == "[sad happy]" && c.HasDefault
		},
		"state":  func(c *widgets.Column) bool { return c.Kind == widgets.KindEnum && fmt.Sprint(c.Choices) == "[on off]" },
		"parent": func(c *widgets.Column) bool { return c.Ref != nil && c.Ref.Table == "places" && c.Ref.App == "sales" },
	} {
		if c := info.Column(name); !holds(c) {
			t.Errorf("%s is %+v", name, c)
		}
	}
	if got := db.Table("parent").Table().ReadOnly; !strings.Contains(got, "inherit") {
		t.Errorf("parent: %q", got)
	}
	if _, err := db.Table("places").Insert(t.Context(), texts("country", "DE", "Zip", "1", "name", "Köln")); err != nil {
		t.Fatal(err)
	}
	key, err := db.Table("sales.places").Insert(t.Context(), texts("country", "DE", "zip", "1"))
	if err != nil {
		t.Fatal(err)
	}
	deps, err := db.Table("places").Dependents(t.Context(), widgets.Key{"DE", "1"})
	if err != nil || fmt.Sprint(deps) != "[{sales.places Places 1 false NO ACTION}]" {
		t.Errorf("dependents: %v, %v", deps, err)
	}
	for _, c := range []struct{ name, value, want string }{
		{"few", "40000", "few: This number is out of range: -32768 to 32767."},
		{"zip", "nowhere", "country: There is no such place.; zip: There is no such place."},
		{"id", "7", "id: The database computes this field; it cannot be set."},
		{"country", "LONG", "country: At most 3 characters; this has 4."},
		{"short", "12345", `short: The database's rule refuses this: char_length(short) <= 4.`},
	} {
		err := db.Table("sales.places").Update(t.Context(), key, nil, texts(c.name, c.value))
		if err == nil || !strings.HasSuffix(err.Error(), c.want) {
			t.Errorf("%s = %s: %v, want %s", c.name, c.value, err, c.want)
		}
	}
	limited := connect(t, dsn+"&search_path=sales", grsql.Config{App: "shop"})
	if len(limited.Tables()) != 1 || limited.Tables()[0].Table().ID() != "shop.places" {
		t.Errorf("a search path limits what is shown: %d tables", len(limited.Tables()))
	}
	if db.SeesOthers() {
		t.Error("nothing tells us of other programs' rows")
	}
}

// TestPostgresRights shows what a user may read, and words what he may not do.
func TestPostgresRights(t *testing.T) {
	reader := fmt.Sprintf("greenroom_reader_%d", os.Getpid())
	dsn := postgres.Made(t, strings.ReplaceAll(`CREATE TABLE open (id int PRIMARY KEY, name text, secret text);
CREATE TABLE shut (id int PRIMARY KEY);
CREATE TABLE own (id int PRIMARY KEY, name text);
DROP ROLE IF EXISTS greenroom_reader;
CREATE ROLE greenroom_reader LOGIN PASSWORD 'reader';
GRANT SELECT (id, name) ON open TO greenroom_reader;
GRANT SELECT, INSERT ON own TO greenroom_reader;
INSERT INTO own VALUES (1, 'a')`, "greenroom_reader", reader))
	u := postgres.DSN(t)
	password, _ := u.User.Password()
	db := connect(t, strings.Replace(dsn, u.User.Username()+":"+password, reader+":reader", 1), grsql.Config{})
	t.Cleanup(func() { postgres.Run(t, dsn, "DROP OWNED BY "+reader+"; DROP ROLE "+reader) })
	if db.Table("shut") != nil || !strings.Contains(db.Skipped()["public.shut"], "GRANT SELECT") {
		t.Errorf("skipped: %v", db.Skipped())
	}
	info := db.Table("open").Table()
	if info.Column("secret") != nil || !strings.Contains(info.ReadOnly, "only read") {
		t.Errorf("open: %+v", info)
	}
	err := db.Table("own").Update(t.Context(), widgets.Key{"1"}, nil, texts("name", "b"))
	if err == nil || !strings.Contains(err.Error(), "may not do this") {
		t.Errorf("without the right: %v", err)
	}
}

// TestMySQLSchema reads what MariaDB's catalogue has and SQLite's has not, and what it refuses.
func TestMySQLSchema(t *testing.T) {
	db := connect(t, mysql.Made(t, "CREATE TABLE places (country char(2), zip varchar(10), name text, PRIMARY KEY (country, zip));\n"+
		"CREATE TABLE shops (id int unsigned AUTO_INCREMENT PRIMARY KEY COMMENT 'Counted', country char(2), zip varchar(10), doc json, yes tinyint(1) NOT NULL DEFAULT 1, few tinyint, big bigint unsigned UNIQUE, "+
		"m enum('sad','it''s') NOT NULL DEFAULT 'sad', s varchar(10) DEFAULT 'x', state varchar(10) CHECK (state IN ('on', 'off')), twice int GENERATED ALWAYS AS (few * 2) VIRTUAL, "+
		"FOREIGN KEY (country, zip) REFERENCES places (country, zip) ON DELETE SET NULL) COMMENT 'Where we sell';\n"+
		"CREATE TABLE gone (id int PRIMARY KEY);\nCREATE VIEW dead AS SELECT id FROM gone;\nDROP TABLE gone"), grsql.Config{})
	info := db.Table("shops").Table()
	if info.Help != "Where we sell" || info.Column("id").Help != "Counted" || fmt.Sprint(info.Refs) != "[{[country zip] "+info.App+" places [country zip] SET NULL}]" {
		t.Errorf("shops: %+v", info)
	}
	for name, holds := range map[string]func(*widgets.Column) bool{
		"id":  func(c *widgets.Column) bool { return c.Auto && c.Kind == widgets.KindInteger },
		"doc": func(c *widgets.Column) bool { return c.Kind == widgets.KindJSON && c.Nullable && !c.HasDefault },
		"yes": func(c *widgets.Column) bool { return c.Kind == widgets.KindBool && c.HasDefault },
		"big": func(c *widgets.Column) bool { return c.Unique },
		"m": func(c *widgets.Column) bool {
			return c.Kind == widgets.KindEnum && strings.Join(c.Choices, "|") == "sad|it's"
		},
		"state": func(c *widgets.Column) bool { return c.Kind == widgets.KindEnum && fmt.Sprint(c.Choices) == "[on off]" },
		"twice": func(c *widgets.Column) bool { return c.Generated },
	} {
		if c := info.Column(name); !holds(c) {
			t.Errorf("%s is %+v", name, c)
		}
	}
	if len(db.Skipped()) != 1 {
		t.Errorf("a view whose table is gone: %v", db.Skipped())
	}
	shops := db.Table("shops")
	key, err := shops.Insert(t.Context(), texts("big", "18446744073709551615"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, value, want string }{
		{"few", "128", "few: This number is out of range: -128 to 127."},
		{"zip", "12345678901", "zip: At most 10 characters; this has 11."},
		{"doc", "{", "doc: This is not valid JSON: unexpected end of JSON input at character 1."},
		{"few", "127", "<nil>"},
	} {
		if err := shops.Update(t.Context(), key, nil, texts(c.name, c.value)); !strings.HasSuffix(fmt.Sprint(err), c.want) {
			t.Errorf("%s = %s: %v, want %s", c.name, c.value, err, c.want)
		}
	}
	if _, err := shops.Insert(t.Context(), texts("big", "18446744073709551615")); err == nil || err.Error() != "invalid row: big: Another shop already has this big." {
		t.Errorf("twice: %v", err)
	}
	rows, err := shops.List(t.Context(), widgets.Query{Filter: widgets.Where("big", widgets.OpGt, "18446744073709551614")})
	if err != nil || len(rows.Rows) != 1 {
		t.Errorf("beyond 63 bits: %v, %v", rows, err)
	}
}

func texts(pairs ...string) map[string]widgets.Value {
	out := map[string]widgets.Value{}
	for i := 0; i < len(pairs); i += 2 {
		out[pairs[i]] = widgets.Text(pairs[i+1])
	}
	return out
}
