package sql

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	engine "modernc.org/sqlite"
	code "modernc.org/sqlite/lib"
)

// sqlite is the dialect of SQLite files, through modernc.org/sqlite (no C compiler; stops at once when a context ends).
type sqlite struct{}

// path takes the file out of a DSN: sqlite:path, sqlite://path, file:path?…, or the path of a file that exists.
func sqlitePath(dsn string) (string, error) {
	rest, isURI := strings.CutPrefix(dsn, "file:")
	switch {
	case isURI:
		rest = strings.TrimPrefix(rest, "//")
		name, query, _ := strings.Cut(rest, "?")
		if strings.Contains(query, "mode=memory") || name == ":memory:" {
			return "", errMemory
		}
		plain, err := url.PathUnescape(name)
		if err != nil {
			return "", fmt.Errorf("sql: the path in %q is not well encoded: %w", dsn, err)
		}
		return named(plain)
	case strings.HasPrefix(dsn, "sqlite://"):
		return named(strings.TrimPrefix(dsn, "sqlite://"))
	case strings.HasPrefix(dsn, "sqlite:"):
		return named(strings.TrimPrefix(dsn, "sqlite:"))
	case dsn == ":memory:":
		return "", errMemory
	}
	scheme, _, hasScheme := strings.Cut(dsn, "://")
	if !hasScheme {
		if _, err := os.Stat(dsn); err == nil {
			return dsn, nil
		}
		return "", fmt.Errorf("sql: %q is no file that exists; %s", dsn, forms)
	}
	return "", fmt.Errorf("sql: unknown kind of database %q; %s", scheme+"://", forms)
}

const forms = "give sqlite:PATH or the path of an SQLite file, postgres://USER:PASSWORD@HOST/DATABASE or mysql://USER:PASSWORD@HOST/DATABASE" //nolint:gosec // the form, and nobody's password

var errMemory = errors.New("sql: a database in memory belongs to one connection and cannot be shared by readers and a writer; give a file")

func named(path string) (string, error) {
	if path == "" {
		return "", fmt.Errorf("sql: the DSN names no file; %s", forms)
	}
	return path, nil
}

