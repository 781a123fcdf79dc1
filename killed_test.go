package greenroom_test

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"greenroom"
	"greenroom/greenroomtest"
	"greenroom/jobs"
	grsql "greenroom/sql"
)

// The server that gets killed is this test's own binary, started again with these.
const (
	killedFolder = "GREENROOM_TEST_KILLED" // where its files are
	killedInDB   = "GREENROOM_TEST_KILLED_IN_DB"
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
	db, err := greenroom.Open(ctx, filepath.Join(folder, "payroll.db"), greenroom.OpenConfig{WAL: true})
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
				_, err := tx.ExecContext(ctx, `INSERT INTO paid (item) VALUES (?)`, one.ID)
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
	inDB   bool
	rows   int
	db     *sql.DB
	store  jobs.Store
}

func newKilled(t *testing.T, inDB bool, rows int) *killed {
	t.Helper()
	k := &killed{t: t, folder: t.TempDir(), inDB: inDB, rows: rows}
	file := filepath.Join(k.folder, "payroll.db")
	var err error
	if k.db, err = sql.Open("sqlite", "file:"+file+"?_pragma=busy_timeout(10000)"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = k.db.Close() })
	_, err = k.db.ExecContext(t.Context(), fmt.Sprintf(`
		PRAGMA journal_mode = WAL;
		CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
		CREATE TABLE paid (item INTEGER NOT NULL);
		CREATE TABLE begun (at INTEGER NOT NULL);
		WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) INSERT INTO items SELECT i, 'item ' || i FROM n`, rows))
	if err != nil {
		t.Fatal(err)
	}
	if inDB {
		db, err := grsql.Connect(t.Context(), file, grsql.Config{})
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

// count asks the served database.
func (k *killed) count(query string) (n int) {
	k.t.Helper()
	if err := k.db.QueryRowContext(k.t.Context(), query).Scan(&n); err != nil {
		k.t.Fatal(err)
	}
	return n
}

const marks = `SELECT count(*) FROM paid`

// start starts the process and returns how to kill it, and the IDs of its jobs.
func (k *killed) start(pace time.Duration) (kill func(), ids []string) {
	k.t.Helper()
	command := exec.Command(os.Args[0], "-test.run=^$")
	command.Env = append(os.Environ(), killedFolder+"="+k.folder, killedPace+"="+pace.String())
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
	kill = func() {
		_ = command.Process.Kill() // SIGKILL: nothing of ours runs any more
		_ = command.Wait()
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "ready ") {
		kill()
		k.t.Fatalf("the process says %q, %v", line, err)
	}
	return kill, strings.Fields(line)[1:]
}

// until waits for what the process does.
func (k *killed) until(what string, kill func(), holds func() bool) {
	k.t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !holds(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			kill()
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
		kill, ids := k.start(time.Millisecond)
		pay, once = ids[0], ids[1]
		before := k.count(marks)
		k.until(fmt.Sprint("life ", n, " goes on"), kill, func() bool { return k.count(marks) > before && k.count(`SELECT count(*) FROM begun`) > 0 })
		time.Sleep(least + rand.N(more))
		kill()
		r, done := k.record(pay), k.count(marks)
		cursor, err := strconv.Atoi(r.Cursor)
		if (r.State != jobs.Running && r.State != jobs.Queued && r.Reason != jobs.ReasonFenced) || err != nil || cursor > done { // queued: the machine was so slow that it gave the run back
			k.t.Errorf("kill %d: it is %s at %q after %d rows", n, r.State, r.Cursor, done)
		}
		if k.inDB && (cursor != done || r.Current != int64(done)) {
			k.t.Errorf("kill %d: the cursor is %d and the count %d after %d rows", n, cursor, r.Current, done)
		}
	}
	kill, _ := k.start(0)
	k.until("the job ends", kill, func() bool {
		r := k.record(pay)
		return r.State.Final() && r.Reason != jobs.ReasonFenced
	})
	kill()
	return pay, once
}

// pages looks at what a person sees after the last restart.
func (k *killed) pages(pay, once string) {
	k.t.Helper()
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

// TestKilledServerDoesEachRowOnce: many kills in the middle of 10,000 rows whose effects are written by Job.Tx. No row is lost, and none is done twice.
func TestKilledServerDoesEachRowOnce(t *testing.T) {
	k := newKilled(t, true, 10_000)
	pay, once := k.torment(kills(), 0, 80*time.Millisecond)
	r := k.record(pay)
	if r.State != jobs.Succeeded || r.Current != 10_000 || r.Total != 10_000 || r.Vanished != 0 || r.Attempt <= kills() {
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

// TestKilledServerLosesNoRow: the same without Job.Tx, remembered in the state's file. No row is lost; those of the last second may be done again.
func TestKilledServerLosesNoRow(t *testing.T) {
	k := newKilled(t, false, 10_000)
	pay, once := k.torment(6, 1100*time.Millisecond, time.Second) // progress is stored once a second, and three deaths at one row are enough
	if r := k.record(pay); r.State != jobs.Succeeded || r.Current != 10_000 {
		t.Errorf("%+v", r)
	}
	if distinct := k.count(`SELECT count(DISTINCT item) FROM paid`); distinct != 10_000 {
		t.Errorf("%d of 10,000 rows were done", distinct)
	}
	k.pages(pay, once)
}

// kills is how many times the process is killed: 10, or as many as GREENROOM_KILLS says, which is 30 in CI.
func kills() int {
	if n, err := strconv.Atoi(os.Getenv("GREENROOM_KILLS")); err == nil && n > 0 {
		return n
	}
	return 10
}
