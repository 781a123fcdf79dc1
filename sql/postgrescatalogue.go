package sql

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"greenroom/widgets"
)

// userSchemas holds for the schemas that are shown: all that are not the server's own, or those of the search path where the DSN names one.
func (p *postgres) userSchemas() string {
	if p.limited {
		return "n.nspname = ANY (current_schemas(false))"
	}
	return "n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'"
}

// owned holds for relations that belong to an extension: what PostGIS or pg_stat_statements keep is nobody's business data.
const owned = `EXISTS (SELECT 1 FROM pg_depend AS x WHERE x.classid = 'pg_class'::regclass AND x.objid = c.oid AND x.deptype = 'e')`

// catalogue reads the whole schema in five statements of pg_catalog. Partitions are not shown, the table that they make up is.
func (p *postgres) catalogue(ctx context.Context, tx *sql.Tx) (*catalogue, error) {
	cat := &catalogue{skipped: map[string]string{}}
	var err error
	if cat.version, err = p.version(ctx, tx); err != nil {
		return nil, err
	}
	if err := each(ctx, tx, `SELECT coalesce(current_schema(), 'public')`, func(r *sql.Rows) error { return r.Scan(&cat.home) }); err != nil {
		return nil, err
	}
	byOID := map[int64]*rawTable{}
	err = each(ctx, tx, `SELECT c.oid::bigint, n.nspname::text, c.relname::text, c.relkind::text, coalesce(obj_description(c.oid, 'pg_class'), ''), c.relhassubclass,
			has_schema_privilege(n.oid, 'USAGE') AND has_any_column_privilege(c.oid, 'SELECT'),
			has_any_column_privilege(c.oid, 'INSERT') OR has_any_column_privilege(c.oid, 'UPDATE') OR has_table_privilege(c.oid, 'DELETE')
		FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
		WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition AND c.relpersistence <> 't' AND `+p.userSchemas()+` AND NOT `+owned,
		func(r *sql.Rows) error {
			t := &rawTable{noRowid: true}
			var oid int64
			var kind string
			var parent, read, write bool
			if err := r.Scan(&oid, &t.schema, &t.name, &kind, &t.comment, &parent, &read, &write); err != nil {
				return err
			}
			if strings.HasPrefix(t.name, "greenroom_") {
				return nil
			}
			if !read {
				cat.skipped[t.schema+"."+t.name] = "the database user may not read it: GRANT SELECT is missing"
				return nil
			}
			t.view = kind == "v" || kind == "m"
			switch {
			case kind == "f":
				t.readOnly = "a foreign table: its rows are another server's"
			case kind == "r" && parent:
				t.readOnly = "other tables inherit from it: a row that it shows may be theirs"
			case !t.view && !write:
				t.readOnly = "the database user may only read it"
			}
			byOID[oid] = t
			cat.tables = append(cat.tables, t)
			return nil
		})
	if err != nil {
		return nil, err
	}
	if err := p.columns(ctx, tx, byOID); err != nil {
		return nil, err
	}
	if err := p.constraints(ctx, tx, byOID); err != nil {
		return nil, err
	}
	return cat, p.indexes(ctx, tx, byOID)
}

// version is a hash of every column, default and constraint's name: what an ALTER changes.
func (p *postgres) version(ctx context.Context, q querier) (version int64, err error) {
	err = each(ctx, q, `SELECT coalesce(sum(hashtextextended(concat_ws('|', c.oid, c.relname, a.attnum, a.attname, a.atttypid, a.atttypmod, a.attnotnull, a.atthasdef, a.attisdropped), 0)
			% 1000000007), 0)::bigint
			+ (SELECT coalesce(sum(x.oid::bigint % 1000003), 0)::bigint FROM pg_constraint AS x JOIN pg_namespace AS n ON n.oid = x.connamespace WHERE `+p.userSchemas()+`)
		FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
		WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND `+p.userSchemas(), func(r *sql.Rows) error { return r.Scan(&version) })
	return version, err
}

