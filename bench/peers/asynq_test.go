package peers

import (
	"context"
	"encoding/json"
	"net"
	"os/exec"
	"testing"
	"time"

	"github.com/hibiken/asynq"
)

type asynqRunner struct {
	client    *asynq.Client
	inspector *asynq.Inspector
	server    *asynq.Server
	redis     *exec.Cmd
}

// quiet is a logger that says nothing.
type quiet struct{}

func (quiet) Debug(...any) {}
func (quiet) Info(...any)  {}
func (quiet) Warn(...any)  {}
func (quiet) Error(...any) {}
func (quiet) Fatal(...any) {}

// openAsynq runs asynq as its own README says, on a Redis of its own with an append-only file, which is what makes a job outlive the process there.
func openAsynq(b *testing.B, j *body) runner {
	b.Helper()
	program, err := exec.LookPath("redis-server")
	if err != nil {
		missing(b, "there is no redis-server; install Redis (Debian: apt-get install redis-server)")
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	address := free.Addr().String()
	_, port, _ := net.SplitHostPort(address)
	if err := free.Close(); err != nil {
		b.Fatal(err)
	}
	r := &asynqRunner{redis: exec.Command(program, "--port", port, "--bind", "127.0.0.1", "--dir", b.TempDir(), "--appendonly", "yes", "--save", "")}
	if err := r.redis.Start(); err != nil {
		b.Fatal(err)
	}
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			_ = conn.Close()
			break
		}
		if time.Now().After(end) {
			b.Fatal(err)
		}
	}
	at := asynq.RedisClientOpt{Addr: address}
	r.client, r.inspector = asynq.NewClient(at), asynq.NewInspector(at)
	r.server = asynq.NewServer(at, asynq.Config{Concurrency: 10, Logger: quiet{}})
	mux := asynq.NewServeMux()
	mux.HandleFunc("wait", func(ctx context.Context, task *asynq.Task) error {
		j.run(ctx, func(n int) error {
			data, err := json.Marshal(map[string]any{"current": n, "total": 1_000_000, "message": "at row seven"})
			if err == nil {
				_, err = task.ResultWriter().Write(data)
			}
			return err
		})
		return nil
	})
	if err := r.server.Start(mux); err != nil {
		b.Fatal(err)
	}
	return r
}

func (r *asynqRunner) start(b *testing.B) string {
	info, err := r.client.Enqueue(asynq.NewTask("wait", nil), asynq.MaxRetry(0), asynq.Timeout(time.Hour))
	if err != nil {
		b.Fatal(err)
	}
	return info.ID
}

func (r *asynqRunner) cancel(b *testing.B, id string) {
	if err := r.inspector.CancelProcessing(id); err != nil {
		b.Fatal(err)
	}
}

func (r *asynqRunner) stop(b *testing.B) {
	r.server.Shutdown()
	_ = r.client.Close()
	_ = r.inspector.Close()
	_ = r.redis.Process.Kill()
	_ = r.redis.Wait() // "signal: killed" is what was wanted
}
