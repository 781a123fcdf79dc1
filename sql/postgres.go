package sql

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	sq "github.com/Masterminds/squirrel"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/stdlib"

	"greenroom/widgets"
)

// postgres is the dialect of PostgreSQL, through pgx. Every value is read by a cast to text and written as text, which pgx passes on for any type:
// so an array, a range, a network address or a type of an extension goes through a form as the server itself writes it.
type postgres struct {
	// limited says that the DSN names a search path, and only its schemas are shown.
	limited bool
}

var postgresFacts = facts{
	quote: `"`, format: numbered{}, distinct: "%s IS DISTINCT FROM ?", nullsHigh: true, aborts: true, remote: true, returning: true, locking: "FOR UPDATE", skipping: "FOR UPDATE SKIP LOCKED",
	noRow: " DEFAULT VALUES", noNUL: true, notNumbers: true, clock: "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint)",
}

func (*postgres) facts() *facts { return &postgresFacts }

// The bounds of a server's pools: one page with a bad query must not take what all others need.
const (
	serverReaders = 8
	serverWriters = 4
)

// openPostgres opens two pools. The readers' sessions refuse every write, whatever a view's function tries.
func (d *Database) openPostgres(ctx context.Context, dsn string) error {
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		// pgx quotes the DSN, without the password where it understands it; where it does not, nobody knows which part is secret.
		return errors.New("sql: the DSN of PostgreSQL cannot be read; give postgres://USER:PASSWORD@HOST:PORT/DATABASE, with special characters percent-encoded")
	}
	p := &postgres{limited: config.RuntimeParams["search_path"] != ""}
	d.dialect = p
	d.path = "postgres://" + net.JoinHostPort(config.Host, strconv.Itoa(int(config.Port))) + "/" + url.PathEscape(config.Database)
	// What the server writes as text has to be what it reads as text, and the same everywhere.
	maps.Copy(config.RuntimeParams, map[string]string{
		"application_name": "greenroom", "DateStyle": "ISO, YMD", "IntervalStyle": "postgres", "TimeZone": "UTC", "extra_float_digits": "1",
		"client_encoding": "UTF8", "xmloption": "content",
	})
	// A context that ends cancels the query on the server, and the connection lives on; if the server does not answer it is closed.
	config.BuildContextWatcherHandler = func(c *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: c, DeadlineDelay: 5 * time.Second}
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = 10 * time.Second
	}
	reading := config.Copy()
	if _, said := config.RuntimeParams[idlePostgres]; !said {
		config.RuntimeParams[idlePostgres] = strconv.FormatInt(abandoned.Milliseconds(), 10)
	}
	d.write = stdlib.OpenDB(*config)
	d.write.SetMaxOpenConns(serverWriters)
	reading.RuntimeParams["default_transaction_read_only"] = "on"
	d.read = stdlib.OpenDB(*reading)
	d.pool()
	if err := d.read.PingContext(ctx); err != nil {
		return errors.Join(postgresOpening(d.path, config, err), d.read.Close(), d.write.Close())
	}
	return nil
}

// abandoned is how long a transaction on a server may ask for nothing before the server ends it. A process that stands still in one, or whose machine is
// gone without a word, would keep its locks for as long as the connection seems to live, which is two hours by TCP's defaults: a job's row stays taken, and
// with a node's lease the rescue of every job waits.
const (
	abandoned    = 30 * time.Second
	idlePostgres = "idle_in_transaction_session_timeout"
)

// pool bounds the pools of a server. Connections are renewed now and then, so that a server behind a name can move.
func (d *Database) pool() {
	readers := d.config.Readers
	if readers <= 0 {
		readers = serverReaders
	}
	d.read.SetMaxOpenConns(readers)
	d.read.SetMaxIdleConns(readers)
	d.write.SetMaxOpenConns(serverWriters)
	d.write.SetMaxIdleConns(serverWriters)
	for _, pool := range []*sql.DB{d.read, d.write} {
		pool.SetConnMaxIdleTime(5 * time.Minute)
		pool.SetConnMaxLifetime(time.Hour)
	}
}

// postgresOpening is what a person is told when a server does not let us in.
func postgresOpening(where string, c *pgx.ConnConfig, err error) error {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch e.Code {
		case "28P01", "28000":
			return fmt.Errorf("sql: %s refuses the user %q: is the password right, and does pg_hba.conf let this user in from here? (%s)", where, c.User, e.Message)
		case "3D000":
			return fmt.Errorf("sql: there is no database %q at %s; psql -l lists those that there are", c.Database, net.JoinHostPort(c.Host, strconv.Itoa(int(c.Port))))
		case "42501":
			return fmt.Errorf("sql: the user %q may not connect to %s: GRANT CONNECT ON DATABASE is missing (%s)", c.User, where, e.Message)
		}
		return fmt.Errorf("sql: %s: %s", where, e.Message)
	}
	return unreachable(where, err)
}

// unreachable words the errors of a network, without those of the driver around them, which hold the DSN.
func unreachable(where string, err error) error {
	if e, ok := errors.AsType[*net.DNSError](err); ok {
		return fmt.Errorf("sql: %s cannot be reached: there is no host %q", where, e.Name)
	}
	if e, ok := errors.AsType[*net.OpError](err); ok {
		return fmt.Errorf("sql: %s cannot be reached: %w; does the server run there, and does it listen on that address?", where, e)
	}
	return fmt.Errorf("sql: %s cannot be reached: %w", where, err)
}