// columns reads the columns with the types below their domains, which say how a value is written and compared.
func (p *postgres) columns(ctx context.Context, tx *sql.Tx, byOID map[int64]*rawTable) error {
	return each(ctx, tx, `WITH RECURSIVE below (top, oid, typmod, solid) AS (
			SELECT t.oid, t.oid, -1, false FROM pg_type AS t
			UNION ALL SELECT b.top, t.typbasetype, t.typtypmod, b.solid OR t.typnotnull FROM below AS b JOIN pg_type AS t ON t.oid = b.oid WHERE t.typtype = 'd'),
		ordered AS (SELECT t.oid FROM pg_type AS t WHERE t.typtype IN ('e', 'r', 'm') OR t.typname IN ('varchar', 'cidr')
			OR EXISTS (SELECT 1 FROM pg_opclass AS o JOIN pg_am AS m ON m.oid = o.opcmethod WHERE m.amname = 'btree' AND o.opcdefault AND o.opcintype = t.oid))
		SELECT a.attrelid::bigint, a.attname::text, format_type(a.atttypid, a.atttypmod), a.attnotnull OR b.solid, pg_get_expr(d.adbin, d.adrelid),
			a.attidentity::text, a.attgenerated::text, coalesce(col_description(a.attrelid, a.attnum), ''), t.typname::text, t.typtype::text, t.typcategory::text,
			CASE WHEN a.atttypid = t.oid THEN a.atttypmod ELSE b.typmod END,
			coalesce((SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder)::text FROM pg_enum AS e WHERE e.enumtypid = t.oid), ''),
			EXISTS (SELECT 1 FROM ordered AS o WHERE o.oid = CASE WHEN t.typcategory = 'A' AND t.typelem <> 0 THEN t.typelem ELSE t.oid END),
			has_column_privilege(a.attrelid, a.attnum, 'SELECT')
		FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
		JOIN below AS b ON b.top = a.atttypid JOIN pg_type AS t ON t.oid = b.oid AND t.typtype <> 'd'
		LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
		WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND `+p.userSchemas()+` ORDER BY a.attrelid, a.attnum`,
		func(r *sql.Rows) error {
			var oid int64
			var c rawColumn
			var identity, generated, kind, category, labels string
			var mod int
			var ordered, readable bool
			n := &native{}
			if err := r.Scan(&oid, &c.name, &c.declared, &c.notNull, &c.fallback, &identity, &generated, &n.comment, &n.base, &kind, &category, &mod, &labels,
				&ordered, &readable); err != nil {
				return err
			}
			t := byOID[oid]
			if t == nil {
				return nil
			}
			n.unordered, n.solid = !ordered, true
			c.native, c.hidden = n, !readable
			// A column GENERATED ALWAYS AS IDENTITY takes no value but the server's.
			c.generated = generated != "" || identity == "a"
			n.auto = identity != "" || c.fallback != nil && strings.HasPrefix(*c.fallback, "nextval(")
			if generated != "" {
				c.fallback = nil
			}
			if labels != "" {
				if err := json.Unmarshal([]byte(labels), &n.choices); err != nil {
					return err
				}
			}
			postgresKind(n, kind, category, mod)
			t.columns = append(t.columns, c)
			return nil
		})
}

// postgresKind says how a type is shown and edited. What is not named here is text that the server writes and reads.
func postgresKind(n *native, kind, category string, mod int) {
	switch {
	case kind == "e":
		n.kind = widgets.KindEnum
		return
	case category == "A" || kind != "b":
		n.kind = widgets.KindText
		return
	}
	switch n.base {
	case "int2", "int4", "int8":
		n.kind, n.bits = widgets.KindInteger, map[string]int{"int2": 16, "int4": 32, "int8": 64}[n.base]
	case "oid":
		n.kind, n.bits, n.unsigned = widgets.KindInteger, 32, true
	case "numeric":
		n.kind = widgets.KindDecimal
		if mod >= 4 {
			n.size, n.scale = (mod-4)>>16&0xffff, (mod-4)&0x7ff
			if n.scale > 1000 { // PostgreSQL 15 rounds before the point by a scale below zero: left to the server
				n.size, n.scale = 0, 0
			}
		}
	case "money":
		n.kind = widgets.KindDecimal
	case "float4", "float8":
		n.kind, n.single = widgets.KindFloat, n.base == "float4"
	case "bool":
		n.kind = widgets.KindBool
	case "date":
		n.kind = widgets.KindDate
	case "time", "timetz":
		n.kind, n.zoned = widgets.KindTime, n.base == "timetz"
	case "timestamp", "timestamptz":
		n.kind, n.zoned = widgets.KindDateTime, n.base == "timestamptz"
	case "json", "jsonb":
		n.kind = widgets.KindJSON
	case "uuid":
		n.kind = widgets.KindUUID
	case "bytea":
		n.kind = widgets.KindBytes
	case "text", "citext", "varchar", "bpchar", "name", "char":
		n.kind, n.solid = widgets.KindText, false
		if mod >= 4 && (n.base == "varchar" || n.base == "bpchar") {
			n.maxLen = mod - 4
		}
		if n.maxLen > 255 {
			n.kind = widgets.KindLongText
		}
	case "xml":
		n.kind, n.solid = widgets.KindLongText, false
	case "varbit", "tsvector", "tsquery":
		n.kind, n.solid = widgets.KindText, false
	default:
		n.kind = widgets.KindText
	}
}

