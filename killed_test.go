package greenroom_test

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"iter"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"greenroom"
	"greenroom/greenroomtest"
	"greenroom/internal/race"
	"greenroom/jobs"
	grsql "greenroom/sql"
	"greenroom/sql/sqltest"
)

// The server that gets killed is this test's own binary, started again with these.
const (
	killedFolder = "GREENROOM_TEST_KILLED" // where its files are
	killedInDB   = "GREENROOM_TEST_KILLED_IN_DB"
	killedDSN    = "GREENROOM_TEST_KILLED_DSN"  // the served database
	killedPace   = "GREENROOM_TEST_KILLED_PACE" // how long a row takes at least
)

func TestMain(m *testing.M) {
	if folder := os.Getenv(killedFolder); folder != "" {
		if err := serveUntilKilled(folder); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1) //nolint:forbidigo // this is a main
		}
		return
	}
	os.Exit(m.Run()) //nolint:forbidigo // this is a main
}

// payroll is an admin whose actions leave a mark for each row that they do, in a table without a key: a row that is done twice shows.
func payroll(ctx context.Context, folder string) (*greenroom.Room, *greenroom.Database, error) {
	dsn := os.Getenv(killedDSN)
	db, err := greenroom.Open(ctx, dsn, greenroom.OpenConfig{WAL: !strings.Contains(dsn, "://")})
	if err != nil {
		return nil, nil, err
	}
	inDB := os.Getenv(killedInDB) != ""
	pace, _ := time.ParseDuration(os.Getenv(killedPace))
	pay := greenroom.On(greenroom.Action{Name: "pay", Resumable: true}, func(ctx context.Context, job *greenroom.Job, rows greenroom.Rows[item], _ struct{}) error {
		for one, err := range rows.All(ctx) {
			if err != nil {
				return err
			}
			mark := func(ctx context.Context, tx *sql.Tx) error {
				_, err := tx.ExecContext(ctx, fmt.Sprintf(`INSERT INTO paid (item) VALUES (%d)`, one.ID))
				return err
			}
			if inDB {
				err = job.Tx(ctx, mark)
			} else {
				err = db.Write(ctx, []string{"paid"}, func(tx *sql.Tx) error { return mark(ctx, tx) })
			}
			if err != nil {
				return err
			}
			time.Sleep(pace)
		}
		return nil
	})
	once := greenroom.On(greenroom.Action{Name: "once"}, func(ctx context.Context, _ *greenroom.Job, _ greenroom.Rows[item], _ struct{}) error {
		if _, err := db.Exec(ctx, nil, `INSERT INTO begun (at) VALUES (1)`); err != nil {
			return err
		}
		<-ctx.Done()
		return context.Cause(ctx)
	})
	room, err := greenroom.New(ctx, greenroom.Config{
		DB: db, State: filepath.Join(folder, "state.db"), JobsInDB: inDB, Lease: 500 * time.Millisecond, Watch: -1, Log: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})),
		Models: []greenroom.Model{{Table: "items", Actions: []greenroom.Action{pay, once}}},
	})
	return room, db, err
}