func (*postgres) raw(c *column) string {
	switch c.native.base {
	case "bytea":
		return string(c.at)
	case "bool":
		return string(c.at) + "::integer::text"
	case "money":
		return string(c.at) + "::numeric::text"
	}
	return string(c.at) + "::text"
}

func (*postgres) sortable(c *column) string {
	switch {
	case c.native.base == "money":
		return string(c.at) + "::numeric"
	case c.native.unordered:
		return string(c.at) + "::text"
	}
	return string(c.at)
}

// unindexed is not used: the planner has statistics and is left alone.
func (*postgres) unindexed(c *column) string { return c.order }

func (*postgres) argument(c *column, text string) any { return nativeArgument(c, text) }

// nativeArgument is a text as the engine would write it.
func nativeArgument(c *column, text string) any {
	switch c.Kind {
	case widgets.KindBool:
		if b, ok := boolean(text); ok {
			return strconv.FormatInt(b, 10)
		}
	case widgets.KindInteger:
		if i, fits := c.native.integer(text); fits {
			return i
		}
	case widgets.KindBytes:
		return []byte(text)
	}
	return text
}

func (*postgres) store(c *column, arg any) any {
	if text, ok := arg.(string); ok && c.native.base == "money" {
		return sq.Expr("CAST(? AS numeric)", text)
	}
	return sent(arg)
}

// compare casts numbers that the column's own type cannot hold: they compare all the same.
func (*postgres) compare(c *column, arg any) any {
	text, ok := sent(arg).(string)
	if !ok {
		return arg
	}
	switch c.Kind {
	case widgets.KindInteger:
		if _, fits := c.native.integer(text); !fits {
			return sq.Expr("CAST(? AS numeric)", text)
		}
	case widgets.KindDecimal:
		return sq.Expr("CAST(? AS numeric)", text)
	}
	return text
}

// sent is a value as pgx passes it on whatever the type: as text, or bytes.
func sent(arg any) any {
	switch arg.(type) {
	case int64, float64:
		return written(arg)
	}
	return arg
}

func (*postgres) like(_ *column, expr string) string { return expr + "::text ILIKE ? ESCAPE '!'" }

func (*postgres) part(_ *column, stored any) string { return nativePart(stored) }

func (p *postgres) parsed(c *column, part string) (any, bool) { return nativeParsed(p, c, part) }

// nativePart writes bytes as in SQL; all else is text.
func nativePart(stored any) string {
	if b, ok := stored.([]byte); ok {
		return "x'" + hex.EncodeToString(b) + "'"
	}
	return written(stored)
}

func nativeParsed(d dialect, c *column, part string) (any, bool) {
	switch c.Kind {
	case widgets.KindBytes:
		if n := len(part); n >= 3 && part[:2] == "x'" && part[n-1] == '\'' {
			b, err := hex.DecodeString(part[2 : n-1])
			return b, err == nil
		}
		return nil, false
	case widgets.KindInteger:
		i, fits := c.native.integer(part)
		return i, fits
	case widgets.KindDecimal, widgets.KindFloat, widgets.KindBool, widgets.KindUUID:
		return d.argument(c, part), c.understands(d, part) == ""
	}
	return d.argument(c, part), storable(d, part)
}

func (*postgres) scanned([]*sql.ColumnType, []any) {}

func (*postgres) sum(c *column) string { return "coalesce(sum(" + c.order + "), 0)::text" }

// estimate is what the last ANALYZE or VACUUM has left; a table that none has seen yet, and a view, has none.
func (*postgres) estimate(ctx context.Context, q querier, s *shape) (n int64, ok bool) {
	name, err := (finished{}).ReplacePlaceholders(string(s.ident))
	if err != nil {
		return 0, false
	}
	err = each(ctx, q, `SELECT reltuples::bigint FROM pg_class WHERE oid = $1::text::regclass`, func(r *sql.Rows) error { return r.Scan(&n) }, name)
	return n, err == nil && n > 0
}

// fault sorts PostgreSQL's refusals by SQLSTATE.
func (*postgres) fault(err error) fault {
	e, ok := errors.AsType[*pgconn.PgError](err)
	if !ok {
		return fault{}
	}
	at := ""
	if e.ColumnName != "" {
		at = e.TableName + "." + e.ColumnName
	}
	switch e.Code {
	case "23505", "23P01":
		return fault{kind: faultUnique, detail: e.ConstraintName}
	case "23502":
		return fault{kind: faultNotNull, detail: at}
	case "23503", "23001":
		return fault{kind: faultReference}
	case "23514":
		return fault{kind: faultCheck, detail: e.ConstraintName}
	case "22001":
		return fault{kind: faultLength, detail: at}
	case "22003":
		return fault{kind: faultRange, detail: at}
	case "P0001":
		return fault{kind: faultTrigger, detail: e.Message}
	case "25006":
		return fault{kind: faultReadOnly}
	case "42501":
		return fault{kind: faultRights}
	case "40001", "40P01", "55P03":
		return fault{kind: faultBusy}
	case "53100":
		return fault{kind: faultFull}
	}
	if strings.HasPrefix(e.Code, "22") || e.Code == "42804" || e.Code == "428C9" {
		return fault{kind: faultType, detail: at, text: e.Message}
	}
	return fault{}
}