// pragmas builds the DSN of modernc's driver. The name has to start with file: or mode is silently ignored.
//
// _dqs stays at its default, although SQLite then takes an unknown "name" for a string: views and triggers of a served database may rely on
// it, and a trigger that does not compile refuses every edit. Our own statements write t."name", which is never taken for a string.
func (c *Config) pragmas(path, mode string, pragmas ...string) string {
	q := url.Values{"mode": {mode}, "_time_format": {"sqlite"}, "_timezone": {"UTC"}}
	size := c.Map
	if size == 0 {
		size = 1 << 30
	}
	q["_pragma"] = append([]string{fmt.Sprintf("busy_timeout(%d)", busyTimeout.Milliseconds())}, append(pragmas, "temp_store(2)", fmt.Sprintf("mmap_size(%d)", max(size, 0)))...)
	if mode == "rw" || mode == "rwc" {
		q.Set("_txlock", "immediate")
	} else {
		q.Set("_defensive", "1")
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
}

// openSQLite opens the pools of a file. A file that is there is opened for reading first and its journal mode is left alone: the writer's one
// connection is made at the first write, so that looking at a database never touches it.
func openSQLite(ctx context.Context, path string, c *Config, t *touched) (read, write *sql.DB, err error) {
	path, err = filepath.Abs(path)
	if err != nil {
		return nil, nil, fmt.Errorf("sql: %w", err)
	}
	info, err := os.Stat(path)
	create := c.Create && errors.Is(err, os.ErrNotExist)
	switch {
	case create:
	case errors.Is(err, os.ErrNotExist):
		return nil, nil, fmt.Errorf("sql: there is no file %s", path)
	case err != nil:
		return nil, nil, fmt.Errorf("sql: %w", err)
	case info.IsDir():
		return nil, nil, fmt.Errorf("sql: %s is a folder, not an SQLite file", path)
	case info.Size() > 0 && !isSQLite(path):
		return nil, nil, fmt.Errorf("sql: %s is not an SQLite database", path)
	}
	wal := c.WAL || create
	mode, pragmas := "rw", []string{"foreign_keys(1)"}
	if create {
		mode = "rwc"
	}
	if wal {
		pragmas = append(pragmas, "journal_mode(WAL)", "synchronous(NORMAL)", "journal_size_limit(67108864)")
	}
	write = sql.OpenDB(&recording{dsn: c.pragmas(path, mode, pragmas...), touched: t})
	write.SetMaxOpenConns(1)
	if wal {
		if err := whenFree(ctx, write.PingContext); err != nil {
			return nil, nil, errors.Join(opening(path, err), write.Close())
		}
	}
	read, err = openReaders(ctx, path, c, write)
	if err != nil {
		return nil, nil, errors.Join(err, write.Close())
	}
	return read, write, nil
}

// busyTimeout is how long a connection waits for another one's lock.
const busyTimeout = 5 * time.Second

// whenFree opens a connection, which sets the journal's mode: while another program does that with a new file SQLite says that the file is busy at once,
// whatever its busy_timeout.
func whenFree(ctx context.Context, open func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, busyTimeout)
	defer cancel()
	for {
		err := open(ctx)
		if faultCode(err)&0xff != code.SQLITE_BUSY {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// isSQLite looks at the first bytes; SQLite itself says "file is not a database" of an encrypted file too, and so do we.
func isSQLite(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return true // the engine will say what is wrong
	}
	defer f.Close() //nolint:errcheck // nothing is left to write
	head := make([]byte, 16)
	_, err = f.Read(head)
	return err == nil && string(head) == "SQLite format 3\x00"
}

// openReaders opens the read pool in the first way that works: as it is; after the writer has rolled back what a crashed program left; or,
// where the folder cannot be written and there is no log with newer rows, as a file that nobody changes.
func openReaders(ctx context.Context, path string, c *Config, write *sql.DB) (*sql.DB, error) {
	dsn := c.pragmas(path, "ro", "query_only(1)")
	read, err := tryReaders(ctx, dsn, c)
	full := faultCode(err)
	switch {
	case full == code.SQLITE_READONLY_DIRECTORY, full&0xff == code.SQLITE_CANTOPEN:
		if log, statErr := os.Stat(path + "-wal"); statErr != nil || log.Size() == 0 {
			read, err = tryReaders(ctx, dsn+"&immutable=1", c)
		}
	case full&0xff == code.SQLITE_READONLY: // a journal to roll back
		var n int
		if err := write.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&n); err != nil {
			return nil, opening(path, err)
		}
		read, err = tryReaders(ctx, dsn, c)
	}
	if err != nil {
		return nil, opening(path, err)
	}
	return read, nil
}

func tryReaders(ctx context.Context, dsn string, c *Config) (*sql.DB, error) {
	connector, err := engine.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	read := sql.OpenDB(connector)
	read.SetMaxOpenConns(c.readers())
	read.SetMaxIdleConns(c.readers())
	var n int
	if err := read.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&n); err != nil {
		return nil, errors.Join(err, read.Close())
	}
	return read, nil
}

// opening is what a person is told when a file does not open.
func opening(path string, err error) error {
	switch faultCode(err) & 0xff {
	case code.SQLITE_NOTADB:
		return fmt.Errorf("sql: %s is not an SQLite database, or it is encrypted", path)
	case code.SQLITE_CORRUPT:
		return fmt.Errorf("sql: %s is damaged: %w", path, err)
	case code.SQLITE_CANTOPEN:
		return fmt.Errorf("sql: %s cannot be opened: are the file and its folder readable, and the folder writable if there is a -wal beside it? %w", path, err)
	case code.SQLITE_READONLY:
		return fmt.Errorf("sql: %s cannot be repaired after a crash because it is read-only: %w", path, err)
	}
	return fmt.Errorf("sql: open %s: %w", path, err)
}

// recording opens the writer's connection and has it say which tables a transaction touches.
type recording struct {
	dsn     string
	touched *touched
}

