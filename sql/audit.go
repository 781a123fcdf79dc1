package sql

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"greenroom/widgets"
)

var _ widgets.Audit = (*State)(nil)

const (
	// longestKept is how many bytes of a value a line keeps, longestLine how many of all its fields: what comes after is cut.
	longestKept = 8 << 10
	longestLine = 64 << 10
	// longestWords bounds a line's texts.
	longestWords = 1000
)

// Note implements widgets.Audit.
func (s *State) Note(ctx context.Context, lines ...widgets.AuditLine) (int64, error) {
	kept := lines[:0:0]
	for _, l := range lines {
		l.Actor = actorOf(ctx, l.Actor)
		if l.Deed == widgets.DeedRefused || l.Deed == widgets.DeedSignInFailed {
			missed, ok := s.refusals.admit(l.Address, time.Now())
			if !ok {
				continue
			}
			if missed > 0 {
				l.Text += " (" + strconv.Itoa(missed) + " more before this one were too many to write down)"
			}
		}
		kept = append(kept, l)
	}
	if len(kept) == 0 {
		return 0, nil
	}
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return 0, fmt.Errorf("sql: write the audit: %w", err)
	}
	defer tx.Rollback() //nolint:errcheck // after the commit it says so
	first, err := noteIn(ctx, tx, kept...)
	if err == nil {
		err = tx.Commit()
	}
	if err != nil {
		return 0, fmt.Errorf("sql: write the audit: %w", err)
	}
	return first, nil
}

// actorOf is a line's own actor, else the context's.
func actorOf(ctx context.Context, own widgets.Actor) widgets.Actor {
	if own.UserID == "" && own.User == "" && own.Address == "" && own.SignIn == "" {
		own, _ = widgets.ActorOf(ctx)
	}
	return own
}

