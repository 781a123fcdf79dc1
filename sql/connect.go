package sql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"greenroom/widgets"
)

// Config says how a database is opened. The zero value serves a file that exists and changes nothing about it.
type Config struct {
	// App is the first word of the tables' IDs, addresses and permissions. Empty means "main".
	App string
	// Create makes the file when there is none, in write-ahead mode, where readers and the writer do not wait for each other.
	Create bool
	// WAL switches a file that exists to write-ahead mode, for good. Without it the file's own mode is kept: then a commit waits for readers.
	WAL bool
	// Readers bounds how many connections read at the same time. Zero means 4 or twice the processors, whichever is more.
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
	db  *Database
	now atomic.Pointer[shape]
}

var _ widgets.Source = (*Table)(nil)

// Connect opens a database and reads its schema. A DSN is sqlite:PATH, sqlite://PATH, file:PATH, or the path of a file that exists. Query
// parameters of file: are ignored: how the file is opened is Config's to say.
func Connect(ctx context.Context, dsn string, c Config) (*Database, error) {
	if c.App == "" {
		c.App = "main"
	}
	path, err := sqlitePath(dsn)
	if err != nil {
		return nil, err
	}
	d := &Database{config: c, path: path, dialect: sqlite{}, walk: walkBudget, probe: probeBudget, closed: make(chan struct{})}
	if d.read, d.write, err = openSQLite(ctx, path, &d.config, &d.touched); err != nil {
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
	})
	return err
}

// Tables are all tables and views that can be shown, by name.
func (d *Database) Tables() []*Table { return d.schema.Load().tables }

// Table finds a table by its name as stored, nil if there is none.
func (d *Database) Table(name string) *Table { return d.schema.Load().byName[name] }

// Path is the database's file.
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
	list := shapes(cat, d.config.App)
	next := &schema{version: cat.version, byName: map[string]*Table{}, skipped: cat.skipped}
	for _, s := range list {
		t := &Table{db: d}
		if before := d.schema.Load(); before != nil && before.byName[s.info.Name] != nil {
			t = before.byName[s.info.Name]
		}
		t.now.Store(s)
		next.tables = append(next.tables, t)
		next.byName[s.info.Name] = t
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
