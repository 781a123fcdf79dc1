package desk

import (
	"context"
	"database/sql"
	"html/template"
	"log/slog"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"greenroom"
	"greenroom/greenroomtest"
)

const (
	password = "correct horse battery"
	pages    = 200
	each     = 500
)

// crowded serves a room with pages*each actors and more.
func crowded(b *testing.B) (*greenroom.Room, *greenroomtest.Person) {
	b.Helper()
	file := filepath.Join(b.TempDir(), "empty.db")
	plain, err := sql.Open("sqlite", "file:"+file)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := plain.ExecContext(b.Context(), "CREATE TABLE things (id INTEGER PRIMARY KEY)"); err != nil {
		b.Fatal(err)
	}
	if err := plain.Close(); err != nil {
		b.Fatal(err)
	}
	db, err := greenroom.Open(b.Context(), "sqlite:"+file, greenroom.OpenConfig{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	text := template.Must(template.New("dot").Parse(`<p>{{.}}</p>`))
	var dots []greenroom.Widget
	for n := range each {
		dots = append(dots, greenroom.Widget{
			Name: "dot" + strconv.Itoa(n), Template: text, Mount: func(context.Context, greenroom.In) (any, error) { return 1, nil },
		})
	}
	room, err := greenroom.New(b.Context(), greenroom.Config{
		DB: db, State: filepath.Join(b.TempDir(), "state.db"), Log: slog.New(slog.DiscardHandler), Widgets: dots, Console: "-",
		Limits: greenroom.Limits{UserPages: -1, AddressPages: -1},
	})
	if err != nil {
		b.Fatal(err)
	}
	if err := room.SetPassword(b.Context(), "admin", password); err != nil {
		b.Fatal(err)
	}
	admin := greenroomtest.Serve(b, room).SignIn("admin", password)
	for range pages {
		admin.Open("/admin/")
	}
	if room.Live() < pages*each {
		b.Fatalf("%d actors live", room.Live())
	}
	return room, admin
}

// BenchmarkDesk opens pages of the console, and watches one.
func BenchmarkDesk(b *testing.B) {
	_, admin := crowded(b)
	for _, page := range []string{"", "actors/", "actors/?sort=rate", "sessions/", "jobs/"} {
		b.Run("open/"+page, func(b *testing.B) {
			for b.Loop() {
				if got := admin.Get("/admin/console/" + page); got.Status != 200 {
					b.Fatal(got.Status)
				}
			}
		})
	}
	const while = 10 * time.Second
	for _, page := range []string{"", "actors/", "actors/?sort=rate", "sessions/"} {
		b.Run("watch/"+page, func(b *testing.B) {
			for b.Loop() {
				idle := spent(b, while)
				p := admin.Open("/admin/console/" + page)
				spent(b, time.Second) // the first look
				with := spent(b, while)
				p.Cut()
				b.ReportMetric(100*float64(idle)/float64(while), "%core-idle")
				b.ReportMetric(100*float64(with-idle)/float64(while), "%core-watching")
			}
		})
	}
}

// spent is the processors' time that the process takes meanwhile.
func spent(b *testing.B, while time.Duration) time.Duration {
	b.Helper()
	used := func() time.Duration {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			b.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	before := used()
	time.Sleep(while)
	return used() - before
}