// noteIn writes lines in a transaction of the state, together with what they tell of.
func noteIn(ctx context.Context, tx *sql.Tx, lines ...widgets.AuditLine) (first int64, err error) {
	write, err := tx.PrepareContext(ctx, `INSERT INTO greenroom_audit (at, deed, user_id, user_name, sign_in, address, via, table_name, row_key, words, fields,
		as_id, as_name) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
	if err != nil {
		return 0, err
	}
	defer write.Close() //nolint:errcheck // ends with the transaction
	now := time.Now().UnixMilli()
	for _, l := range lines {
		l.Actor = actorOf(ctx, l.Actor)
		result, err := write.ExecContext(ctx, now, string(l.Deed), l.UserID, clipped(l.User, 200), l.SignIn, l.Address, clipped(l.Via, 200), l.Table, clipped(l.Key, longestWords),
			clipped(l.Text, longestWords), packed(l.Fields), l.AsID, clipped(l.As, 200))
		if err != nil {
			return 0, err
		}
		if first == 0 {
			if first, err = result.LastInsertId(); err != nil {
				return 0, err
			}
		}
	}
	return first, nil
}

// clipped keeps a text to n bytes.
func clipped(text string, n int) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if len(text) <= n {
		return text
	}
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n] + "…"
}

// packedField is a field as the state keeps it; a nil value is NULL.
type packedField struct {
	Column string  `json:"c"`
	Old    *string `json:"o,omitempty"`
	New    *string `json:"n,omitempty"`
	Kept   string  `json:"k,omitempty"`
}

func packed(fields []widgets.AuditField) string {
	if len(fields) == 0 {
		return ""
	}
	all := make([]packedField, len(fields))
	room := longestLine
	for i, f := range fields {
		if secretWords.MatchString(f.Column) {
			f.Kept = widgets.KeptMasked
		}
		p := packedField{Column: f.Column, Old: kept(f.Old, &f.Kept, &room), New: kept(f.New, &f.Kept, &room)}
		p.Kept = string(f.Kept)
		all[i] = p
	}
	text, _ := json.Marshal(all) // texts cannot fail
	return string(text)
}

// kept is what a line keeps of a value.
func kept(v widgets.Value, how *widgets.Kept, room *int) *string {
	if v.IsNull() {
		return nil
	}
	text := v.String()
	switch {
	case *how == widgets.KeptMasked:
		text = "" // that there was one is all
	case v.IsBlob():
		*how, text = widgets.KeptSize, strconv.Itoa(len(v.Bytes()))
	}
	if most := min(longestKept, max(*room, 16)); len(text) > most {
		*how, text = widgets.KeptPart, clipped(text, most)
	}
	*room -= len(text)
	return &text
}

func unpacked(text string) ([]widgets.AuditField, error) {
	if text == "" {
		return nil, nil
	}
	var all []packedField
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		return nil, err
	}
	fields := make([]widgets.AuditField, len(all))
	for i, p := range all {
		fields[i] = widgets.AuditField{Column: p.Column, Old: given(p.Old), New: given(p.New), Kept: widgets.Kept(p.Kept)}
	}
	return fields, nil
}

func given(text *string) widgets.Value {
	if text == nil {
		return widgets.Null()
	}
	return widgets.Text(*text)
}

// Undo implements widgets.Audit.
func (s *State) Undo(ctx context.Context, first int64, n int, why string) error {
	_, err := s.write.ExecContext(ctx, `INSERT OR IGNORE INTO greenroom_audit_undone (id, why) SELECT id, ? FROM greenroom_audit WHERE id >= ? AND id < ?`,
		clipped(why, longestWords), first, first+int64(n))
	if err != nil {
		return fmt.Errorf("sql: remark on the audit: %w", err)
	}
	return nil
}

// Lines implements widgets.Audit.
func (s *State) Lines(ctx context.Context, q widgets.AuditQuery) ([]widgets.AuditLine, error) {
	where, args := []string{"1"}, []any{}
	narrow := func(wanted bool, condition string, arg any) {
		if wanted {
			where, args = append(where, condition), append(args, arg)
		}
	}
	narrow(q.User != "", "a.user_name = ?", q.User)
	narrow(q.As != "", "a.as_name = ? AND a.as_name <> ''", q.As) // the second is the index's own condition
	narrow(q.Table != "", "a.table_name = ?", q.Table)
	narrow(q.Key != "", "a.row_key = ?", q.Key)
	narrow(q.Deed != "", "a.deed = ?", string(q.Deed))
	narrow(!q.From.IsZero(), "a.at >= ?", q.From.UnixMilli())
	narrow(!q.To.IsZero(), "a.at < ?", q.To.UnixMilli())
	narrow(q.Before > 0, "a.id < ?", q.Before)
	args = append(args, cmp.Or(q.Limit, 50))
	//nolint:gosec // the conditions are ours; what people give is bound
	rows, err := s.read.QueryContext(ctx, `SELECT a.id, a.at, a.deed, a.user_id, a.user_name, a.sign_in, a.address, a.via, a.table_name, a.row_key, a.words, a.fields, a.as_id, a.as_name, coalesce(u.why, '')
		FROM greenroom_audit AS a LEFT JOIN greenroom_audit_undone AS u ON u.id = a.id WHERE `+strings.Join(where, " AND ")+` ORDER BY a.id DESC LIMIT ?`, args...)
	if err != nil {
		return nil, fmt.Errorf("sql: read the audit: %w", err)
	}
	defer rows.Close() //nolint:errcheck // Err tells what Close would
	var all []widgets.AuditLine
	for rows.Next() {
		var l widgets.AuditLine
		var at int64
		var fields string
		if err := rows.Scan(&l.ID, &at, &l.Deed, &l.UserID, &l.User, &l.SignIn, &l.Address, &l.Via, &l.Table, &l.Key, &l.Text, &fields, &l.AsID, &l.As, &l.Undone); err != nil {
			return nil, fmt.Errorf("sql: read the audit: %w", err)
		}
		l.At = time.UnixMilli(at)
		if l.Fields, err = unpacked(fields); err != nil {
			return nil, fmt.Errorf("sql: line %d of the audit: %w", l.ID, err)
		}
		all = append(all, l)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("sql: read the audit: %w", err)
	}
	return all, nil
}

// The bounds of refusals and failed sign-ins: so many at once, and then one more each so often, for one address and for all together. Some 3,000
// lines a day, a megabyte, is the most that somebody hostile can have written.
const (
	refusalsOfOne   = 20
	refusalsOfAll   = 200
	refusalEachOne  = time.Minute
	refusalEachAll  = 30 * time.Second
	mostAddressesIn = 10_000
)

// refusals counts what is refused, so that it cannot fill the disk.
type refusals struct {
	mu     sync.Mutex
	all    bucket
	by     map[string]bucket
	missed int
}

// bucket is how many may still come, and since when that was not looked at.
type bucket struct {
	used  float64
	since time.Time
}

func (b *bucket) take(most int, each time.Duration, now time.Time) bool {
	b.used = max(0, b.used-float64(now.Sub(b.since))/float64(each))
	b.since = now
	if b.used+1 > float64(most) {
		return false
	}
	b.used++
	return true
}

// admit tells whether one more may be written, and how many were not since the last one.
func (r *refusals) admit(address string, now time.Time) (missed int, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.by == nil || len(r.by) >= mostAddressesIn {
		r.by = map[string]bucket{}
	}
	one := r.by[address]
	ok = one.take(refusalsOfOne, refusalEachOne, now)
	r.by[address] = one
	if ok = ok && r.all.take(refusalsOfAll, refusalEachAll, now); !ok {
		r.missed++
		return 0, false
	}
	missed, r.missed = r.missed, 0
	return missed, true
}

// secretWords are parts of the names of columns whose values nobody needs to read in a log.
var secretWords = regexp.MustCompile(`(?i)pass(word|wd|phrase)|^pw$|_pw$|secret|token|api_?key|private_?key|salt|otp|cvv|cvc|card_?n(o|um)|iban|ssn`)

// notes are the lines of a transaction on a served database, which go to the audit before it is committed. A nil *notes writes nothing.
type notes struct {
	to    widgets.Audit
	actor widgets.Actor
	lines []widgets.AuditLine
	spans []span // what was written already
}

// span is n lines from first on.
type span struct {
	first int64
	n     int
}

// mostNotes is how many lines wait before they are written.
const mostNotes = 500

// SetAudit lets every change that is made on somebody's behalf (widgets.WithActor) be written down before it is committed: if that fails the change is
// rolled back. Nil ends it.
func (d *Database) SetAudit(a widgets.Audit) {
	if a == nil {
		d.audit.Store(nil)
		return
	}
	d.audit.Store(&a)
}

// noting is nil where nothing is to be written down.
func (d *Database) noting(ctx context.Context) *notes {
	to := d.audit.Load()
	actor, known := widgets.ActorOf(ctx)
	if to == nil || !known {
		return nil
	}
	return &notes{to: *to, actor: actor}
}

// add takes a line about a row. old and now are values in the order of columns, nil for a row that was not there or is not any more.
func (n *notes) add(ctx context.Context, deed widgets.Deed, s *shape, key widgets.Key, columns []*column, old, now []widgets.Value) error {
	if n == nil {
		return nil
	}
	l := widgets.AuditLine{Deed: deed, Actor: n.actor, Table: s.info.ID(), Key: key.String()}
	for i, c := range columns {
		f := widgets.AuditField{Column: c.Name}
		if old != nil {
			f.Old = old[i]
		}
		if now != nil {
			f.New = now[i]
		}
		if c.Kind == widgets.KindBytes && f.Old.IsNull() && f.New.IsNull() || old == nil && f.New.IsNull() || now == nil && f.Old.IsNull() {
			continue // nothing there
		}
		if slices.Contains(n.actor.Hide, c.Name) {
			f.Kept = widgets.KeptMasked
		}
		l.Fields = append(l.Fields, f)
	}
	n.lines = append(n.lines, l)
	if len(n.lines) >= mostNotes {
		return n.flush(ctx)
	}
	return nil
}

// noteInsert takes a line about a new row as it is stored, with its defaults.
func (t *Table) noteInsert(ctx context.Context, tx *sql.Tx, n *notes, s *shape, key widgets.Key) error {
	if n == nil || key == nil {
		return nil
	}
	columns, _ := s.finds(nil)
	_, stored, err := t.itself(ctx, tx, s, key, columns)
	if err != nil {
		return err
	}
	return n.add(ctx, widgets.DeedCreate, s, key, columns, nil, values(stored))
}

// update takes a line about what is set of a row; stored are its values before, in the order of columns.
func (n *notes) update(ctx context.Context, s *shape, key widgets.Key, columns []*column, stored []any, set []assignment) error {
	if n == nil {
		return nil
	}
	changed, old, now := make([]*column, len(set)), make([]widgets.Value, len(set)), make([]widgets.Value, len(set))
	for i, a := range set {
		changed[i], now[i] = a.column, value(a.value)
		for j, c := range columns {
			if c.Name == a.column.Name {
				old[i] = value(stored[j])
			}
		}
	}
	return n.add(ctx, widgets.DeedChange, s, key, changed, old, now)
}

// statement takes lines about tables that a statement of a program's own has touched.
func (n *notes) statement(tables []string) {
	if n == nil {
		return
	}
	for _, table := range tables {
		n.lines = append(n.lines, widgets.AuditLine{Deed: widgets.DeedChange, Actor: n.actor, Table: table, Text: "by a statement of the program's own"})
	}
}

// together names the other tables that went with the last row.
func (n *notes) together(tables []string) {
	if n == nil || len(n.lines) == 0 || len(tables) == 0 {
		return
	}
	n.lines[len(n.lines)-1].Text = "also touched: " + strings.Join(tables, ", ")
}

func (n *notes) flush(ctx context.Context) error {
	if n == nil || len(n.lines) == 0 {
		return nil
	}
	first, err := n.to.Note(ctx, n.lines...)
	if err != nil {
		return err
	}
	n.spans = append(n.spans, span{first, len(n.lines)})
	n.lines = nil
	return nil
}

// undo remarks on what was written of a transaction that was not committed.
func (n *notes) undo(ctx context.Context, why string) {
	if n == nil {
		return
	}
	for _, s := range n.spans {
		// Lines without the remark tell of something that did not happen, which is the side to err on.
		_ = n.to.Undo(context.WithoutCancel(ctx), s.first, s.n, why)
	}
	n.spans = nil
}
