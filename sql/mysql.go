package sql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	sq "github.com/Masterminds/squirrel"
	driver "github.com/go-sql-driver/mysql"

	"greenroom/widgets"
)

// mysql is the dialect of MariaDB, and of MySQL where that does the same. Numbers, dates and whatever else is no text are read by a cast to text,
// so that neither a float's digits nor a date of zeros are changed by the driver.
type mysql struct {
	mariadb bool
	known   facts
}

func (m *mysql) facts() *facts { return &m.known }

const mysqlForm = "give mysql://USER:PASSWORD@HOST:PORT/DATABASE, with special characters percent-encoded"

// mysqlConfig reads a DSN. The driver's own form of DSN, with its forty parameters, is not taken: half of them would change what values look like.
func mysqlConfig(dsn string) (*driver.Config, error) {
	u, err := url.Parse(dsn)
	if err != nil {
		return nil, errors.New("sql: the DSN of MariaDB cannot be read; " + mysqlForm) // err holds the password
	}
	c := driver.NewConfig()
	c.User = u.User.Username()
	c.Passwd, _ = u.User.Password()
	c.DBName = strings.TrimPrefix(u.Path, "/")
	c.Net, c.Addr = "tcp", net.JoinHostPort(u.Hostname(), "3306")
	if port := u.Port(); port != "" {
		c.Addr = net.JoinHostPort(u.Hostname(), port)
	}
	if u.Hostname() == "" {
		c.Addr = "127.0.0.1:3306"
	}
	if c.DBName == "" {
		return nil, errors.New("sql: the DSN names no database; " + mysqlForm)
	}
	for name, values := range u.Query() {
		switch name {
		case "socket":
			c.Net, c.Addr = "unix", values[0]
		case "tls":
			c.TLSConfig = values[0]
		default:
			return nil, fmt.Errorf("sql: the DSN has an unknown parameter %q; there are socket=PATH and tls=true, skip-verify or preferred", name)
		}
	}
	c.InterpolateParams, c.ClientFoundRows, c.ParseTime = true, true, false
	c.Timeout = 10 * time.Second
	c.Params = map[string]string{
		"time_zone": "'+00:00'",
		// What does not fit a column is refused, whatever the server's default is; without it a text is cut and a number clipped, with a warning.
		"sql_mode": "CONCAT_WS(',', @@sql_mode, 'STRICT_ALL_TABLES')",
	}
	if err := c.Apply(driver.Charset("utf8mb4", "")); err != nil {
		return nil, err
	}
	c.Logger = &driver.NopLogger{}
	return c, nil
}

func (d *Database) openMySQL(ctx context.Context, dsn string) error {
	c, err := mysqlConfig(dsn)
	if err != nil {
		return err
	}
	d.path = "mysql://" + c.Addr + "/" + url.PathEscape(c.DBName)
	if c.Net == "unix" {
		d.path = "mysql://" + c.Addr + ":/" + url.PathEscape(c.DBName)
	}
	killer, err := newKiller(c)
	if err != nil {
		return fmt.Errorf("sql: %s: %w", d.path, err)
	}
	reading := c.Clone()
	reading.Params = map[string]string{"transaction_read_only": "1"}
	maps.Copy(reading.Params, c.Params)
	m := &mysql{known: facts{
		quote: "`", format: finished{}, distinct: "NOT (%s <=> ?)", adaptive: true, clustered: true, aborts: true, remote: true, locking: "FOR UPDATE",
		noRow: " () VALUES ()", deletes: "t USING ", clock: "CAST(UNIX_TIMESTAMP(NOW(6)) * 1000000 AS SIGNED)",
	}}
	d.dialect = m
	fail := func(err error) error { return errors.Join(mysqlOpening(d.path, c, err), killer.Close()) }
	var version string
	if err := killer.control.QueryRowContext(ctx, "SELECT VERSION()").Scan(&version); err != nil {
		return fail(err)
	}
	m.mariadb = strings.Contains(version, "MariaDB")
	m.known.returning = m.mariadb && !mysqlBefore.MatchString(version)
	if !mysqlWaits.MatchString(version) {
		m.known.skipping = "FOR UPDATE SKIP LOCKED"
	}
	if m.mariadb { // which calls it otherwise
		delete(reading.Params, "transaction_read_only")
		reading.Params["tx_read_only"] = "1"
		c.Params["idle_transaction_timeout"] = strconv.Itoa(int(abandoned / time.Second)) // MySQL has nothing like it
	}
	write, err := killer.connector(c)
	if err != nil {
		return fail(err)
	}
	read, err := killer.connector(reading)
	if err != nil {
		return fail(err)
	}
	d.write, d.read = sql.OpenDB(write), sql.OpenDB(read)
	d.ended = killer.Close
	d.pool()
	return nil
}

