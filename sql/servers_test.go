package sql_test

import (
	"database/sql"
	"testing"

	grsql "greenroom/sql"
	"greenroom/sql/sqltest"
)

var postgres, mysql = sqltest.PostgreSQL, sqltest.MariaDB

func engineOn(s sqltest.Server) sqltest.Engine {
	return sqltest.Engine{Server: true, Open: func(t *testing.T, c grsql.Config) *grsql.Database {
		t.Helper()
		return connect(t, s.Made(t, sqltest.Schema(s.Script)), c)
	}}
}

// TestPostgres runs the conformance suite.
func TestPostgres(t *testing.T) {
	postgres.DSN(t)
	e := engineOn(postgres)
	e.NullsHigh, e.NoNUL = true, true
	e.Numbers = func(t *testing.T, db *grsql.Database) {
		t.Helper()
		err := db.Write(t.Context(), nil, func(tx *sql.Tx) error {
			for _, name := range []string{"customers", "orders", "returns"} {
				if _, err := tx.Exec(`SELECT setval(pg_get_serial_sequence($1, 'id'), (SELECT max(id) FROM `+name+`))`, name); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	sqltest.Exercise(t, e)
}

// TestMySQL runs the conformance suite.
func TestMySQL(t *testing.T) {
	mysql.DSN(t)
	e := engineOn(mysql)
	e.Restrict = "RESTRICT"
	sqltest.Exercise(t, e)
}

// TestMySQLOtherWays runs it again with every page found the other way.
func TestMySQLOtherWays(t *testing.T) {
	mysql.DSN(t)
	e := engineOn(mysql)
	e.Restrict = "RESTRICT"
	open := e.Open
	e.Open = func(t *testing.T, c grsql.Config) *grsql.Database {
		t.Helper()
		c.Readers = 1
		db := open(t, c)
		db.Impatient()
		return db
	}
	sqltest.Exercise(t, e)
}
