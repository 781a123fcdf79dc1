package sql

import "time"

// Impatient makes lists give up walking an index at once, so that tests see the other way of finding a page.
func (d *Database) Impatient() { d.walk, d.probe = time.Nanosecond, time.Nanosecond }