// mysqlBefore are the versions of MariaDB without INSERT … RETURNING: those before 10.5. Some call themselves 5.5.5-10.4.
var mysqlBefore = regexp.MustCompile(`^(5\.5\.5-)?(5\.|10\.[0-4]\.)`)

// mysqlWaits are the versions without SKIP LOCKED: MariaDB before 10.6, and MySQL before 8.
var mysqlWaits = regexp.MustCompile(`^(5\.|10\.[0-5]\.)`)

// mysqlOpening is what a person is told when a server does not let us in.
func mysqlOpening(where string, c *driver.Config, err error) error {
	if e, ok := errors.AsType[*driver.MySQLError](err); ok {
		switch e.Number {
		case 1045:
			return fmt.Errorf("sql: %s refuses the user %q: is the password right, and may this user connect from here? (%s)", where, c.User, e.Message)
		case 1049:
			return fmt.Errorf("sql: there is no database %q at %s; SHOW DATABASES lists those that there are", c.DBName, c.Addr)
		case 1044:
			return fmt.Errorf("sql: the user %q may not use the database %q at %s: GRANT is missing (%s)", c.User, c.DBName, c.Addr, e.Message)
		}
		return fmt.Errorf("sql: %s: %s", where, e.Message)
	}
	return unreachable(where, err)
}

// mysqlTexts are the types that arrive as text, and mysqlBytes those that are no text.
var (
	mysqlTexts = map[string]bool{"char": true, "varchar": true, "tinytext": true, "text": true, "mediumtext": true, "longtext": true, "enum": true, "set": true}
	mysqlBytes = map[string]bool{"binary": true, "varbinary": true, "tinyblob": true, "blob": true, "mediumblob": true, "longblob": true}
	mysqlPlace = map[string]bool{
		"geometry": true, "point": true, "linestring": true, "polygon": true, "multipoint": true, "multilinestring": true, "multipolygon": true, "geometrycollection": true,
	}
)

func (*mysql) raw(c *column) string {
	switch base := c.native.base; {
	case mysqlTexts[base], mysqlBytes[base]:
		return string(c.at)
	case base == "bit":
		return "CAST(" + string(c.at) + "+0 AS CHAR)"
	case base == "float":
		return "CAST(CAST(" + string(c.at) + " AS DOUBLE) AS CHAR)"
	case mysqlPlace[base]:
		return "ST_AsText(" + string(c.at) + ")"
	}
	return "CAST(" + string(c.at) + " AS CHAR)"
}

// sortable makes an ENUM sort by its text, since that is how it is compared; it would be sorted by its number.
func (*mysql) sortable(c *column) string {
	switch base := c.native.base; {
	case base == "enum", base == "set":
		return "CAST(" + string(c.at) + " AS CHAR)"
	case base == "bit":
		return "(" + string(c.at) + "+0)"
	case base == "float":
		return "CAST(" + string(c.at) + " AS DOUBLE)"
	case mysqlPlace[base]:
		return "ST_AsText(" + string(c.at) + ")"
	}
	return string(c.at)
}

// unindexed is a function of one argument that returns it and that no index serves.
func (*mysql) unindexed(c *column) string { return "COALESCE(" + c.order + ")" }

func (*mysql) argument(c *column, text string) any { return nativeArgument(c, text) }

// store binds a text as it is, which the server converts exactly; a BIT would take it for bytes, and a YEAR the text 0 for 2000.
func (*mysql) store(c *column, arg any) any {
	text, ok := arg.(string)
	switch {
	case !ok:
		return arg
	case c.native.base == "bit", c.native.base == "year":
		if n, err := strconv.ParseUint(text, 10, 64); err == nil {
			return n
		}
	case mysqlPlace[c.native.base]:
		return sq.Expr("ST_GeomFromText(?)", text)
	}
	return text
}

