package sql

import (
	"database/sql"
	"time"
)

// Impatient makes lists give up walking an index at once, so that tests see the other way of finding a page.
func (d *Database) Impatient() { d.walk, d.probe = time.Nanosecond, time.Nanosecond }

// Plain is the pool that writes, for what is no business of a Database: making another one.
func (d *Database) Plain() *sql.DB { return d.write }