// attributes lists the columns of an array of their numbers, as JSON.
const attributes = `coalesce((SELECT json_agg(a.attname ORDER BY k.place)::text FROM unnest(%s) WITH ORDINALITY AS k (number, place)
	JOIN pg_attribute AS a ON a.attrelid = %s AND a.attnum = k.number), '[]')`

func (p *postgres) constraints(ctx context.Context, tx *sql.Tx, byOID map[int64]*rawTable) error {
	actions := map[string]string{"a": "NO ACTION", "r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}
	query := fmt.Sprintf(`SELECT x.conrelid::bigint, x.conname::text, x.contype::text, `+attributes+`, x.confrelid::bigint, `+attributes+`,
			x.confdeltype::text, x.confupdtype::text, coalesce(pg_get_expr(x.conbin, x.conrelid, true), '')
		FROM pg_constraint AS x JOIN pg_namespace AS n ON n.oid = x.connamespace
		WHERE x.contype IN ('p', 'f', 'c') AND x.conrelid <> 0 AND (x.contype <> 'f' OR x.conparentid = 0) AND `+p.userSchemas()+` ORDER BY x.conrelid, x.conname`,
		"x.conkey", "x.conrelid", "x.confkey", "x.confrelid")
	return each(ctx, tx, query, func(r *sql.Rows) error {
		var oid, parent int64
		var name, kind, from, to, onDelete, onUpdate, check string
		if err := r.Scan(&oid, &name, &kind, &from, &parent, &to, &onDelete, &onUpdate, &check); err != nil {
			return err
		}
		t := byOID[oid]
		if t == nil {
			return nil
		}
		var columns, parents []string
		if err := json.Unmarshal([]byte(from), &columns); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(to), &parents); err != nil {
			return err
		}
		switch kind {
		case "p":
			for i, name := range columns {
				if at := slices.IndexFunc(t.columns, func(c rawColumn) bool { return c.name == name }); at >= 0 {
					t.columns[at].keyPart = i + 1
				}
			}
		case "f":
			if other := byOID[parent]; other != nil {
				t.refs = append(t.refs, rawRef{
					widgets.Ref{Columns: columns, App: other.schema, Table: other.name, To: parents, OnDelete: actions[onDelete]}, actions[onUpdate],
				})
			}
		case "c":
			t.rules = append(t.rules, printed(name, check))
		}
		return nil
	})
}

func (p *postgres) indexes(ctx context.Context, tx *sql.Tx, byOID map[int64]*rawTable) error {
	return each(ctx, tx, `SELECT i.indrelid::bigint, c.relname::text, i.indisunique, i.indpred IS NOT NULL, i.indisprimary,
			(SELECT json_agg(coalesce(a.attname, '') ORDER BY k.place)::text FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k (number, place)
				LEFT JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.number AND k.number <> 0 WHERE k.place <= i.indnkeyatts)
		FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace JOIN pg_am AS m ON m.oid = c.relam
		WHERE i.indisvalid AND m.amname = 'btree' AND `+p.userSchemas()+` ORDER BY i.indrelid, c.relname`, func(r *sql.Rows) error {
		var oid int64
		var x rawIndex
		var columns string
		if err := r.Scan(&oid, &x.name, &x.unique, &x.partial, &x.primary, &columns); err != nil {
			return err
		}
		t := byOID[oid]
		if t == nil {
			return nil
		}
		if err := json.Unmarshal([]byte(columns), &x.columns); err != nil {
			return err
		}
		t.indexes = append(t.indexes, x)
		return nil
	})
}
