package peers

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

// missing ends a benchmark that this machine cannot run: loudly, and in CI, where everything is installed, as a failure.
func missing(b *testing.B, why string) {
	b.Helper()
	if os.Getenv("CI") == "true" {
		b.Fatal(why)
	}
	fmt.Fprintf(os.Stderr, "\n*** SKIPPED: %s: %s\n\n", b.Name(), why)
	b.Skip(why)
}

// riverWait is the one kind of job.
type riverWait struct{}

func (riverWait) Kind() string { return "wait" }

type riverWorker struct {
	river.WorkerDefaults[riverWait]
	body *body
}

func (riverWorker) Timeout(*river.Job[riverWait]) time.Duration { return -1 }

func (w *riverWorker) Work(ctx context.Context, job *river.Job[riverWait]) error {
	client := river.ClientFromContext[pgx.Tx](ctx)
	w.body.run(ctx, func(n int) error {
		// The only way that a running job of River's has to store something that others can read before it ends.
		_, err := client.JobUpdate(ctx, job.ID, &river.JobUpdateParams{Output: map[string]any{"current": n, "total": 1_000_000, "message": "at row seven"}})
		return err
	})
	return nil
}

type riverRunner struct {
	client *river.Client[pgx.Tx]
	pool   *pgxpool.Pool
	drop   func() error
}

// openRiver runs River as its own README says, on a database of its own on the server that GREENROOM_POSTGRES names.
func openRiver(b *testing.B, j *body) runner {
	b.Helper()
	server := os.Getenv("GREENROOM_POSTGRES")
	if server == "" {
		missing(b, `GREENROOM_POSTGRES names no PostgreSQL; eval "$(go run ./e2e/dbs)" starts one`)
	}
	ctx := b.Context()
	admin, err := pgx.Connect(ctx, server)
	if err != nil {
		b.Fatal(err)
	}
	name := fmt.Sprintf("river_%d_%d", os.Getpid(), time.Now().UnixNano())
	if _, err := admin.Exec(ctx, "CREATE DATABASE "+name); err != nil {
		b.Fatal(err)
	}
	at, err := url.Parse(server)
	if err != nil {
		b.Fatal(err)
	}
	at.Path = "/" + name
	pool, err := pgxpool.New(ctx, at.String())
	if err != nil {
		b.Fatal(err)
	}
	driver := riverpgxv5.New(pool)
	migrator, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		b.Fatal(err)
	}
	workers := river.NewWorkers()
	river.AddWorker(workers, &riverWorker{body: j})
	client, err := river.NewClient(driver, &river.Config{
		Queues: map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 10}}, Workers: workers, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		b.Fatal(err)
	}
	if err := client.Start(context.Background()); err != nil {
		b.Fatal(err)
	}
	return &riverRunner{client, pool, func() error {
		_, err := admin.Exec(context.Background(), "DROP DATABASE "+name+" WITH (FORCE)")
		_ = admin.Close(context.Background())
		return err
	}}
}

func (r *riverRunner) start(b *testing.B) string {
	made, err := r.client.Insert(b.Context(), riverWait{}, nil)
	if err != nil {
		b.Fatal(err)
	}
	return number(made.Job.ID)
}

func (r *riverRunner) cancel(b *testing.B, id string) {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := r.client.JobCancel(b.Context(), n); err != nil {
		b.Fatal(err)
	}
}

func (r *riverRunner) stop(b *testing.B) {
	if err := r.client.StopAndCancel(context.Background()); err != nil {
		b.Error(err)
	}
	r.pool.Close()
	if err := r.drop(); err != nil {
		b.Error(err)
	}
}
