package sql

import (
	"context"
	"database/sql"
	"strings"

	"greenroom/widgets"
)

// catalogue reads the database's part of information_schema.
func (m *mysql) catalogue(ctx context.Context, tx *sql.Tx) (*catalogue, error) {
	cat := &catalogue{skipped: map[string]string{}}
	var err error
	if cat.version, err = m.version(ctx, tx); err != nil {
		return nil, err
	}
	if err := each(ctx, tx, `SELECT DATABASE()`, func(r *sql.Rows) error { return r.Scan(&cat.home) }); err != nil {
		return nil, err
	}
	byName := map[string]*rawTable{}
	err = each(ctx, tx, `SELECT table_name, table_type, COALESCE(table_comment, '') FROM information_schema.tables WHERE table_schema = DATABASE()`,
		func(r *sql.Rows) error {
			t, kind := &rawTable{schema: cat.home, noRowid: true}, ""
			if err := r.Scan(&t.name, &kind, &t.comment); err != nil {
				return err
			}
			if strings.HasPrefix(t.name, "greenroom_") || kind == "SEQUENCE" || kind == "TEMPORARY" {
				return nil
			}
			if t.view = strings.Contains(kind, "VIEW"); t.view {
				if t.comment != "" && t.comment != "VIEW" { // where MariaDB says what is wrong with a view
					cat.skipped[t.name] = t.comment
					return nil
				}
				t.comment = ""
			}
			byName[t.name] = t
			cat.tables = append(cat.tables, t)
			return nil
		})
	if err != nil {
		return nil, err
	}
	for _, part := range []func(context.Context, *sql.Tx, map[string]*rawTable) error{m.columns, m.indexes, m.foreignKeys, m.checks} {
		if err := part(ctx, tx, byName); err != nil {
			return nil, err
		}
	}
	return cat, nil
}

// version is a checksum over the columns and constraints.
func (*mysql) version(ctx context.Context, q querier) (version int64, err error) {
	err = each(ctx, q, `SELECT CAST((SELECT COALESCE(SUM(CRC32(CONCAT_WS('|', table_name, ordinal_position, column_name, column_type, is_nullable, column_default, extra))), 0)
			FROM information_schema.columns WHERE table_schema = DATABASE())
		+ (SELECT COALESCE(SUM(CRC32(CONCAT_WS('|', table_name, constraint_name, constraint_type))), 0)
			FROM information_schema.table_constraints WHERE table_schema = DATABASE()) AS SIGNED)`, func(r *sql.Rows) error { return r.Scan(&version) })
	return version, err
}

func (m *mysql) columns(ctx context.Context, tx *sql.Tx, byName map[string]*rawTable) error {
	return each(ctx, tx, `SELECT table_name, column_name, column_type, data_type, is_nullable = 'YES', column_default, extra, COALESCE(generation_expression, ''),
			COALESCE(character_maximum_length, 0), COALESCE(numeric_precision, 0), COALESCE(numeric_scale, 0), COALESCE(collation_name, ''), column_comment
		FROM information_schema.columns WHERE table_schema = DATABASE() ORDER BY table_name, ordinal_position`, func(r *sql.Rows) error {
		var table, extra, generation, collation string
		var c rawColumn
		var nullable bool
		var length uint64
		n := &native{}
		if err := r.Scan(&table, &c.name, &c.declared, &n.base, &nullable, &c.fallback, &extra, &generation, &length, &n.size, &n.scale, &collation, &n.comment); err != nil {
			return err
		}
		t := byName[table]
		if t == nil {
			return nil
		}
		n.base, extra = strings.ToLower(n.base), strings.ToUpper(extra)
		c.native, c.notNull, c.generated = n, !nullable, generation != ""
		n.auto = strings.Contains(extra, "AUTO_INCREMENT")
		n.sensitive = strings.HasSuffix(collation, "_bin") || strings.HasSuffix(collation, "_cs")
		if c.generated || c.fallback != nil && *c.fallback == "NULL" {
			c.fallback = nil
		}
		m.kind(n, c.declared, length)
		t.columns = append(t.columns, c)
		return nil
	})
}