func (r *recording) Connect(ctx context.Context) (driver.Conn, error) {
	connector, err := engine.NewConnector(r.dsn)
	if err != nil {
		return nil, err
	}
	conn, err := connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	if hooks, ok := conn.(engine.HookRegisterer); ok && r.touched != nil {
		hooks.RegisterPreUpdateHook(func(d engine.SQLitePreUpdateData) { r.touched.add(d.TableName) })
	}
	return conn, nil
}

func (r *recording) Driver() driver.Driver { return &engine.Driver{} }

// touched collects the tables that the running write transaction changed: by its statements, by cascades and by triggers. Only the writer's one
// connection uses it, and its pool hands that to one goroutine at a time.
type touched struct{ names []string }

func (t *touched) add(name string) {
	for _, v := range slices.Backward(t.names) {
		if v == name {
			return
		}
	}
	t.names = append(t.names, strings.Clone(name))
}

func (t *touched) take() []string {
	names := t.names
	t.names = nil
	return names
}

func (sqlite) facts() *facts { return &sqliteFacts }

var sqliteFacts = facts{
	app: "main", quote: `"`, format: finished{}, distinct: "%s IS NOT ?", foldNames: true, adaptive: true, touches: true, returning: true,
	noRow: " DEFAULT VALUES", clock: "CAST(unixepoch('subsec') * 1000000 AS INTEGER)",
}

func (sqlite) sortable(c *column) string { return string(c.at) }

func (sqlite) store(_ *column, arg any) any { return arg }

func (sqlite) compare(_ *column, arg any) any { return arg }

func (sqlite) like(_ *column, expr string) string { return expr + " LIKE ? ESCAPE '!'" }

func (sqlite) scanned([]*sql.ColumnType, []any) {}

func (sqlite) sum(*column) string { return "" }

func (sqlite) estimate(context.Context, querier, *shape) (int64, bool) { return 0, false }

// raw reads a column without its declared type: behind a plus sign no driver makes a time of a DATE column's text.
func (sqlite) raw(c *column) string { return "+" + string(c.at) }

// unindexed keeps the collation and loses the index.
func (sqlite) unindexed(c *column) string { return "+" + string(c.at) }

// faultCode is SQLite's extended result code, 0 if err is none of its errors.
func faultCode(err error) int {
	if e, ok := errors.AsType[*engine.Error](err); ok {
		return e.Code()
	}
	return 0
}

// fault sorts SQLite's refusals. It names the column only in its text, and the foreign key not at all.
func (sqlite) fault(err error) fault {
	after := func(marker string) string {
		text := err.Error()
		if i := strings.LastIndex(text, " ("); i >= 0 {
			text = text[:i]
		}
		if i := strings.Index(text, marker); i >= 0 {
			return text[i+len(marker):]
		}
		return text
	}
	switch full := faultCode(err); full {
	case code.SQLITE_CONSTRAINT_UNIQUE, code.SQLITE_CONSTRAINT_PRIMARYKEY, code.SQLITE_CONSTRAINT_ROWID:
		return fault{kind: faultUnique, detail: after("UNIQUE constraint failed: ")}
	case code.SQLITE_CONSTRAINT_NOTNULL:
		return fault{kind: faultNotNull, detail: after("NOT NULL constraint failed: ")}
	case code.SQLITE_CONSTRAINT_FOREIGNKEY:
		return fault{kind: faultReference}
	case code.SQLITE_CONSTRAINT_CHECK:
		return fault{kind: faultCheck, detail: after("CHECK constraint failed: ")}
	case code.SQLITE_CONSTRAINT_TRIGGER:
		return fault{kind: faultTrigger, detail: after("constraint failed: ")}
	case code.SQLITE_CONSTRAINT_DATATYPE:
		return fault{kind: faultType, detail: after("constraint failed: ")}
	default:
		switch full & 0xff {
		case code.SQLITE_MISMATCH:
			return fault{kind: faultType}
		case code.SQLITE_READONLY, code.SQLITE_CANTOPEN:
			return fault{kind: faultReadOnly}
		case code.SQLITE_BUSY, code.SQLITE_LOCKED:
			return fault{kind: faultBusy}
		case code.SQLITE_FULL:
			return fault{kind: faultFull}
		}
	}
	return fault{}
}