// compare binds numbers as numbers: MariaDB compares a decimal with a text as floats, and two that differ in their seventeenth digit would be equal.
func (*mysql) compare(c *column, arg any) any {
	text := ""
	switch x := arg.(type) {
	case string:
		text = x
	case int64, float64:
		text = written(x)
	default:
		return arg
	}
	if !c.Kind.Numeric() && c.Kind != widgets.KindBool {
		return text
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n
	}
	if n, err := strconv.ParseUint(text, 10, 64); err == nil {
		return n
	}
	if c.Kind == widgets.KindFloat {
		return sq.Expr("CAST(? AS DOUBLE)", text)
	}
	_, fraction, _ := strings.Cut(text, ".")
	return sq.Expr(fmt.Sprintf("CAST(? AS DECIMAL(65,%d))", min(30, max(c.scale, len(fraction)))), text)
}

// like folds case where the column's collation does not.
func (*mysql) like(c *column, expr string) string {
	if !mysqlTexts[c.native.base] {
		expr = "CAST(" + expr + " AS CHAR)"
	}
	if c.native.sensitive {
		return "LOWER(" + expr + ") LIKE LOWER(?) ESCAPE '!'"
	}
	return expr + " LIKE ? ESCAPE '!'"
}

func (*mysql) part(_ *column, stored any) string { return nativePart(stored) }

func (m *mysql) parsed(c *column, part string) (any, bool) { return nativeParsed(m, c, part) }

// scanned tells text from bytes, which the driver both gives as bytes, by the type that the server says the value has.
func (*mysql) scanned(types []*sql.ColumnType, row []any) {
	for i, v := range row {
		if b, ok := v.([]byte); ok {
			if kind := types[i].DatabaseTypeName(); strings.Contains(kind, "BLOB") || strings.Contains(kind, "BINARY") {
				continue
			}
			row[i] = string(b)
		}
	}
}

func (*mysql) sum(c *column) string { return "COALESCE(CAST(SUM(" + c.order + ") AS CHAR), '0')" }

// estimate is InnoDB's guess, which may be off by a half.
func (*mysql) estimate(ctx context.Context, q querier, s *shape) (n int64, ok bool) {
	err := each(ctx, q, `SELECT COALESCE(table_rows, 0) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = ?`,
		func(r *sql.Rows) error { return r.Scan(&n) }, s.info.Name)
	return n, err == nil && n > 0
}

var (
	mysqlKey    = regexp.MustCompile(`for key '(?:[^']*\.)?([^'.]+)'$`)
	mysqlColumn = regexp.MustCompile("(?:[cC]olumn|Field) '([^']+)'|column (?:`[^`]*`\\.)*`([^`]+)`")
	mysqlCheck  = regexp.MustCompile("(?:CONSTRAINT `([^`]+)` failed|Check constraint '([^']+)')")
)

// fault sorts MariaDB's refusals by number. Which column or key is meant stands in the text only.
func (*mysql) fault(err error) fault {
	e, ok := errors.AsType[*driver.MySQLError](err)
	if !ok {
		return fault{}
	}
	named := func(in *regexp.Regexp) string {
		return strings.Join(append(in.FindStringSubmatch(e.Message), "", "")[1:], "")
	}
	switch e.Number {
	case 1062, 1586:
		return fault{kind: faultUnique, detail: named(mysqlKey)}
	case 1048, 1364:
		return fault{kind: faultNotNull, detail: named(mysqlColumn)}
	case 1216, 1217, 1451, 1452:
		return fault{kind: faultReference}
	case 4025, 3819:
		return fault{kind: faultCheck, detail: named(mysqlCheck)}
	case 1406:
		return fault{kind: faultLength, detail: named(mysqlColumn)}
	case 1264, 1690:
		return fault{kind: faultRange, detail: named(mysqlColumn)}
	case 1265, 1292, 1366, 1411, 3140, 3141, 4038:
		return fault{kind: faultType, detail: named(mysqlColumn), text: e.Message}
	case 1644:
		return fault{kind: faultTrigger, detail: e.Message}
	case 1290, 1792, 1836:
		return fault{kind: faultReadOnly}
	case 1142, 1143, 1227, 1370:
		return fault{kind: faultRights}
	case 1205, 1213, 3572:
		return fault{kind: faultBusy}
	case 1021, 1114:
		return fault{kind: faultFull}
	}
	return fault{}
}