// kind says how a type is shown and edited.
func (*mysql) kind(n *native, declared string, length uint64) {
	size, scale := n.size, n.scale
	n.size, n.scale, n.solid = 0, 0, true
	switch n.base {
	case "tinyint", "smallint", "mediumint", "int", "bigint":
		n.kind = widgets.KindInteger
		n.bits = map[string]int{"tinyint": 8, "smallint": 16, "mediumint": 24, "int": 32, "bigint": 64}[n.base]
		n.unsigned = strings.Contains(declared, "unsigned")
		if strings.HasPrefix(declared, "tinyint(1)") && !n.unsigned {
			n.kind = widgets.KindBool
		}
	case "bit":
		n.kind, n.bits, n.unsigned = widgets.KindInteger, size, true
		if size == 1 {
			n.kind = widgets.KindBool
		}
	case "year":
		n.kind, n.bits, n.unsigned = widgets.KindInteger, 16, true
	case "decimal":
		n.kind, n.size, n.scale = widgets.KindDecimal, size, scale
	case "float", "double":
		n.kind, n.single = widgets.KindFloat, n.base == "float"
	case "date":
		n.kind = widgets.KindDate
	case "time":
		n.kind = widgets.KindTime
	case "datetime", "timestamp":
		n.kind = widgets.KindDateTime
	case "json":
		n.kind = widgets.KindJSON
	case "uuid":
		n.kind = widgets.KindUUID
	case "enum":
		n.kind, n.choices = widgets.KindEnum, members(declared)
	case "set", "inet4", "inet6":
		n.kind = widgets.KindText
		n.solid = n.base != "set"
	case "char", "varchar":
		n.kind, n.maxLen, n.solid = widgets.KindText, int(min(length, 1<<31-1)), false
		if n.maxLen > 255 {
			n.kind = widgets.KindLongText
		}
	case "tinytext":
		n.kind, n.solid = widgets.KindText, false
	case "text":
		n.kind, n.solid = widgets.KindText, false
	case "mediumtext", "longtext":
		n.kind, n.solid = widgets.KindLongText, false
	default:
		n.kind = widgets.KindText
		if mysqlBytes[n.base] {
			n.kind = widgets.KindBytes
		}
	}
}

// members are the texts of an ENUM's declaration, whose quotes are doubled.
func members(declared string) []string {
	var out []string
	for _, t := range scan(declared) {
		if t.kind == 's' {
			out = append(out, t.text)
		}
	}
	return out
}

func (*mysql) indexes(ctx context.Context, tx *sql.Tx, byName map[string]*rawTable) error {
	return each(ctx, tx, `SELECT table_name, index_name, non_unique = 0, column_name, sub_part IS NOT NULL, seq_in_index FROM information_schema.statistics
		WHERE table_schema = DATABASE() AND index_type = 'BTREE' ORDER BY table_name, index_name, seq_in_index`, func(r *sql.Rows) error {
		var table string
		var x rawIndex
		var column sql.NullString // NULL for an expression
		var prefix bool
		var place int
		if err := r.Scan(&table, &x.name, &x.unique, &column, &prefix, &place); err != nil {
			return err
		}
		t := byName[table]
		if t == nil {
			return nil
		}
		if x.primary = x.name == "PRIMARY"; x.primary {
			for i := range t.columns {
				if t.columns[i].name == column.String {
					t.columns[i].keyPart = place
				}
			}
		}
		if n := len(t.indexes); n == 0 || t.indexes[n-1].name != x.name {
			t.indexes = append(t.indexes, x)
		}
		into := &t.indexes[len(t.indexes)-1]
		into.columns, into.partial = append(into.columns, column.String), into.partial || prefix
		return nil
	})
}

func (*mysql) foreignKeys(ctx context.Context, tx *sql.Tx, byName map[string]*rawTable) error {
	lastTable, lastName := "", ""
	return each(ctx, tx, `SELECT k.table_name, k.constraint_name, k.column_name, k.referenced_table_name, k.referenced_column_name, r.delete_rule, r.update_rule
		FROM information_schema.key_column_usage AS k JOIN information_schema.referential_constraints AS r
			ON r.constraint_schema = k.constraint_schema AND r.constraint_name = k.constraint_name AND r.table_name = k.table_name
		WHERE k.table_schema = DATABASE() AND k.referenced_table_schema = DATABASE() AND r.constraint_schema = DATABASE()
		ORDER BY k.table_name, k.constraint_name, k.ordinal_position`, func(r *sql.Rows) error {
		var table, name, from, parent, to, onDelete, onUpdate string
		if err := r.Scan(&table, &name, &from, &parent, &to, &onDelete, &onUpdate); err != nil {
			return err
		}
		t := byName[table]
		if t == nil {
			return nil
		}
		if table != lastTable || name != lastName {
			// RESTRICT is what MariaDB calls a foreign key without a rule; it means the same.
			t.refs = append(t.refs, rawRef{widgets.Ref{App: t.schema, Table: parent, OnDelete: onDelete}, onUpdate})
			lastTable, lastName = table, name
		}
		ref := &t.refs[len(t.refs)-1]
		ref.Columns, ref.To = append(ref.Columns, from), append(ref.To, to)
		return nil
	})
}

func (m *mysql) checks(ctx context.Context, tx *sql.Tx, byName map[string]*rawTable) error {
	query := `SELECT table_name, constraint_name, check_clause FROM information_schema.check_constraints WHERE constraint_schema = DATABASE()`
	if !m.mariadb {
		query = `SELECT t.table_name, c.constraint_name, c.check_clause FROM information_schema.check_constraints AS c
			JOIN information_schema.table_constraints AS t ON t.constraint_schema = c.constraint_schema AND t.constraint_name = c.constraint_name
			WHERE c.constraint_schema = DATABASE() AND t.constraint_type = 'CHECK'`
	}
	return each(ctx, tx, query, func(r *sql.Rows) error {
		var table, name, clause string
		if err := r.Scan(&table, &name, &clause); err != nil {
			return err
		}
		if t := byName[table]; t != nil {
			t.rules = append(t.rules, printed(name, clause))
		}
		return nil
	})
}