// serveUntilKilled is the process: it starts both actions if they are not there yet, and serves.
func serveUntilKilled(folder string) error {
	ctx := context.Background()
	room, _, err := payroll(ctx, folder)
	if err != nil {
		return err
	}
	ids, err := os.ReadFile(filepath.Join(folder, "ids"))
	if err != nil {
		if err := room.SetPassword(ctx, "admin", secretWord); err != nil {
			return err
		}
		for _, action := range []string{"pay", "once"} {
			id, err := greenroom.StartJob(ctx, room, "items", action, "admin")
			if err != nil {
				return err
			}
			ids = append(ids, id+" "...)
		}
		if err := os.WriteFile(filepath.Join(folder, "ids"), ids, 0o600); err != nil {
			return err
		}
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println("ready", string(ids)) //nolint:forbidigo // for the parent
	return room.Serve(ln)
}

// killed is what the parent knows.
type killed struct {
	t      *testing.T
	folder string
	dsn    string
	server bool // not a file
	inDB   bool
	// repeatable is how many rows were done behind the cursor that a killed process left.
	repeatable int
	lives      []*exec.Cmd
	rows       int
	db         *sql.DB
	store      jobs.Store
}

// payrolls are the engines, by how each makes %d items.
var payrolls = map[string]struct {
	on    sqltest.Server // none for SQLite
	items string
}{
	"SQLite":     {items: `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) INSERT INTO items SELECT i, 'item ' || i FROM n`},
	"PostgreSQL": {sqltest.PostgreSQL, `INSERT INTO items SELECT i, 'item ' || i FROM generate_series(1, %d) AS i`},
	"MariaDB":    {sqltest.MariaDB, `INSERT INTO items SELECT seq, concat('item ', seq) FROM seq_1_to_%d`},
}

// engines are all, or under the race detector SQLite alone: the processes of ours are the same, and much slower there.
func engines() iter.Seq[string] {
	if race.Enabled {
		return slices.Values([]string{"SQLite"})
	}
	return maps.Keys(payrolls)
}

// newKilled makes an engine's database. Without its server the test ends as Server.DSN says.
func newKilled(t *testing.T, engine string, inDB bool, rows int) *killed {
	t.Helper()
	k := &killed{t: t, folder: t.TempDir(), inDB: inDB, rows: rows}
	e := payrolls[engine]
	if engine == "SQLite" {
		k.dsn = filepath.Join(k.folder, "payroll.db")
		k.db = k.file(k.dsn, "busy_timeout(10000)&_pragma=journal_mode(wal)")
	} else {
		k.server, k.dsn = true, e.on.Made(t, "")
		k.db = e.on.Open(t, k.dsn)
	}
	for _, statement := range []string{
		`CREATE TABLE items (id INTEGER PRIMARY KEY, name VARCHAR(30) NOT NULL)`,
		`CREATE TABLE paid (item INTEGER NOT NULL)`,
		`CREATE TABLE begun (at INTEGER NOT NULL)`,
		fmt.Sprintf(e.items, rows),
	} {
		if _, err := k.db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	if inDB {
		db, err := grsql.Connect(t.Context(), k.dsn, grsql.Config{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		if k.store, err = db.Jobs(t.Context()); err != nil {
			t.Fatal(err)
		}
		return k
	}
	state, err := grsql.OpenState(t.Context(), filepath.Join(k.folder, "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = state.Close() })
	k.store = state.Jobs()
	return k
}

// file opens a SQLite file with pragmas, without greenroom.
func (k *killed) file(path, pragmas string) *sql.DB {
	k.t.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?_txlock=immediate&_pragma="+pragmas)
	if err != nil {
		k.t.Fatal(err)
	}
	k.t.Cleanup(func() { _ = db.Close() })
	return db
}

// count asks the served database.
func (k *killed) count(query string) (n int) {
	k.t.Helper()
	if err := k.db.QueryRowContext(k.t.Context(), query).Scan(&n); err != nil {
		k.t.Fatal(err)
	}
	return n
}

const marks = `SELECT count(*) FROM paid`

// start starts a process, which ends with the test if not before, and returns it with the IDs of its jobs.
func (k *killed) start(pace time.Duration) (life *exec.Cmd, ids []string) {
	k.t.Helper()
	command := exec.Command(os.Args[0], "-test.run=^$")
	command.Env = append(os.Environ(), killedFolder+"="+k.folder, killedDSN+"="+k.dsn, killedPace+"="+pace.String())
	if k.inDB {
		command.Env = append(command.Env, killedInDB+"=1")
	}
	command.Stderr = os.Stderr
	out, err := command.StdoutPipe()
	if err == nil {
		err = command.Start()
	}
	if err != nil {
		k.t.Fatal(err)
	}
	k.lives = append(k.lives, command)
	k.t.Cleanup(func() { kill(command) })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "ready ") {
		k.t.Fatalf("the process says %q, %v", line, err)
	}
	return command, strings.Fields(line)[1:]
}

func kill(life *exec.Cmd) {
	_ = life.Process.Kill() // SIGKILL: nothing of ours runs any more
	_ = life.Wait()
}

// until waits for what the process does.
func (k *killed) until(what string, holds func() bool) {
	k.t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !holds(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			for _, life := range k.lives { // where they stand
				_ = life.Process.Signal(syscall.SIGCONT)
				_ = life.Process.Signal(syscall.SIGQUIT)
				_ = life.Wait()
			}
			k.t.Fatalf("%s: not after two minutes", what)
		}
	}
}

func (k *killed) record(id string) jobs.Record {
	k.t.Helper()
	r, err := k.store.Get(k.t.Context(), id)
	if err != nil {
		k.t.Fatal(err)
	}
	return r
}

// torment kills the process again and again while a job runs, looks each time at what it has left, and lets the last one finish.
func (k *killed) torment(kills int, least, more time.Duration) (pay, once string) {
	k.t.Helper()
	for n := range kills {
		life, ids := k.start(time.Millisecond)
		pay, once = ids[0], ids[1]
		before := k.count(marks)
		k.until(fmt.Sprint("life ", n, " goes on"), func() bool { return k.count(marks) > before && k.count(`SELECT count(*) FROM begun`) > 0 })
		time.Sleep(least + rand.N(more))
		kill(life)
		r, done := k.settled(pay)
		cursor, err := strconv.Atoi(r.Cursor)
		if (r.State != jobs.Running && r.State != jobs.Queued && r.Reason != jobs.ReasonFenced) || err != nil || cursor > done { // queued: the machine was so slow that it gave the run back
			k.t.Errorf("kill %d: it is %s at %q after %d rows", n, r.State, r.Cursor, done)
		}
		k.repeatable += k.count(fmt.Sprint(`SELECT count(DISTINCT item) FROM paid WHERE item > `, cursor))
		if k.inDB && (cursor != done || r.Current != int64(done)) {
			k.t.Errorf("kill %d: the cursor is %d and the count %d after %d rows", n, cursor, r.Current, done)
		}
	}
	life, _ := k.start(0)
	k.ends(pay)
	kill(life)
	return pay, once
}

// settled reads a job and how many rows are done, at one moment: a server may still commit what a process sent it before it died.
func (k *killed) settled(id string) (r jobs.Record, done int) {
	k.t.Helper()
	k.until("the dead are done", func() bool {
		r, done = k.record(id), k.count(marks)
		return k.record(id).Cursor == r.Cursor
	})
	return r, done
}

// ends waits until a job has ended for good, and not as one that another process is about to take over.
func (k *killed) ends(id string) {
	k.t.Helper()
	k.until("the job ends", func() bool {
		r := k.record(id)
		return r.State.Final() && r.Reason != jobs.ReasonFenced
	})
}

// pages looks at what a person sees after the last restart.
func (k *killed) pages(pay, once string) {
	k.t.Helper()
	k.t.Setenv(killedDSN, k.dsn)
	if k.inDB {
		k.t.Setenv(killedInDB, "1")
	}
	room, db, err := payroll(k.t.Context(), k.folder)
	if err != nil {
		k.t.Fatal(err)
	}
	k.t.Cleanup(func() { _ = db.Close() })
	admin := greenroomtest.Serve(k.t, room).SignIn("admin", secretWord)
	for id, texts := range map[string][]string{pay: {"Done", "10,000 of 10,000"}, once: {"Interrupted"}} {
		page := admin.Open("/admin/progress/" + id + "/")
		for _, text := range texts {
			if !strings.Contains(page.Text(".gr-progress"), text) {
				k.t.Errorf("the page of job %s does not say %q: %s", id, text, page.Text(".gr-progress"))
			}
		}
	}
}

// TestKilledServerDoesEachRowOnce: P1, P3 and P5. Many kills in the middle of 10,000 rows whose effects are written by Job.Tx, on each engine. No row is lost, and none is
// done twice.
func TestKilledServerDoesEachRowOnce(t *testing.T) {
	for engine := range engines() {
		t.Run(engine, func(t *testing.T) { killedOften(t, newKilled(t, engine, true, 10_000)) })
	}
}

func killedOften(t *testing.T, k *killed) {
	t.Helper()
	kills := kills(k.server)
	pay, once := k.torment(kills, 0, 80*time.Millisecond)
	r := k.record(pay)
	if r.State != jobs.Succeeded || r.Current != 10_000 || r.Total != 10_000 || r.Vanished != 0 || r.Attempt <= kills {
		t.Errorf("%+v", r)
	}
	if all, distinct := k.count(marks), k.count(`SELECT count(DISTINCT item) FROM paid`); all != 10_000 || distinct != 10_000 {
		t.Errorf("%d rows were done, %d times together", distinct, all)
	}
	if r := k.record(once); r.State != jobs.Failed || r.Reason != jobs.ReasonNodeLost || k.count(`SELECT count(*) FROM begun`) != 1 {
		t.Errorf("what cannot go on began %d times: %+v", k.count(`SELECT count(*) FROM begun`), r)
	}
	k.pages(pay, once)
}

// TestStoppedServerWritesNothing: P6. A process stands still (SIGSTOP) in the middle of a job for longer than its lease, another takes the job over, and
// the first wakes up. Nothing that it writes counts: had one of its rows been taken, the other would do that row a second time.
func TestStoppedServerWritesNothing(t *testing.T) {
	for engine := range engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel() // most of it is waiting for what a server does about a transaction in which nothing is asked for
			stoppedOften(t, newKilled(t, engine, true, 3_000))
		})
	}
}

func stoppedOften(t *testing.T, k *killed) {
	t.Helper()
	const turns = 6
	paid := func(n int) { // n more rows
		t.Helper()
		before := k.count(marks)
		k.until("the job goes on", func() bool { return k.count(marks) >= before+n })
	}
	works, ids := k.start(2 * time.Millisecond)
	paid(1)
	waits, _ := k.start(2 * time.Millisecond)
	for range turns {
		k.freeze(works.Process, false)
		paid(20) // the only one that lives is the other
		if err := works.Process.Signal(syscall.SIGCONT); err != nil {
			t.Fatal(err)
		}
		paid(20)
		works, waits = waits, works
	}
	if k.server { // which ends what stands still inside a transaction
		k.freeze(works.Process, true)
		paid(20)
		if err := works.Process.Signal(syscall.SIGCONT); err != nil {
			t.Fatal(err)
		}
	}
	pay := ids[0]
	k.ends(pay)
	if r := k.record(pay); r.State != jobs.Succeeded || r.Current != int64(k.rows) || r.Attempt <= turns {
		t.Errorf("%+v", r)
	}
	if all, distinct := k.count(marks), k.count(`SELECT count(DISTINCT item) FROM paid`); all != k.rows || distinct != k.rows {
		t.Errorf("%d rows were done, %d times together", distinct, all)
	}
}

// freeze stops a process inside a transaction on a server, or at a moment when it keeps nobody else from writing: who stands still inside one keeps its
// locks, SQLite's only one, that of the state's file too, or a server's on the job's row.
func (k *killed) freeze(p *os.Process, inside bool) {
	k.t.Helper()
	k.until("it stands still where it should", func() bool {
		if err := p.Signal(syscall.SIGSTOP); err != nil {
			k.t.Fatal(err)
		}
		var status syscall.WaitStatus
		if _, err := syscall.Wait4(p.Pid, &status, syscall.WUNTRACED, nil); err != nil || !status.Stopped() {
			k.t.Fatalf("it does not stand still: %v, %v", status, err)
		}
		free := true
		for range 3 { // what it had sent to a server is on its way
			time.Sleep(10 * time.Millisecond)
			free = free && k.free()
		}
		if free != inside && k.writable(filepath.Join(k.folder, "state.db")) {
			return true
		}
		if err := p.Signal(syscall.SIGCONT); err != nil {
			k.t.Fatal(err)
		}
		return false
	})
}

// free reports whether somebody else could write what the job is kept in.
func (k *killed) free() bool {
	k.t.Helper()
	if k.server {
		for _, table := range []string{"greenroom_jobs", "greenroom_nodes"} {
			if _, err := k.db.ExecContext(k.t.Context(), `SELECT id FROM `+table+` FOR UPDATE NOWAIT`); err != nil {
				return false
			}
		}
		return true
	}
	return k.writable(k.dsn)
}

// writable reports whether nobody holds the lock of a SQLite file.
func (k *killed) writable(path string) bool {
	k.t.Helper()
	db := k.file(path, "busy_timeout(50)")
	defer db.Close() //nolint:errcheck // a test's
	tx, err := db.BeginTx(k.t.Context(), nil)
	if err != nil {
		return false
	}
	return tx.Rollback() == nil
}

// TestKilledServerLosesNoRow: P1 and P2. The same without Job.Tx, remembered in the state's file. No row is lost; those after the cursor that was stored
// last may be done again, and no others.
func TestKilledServerLosesNoRow(t *testing.T) {
	k := newKilled(t, "SQLite", false, 10_000)
	pay, once := k.torment(6, 1100*time.Millisecond, time.Second) // progress is stored once a second, and three deaths at one row are enough
	if r := k.record(pay); r.State != jobs.Succeeded || r.Current != 10_000 {
		t.Errorf("%+v", r)
	}
	distinct := k.count(`SELECT count(DISTINCT item) FROM paid`)
	if distinct != 10_000 {
		t.Errorf("%d of 10,000 rows were done", distinct)
	}
	if again := k.count(marks) - distinct; again > k.repeatable {
		t.Errorf("%d rows were done again, and only %d were done after a cursor that was stored", again, k.repeatable)
	}
	k.pages(pay, once)
}

// kills is how many times the process is killed on each engine: as many as GREENROOM_KILLS says, which is 30 in CI, else 9, and 3 on a server, where each
// takes three times as long.
func kills(server bool) int {
	if n, err := strconv.Atoi(os.Getenv("GREENROOM_KILLS")); err == nil && n > 0 {
		return n
	}
	if server {
		return 3
	}
	return 9
}
