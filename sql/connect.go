package sql

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"greenroom/widgets"
)

// Config says how a database is opened. The zero value serves what exists and changes nothing about it. Create, WAL and Map are about SQLite's files.
type Config struct {
	// App is the first word of the tables' IDs, addresses and permissions. Empty means the schema's name: "main" on SQLite, "public" or another
	// on PostgreSQL, the database's name on MariaDB. On PostgreSQL it renames the first schema of the search path only.
	App string
	// Create makes the file when there is none, in write-ahead mode, where readers and the writer do not wait for each other.
	Create bool
	// WAL switches a file that exists to write-ahead mode, for good. Without it the file's own mode is kept: then a commit waits for readers.
	WAL bool
	// Readers bounds how many connections read at the same time. Zero means 4 or twice the processors, whichever is more, and 8 on a server,
	// where four more connections write.
	Readers int
	// Map is how many bytes of the file are mapped into memory. Zero means 1 GiB; less than zero means none, which is slower and right for
	// files on network drives and files that others overwrite in place.
	Map int64
	// OnChange hears of every commit that changed rows: of ours with their keys, and of other programs' while Watch runs. It must not block.
	OnChange func(widgets.Change)
}

func (c *Config) readers() int {
	if c.Readers > 0 {
		return c.Readers
	}
	return max(4, 2*runtime.NumCPU())
}

// Database is an open database and its schema. All methods are safe for concurrent use.
type Database struct {
	config  Config
	path    string
	dialect dialect
	read    *sql.DB
	write   *sql.DB
	touched touched
	// walk and probe are walkBudget and probeBudget, but for tests that want the other way taken.
	walk, probe time.Duration

	reload sync.Mutex // held while the catalogue is read
	schema atomic.Pointer[schema]

	audit   atomic.Pointer[widgets.Audit]
	ended   func() error // closes what else an engine has opened
	closing sync.Once
	closed  chan struct{} // ends Watch
}

// schema is a catalogue, resolved.
type schema struct {
	version int64
	tables  []*Table
	byName  map[string]*Table
	skipped map[string]string
}

// Table is a table or view of a Database; it is a widgets.Source. It lives as long as the Database: a Reload gives it the new columns.
type Table struct {
	db    *Database
	now   atomic.Pointer[shape]
	hooks atomic.Pointer[Hooks]
}

var _ widgets.Source = (*Table)(nil)

// Connect opens a database and reads its schema. A DSN is
//
//	sqlite:PATH  sqlite://PATH  file:PATH  PATH      an SQLite file that exists; query parameters are ignored, how it is opened is Config's to say
//	postgres://USER:PASSWORD@HOST:PORT/DATABASE      PostgreSQL, with the parameters that libpq knows; search_path limits the schemas to those it names
//	mysql://USER:PASSWORD@HOST:PORT/DATABASE         MariaDB or MySQL, also as mariadb://; parameters are socket=PATH and tls=true, skip-verify or preferred
//
// No error of it holds a password.
func Connect(ctx context.Context, dsn string, c Config) (*Database, error) {
	d := &Database{config: c, walk: walkBudget, probe: probeBudget, closed: make(chan struct{})}
	var err error
	switch scheme, _, _ := strings.Cut(dsn, "://"); scheme {
	case "postgres", "postgresql":
		err = d.openPostgres(ctx, dsn)
	case "mysql", "mariadb":
		err = d.openMySQL(ctx, dsn)
	default:
		d.dialect = sqlite{}
		if d.path, err = sqlitePath(dsn); err == nil {
			d.read, d.write, err = openSQLite(ctx, d.path, &d.config, &d.touched)
		}
	}
	if err != nil {
		return nil, err
	}
	if err := d.Reload(ctx); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// Close ends Watch and closes the pools; it may be called twice.
func (d *Database) Close() error {
	var err error
	d.closing.Do(func() {
		close(d.closed)
		err = errors.Join(d.read.Close(), d.write.Close())
		if d.ended != nil {
			err = errors.Join(err, d.ended())
		}
	})
	return err
}

// Tables are all tables and views that can be shown, by name.
func (d *Database) Tables() []*Table { return d.schema.Load().tables }

// Table finds a table by its name as stored, or by its ID where several schemas have one of that name; nil if there is none.
func (d *Database) Table(name string) *Table { return d.schema.Load().byName[name] }

// refers is the table that a foreign key points to.
func (d *Database) refers(ref *widgets.Ref) *Table { return d.Table(ref.App + "." + ref.Table) }

// Path is the database's file, or where a server's database is, without user and password.
func (d *Database) Path() string { return d.path }

// Skipped says why tables and views that exist are not among Tables, by name: a view of a table that is gone, a name with a control character.
func (d *Database) Skipped() map[string]string { return maps.Clone(d.schema.Load().skipped) }

// Reload reads the schema again. Tables that are still there keep their *Table.
func (d *Database) Reload(ctx context.Context) error {
	d.reload.Lock()
	defer d.reload.Unlock()
	tx, err := d.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return fmt.Errorf("sql: read the schema: %w", err)
	}
	defer tx.Rollback() //nolint:errcheck // it only reads
	cat, err := d.dialect.catalogue(ctx, tx)
	if err != nil {
		return fmt.Errorf("sql: read the schema: %w", err)
	}
	list := shapes(d.dialect, cat, func(schema string) string {
		if d.config.App != "" && schema == cat.home {
			return d.config.App
		}
		return cmp.Or(schema, d.dialect.facts().app)
	})
	home := cmp.Or(d.config.App, cat.home)
	next := &schema{version: cat.version, byName: map[string]*Table{}, skipped: cat.skipped}
	for _, s := range list {
		t := &Table{db: d}
		id := s.info.ID()
		if before := d.schema.Load(); before != nil && before.byName[id] != nil {
			t = before.byName[id]
		}
		t.now.Store(s)
		next.tables = append(next.tables, t)
		next.byName[id] = t
		if next.byName[s.info.Name] == nil || s.info.App == home {
			next.byName[s.info.Name] = t
		}
	}
	d.schema.Store(next)
	return nil
}

// Table is the table's description; a Reload may replace it, so it is asked for anew each time.
func (t *Table) Table() *widgets.Table { return t.now.Load().info }

// publish tells of a commit.
func (d *Database) publish(c widgets.Change) {
	if d.config.OnChange != nil {
		d.config.OnChange(c)
	}
}
