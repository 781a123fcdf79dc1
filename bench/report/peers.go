package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"greenroom/bench/load"
)

// output runs a command and returns what it prints.
func output(ctx context.Context, name string, args ...string) ([]byte, error) {
	c := exec.CommandContext(ctx, name, args...) //nolint:gosec // our own words
	c.Stderr = os.Stderr
	out, err := c.Output()
	if err != nil {
		err = fmt.Errorf("%s: %w: %s", filepath.Base(name), err, out)
	}
	return out, err
}

// live is jfyne/live over its socket.
func (b *bench) live(ctx context.Context) error {
	progress("  jfyne/live")
	pages, lasts := "1000", "5s"
	if b.quick {
		pages, lasts = "20", "300ms"
	}
	out, err := output(ctx, b.binary("live"), "-pages", pages, "-duration", lasts)
	if err != nil {
		return err
	}
	var found map[string]float64
	if err := json.Unmarshal(out, &found); err != nil {
		return err
	}
	for key, value := range found {
		b.theirs["live."+key] = append(b.theirs["live."+key], value)
	}
	return nil
}

// django is Django's admin on the shop that our own list was measured with.
func (b *bench) django(ctx context.Context) error {
	python := "/usr/bin/python3"
	if err := exec.CommandContext(ctx, python, "-c", "import django").Run(); err != nil {
		b.without("Django: /usr/bin/python3 has none (Debian: apt-get install python3-django)")
		return nil //nolint:nilerr // it is told in the table
	}
	progress("  Django's admin")
	seconds := "6"
	if b.quick {
		seconds = "1"
	}
	out, err := output(ctx, python, filepath.Join("bench", "peers", "django", "admin.py"), b.shop, seconds)
	if err != nil {
		return err
	}
	var found struct {
		Version, Python string
		CPU             map[string][3]float64 `json:"cpu_ms"`
	}
	if err := json.Unmarshal(out, &found); err != nil {
		return err
	}
	for kind, cost := range found.CPU {
		b.theirs["django."+kind] = append(b.theirs["django."+kind], cost[1])
	}
	b.with("Django " + found.Version + " on Python " + found.Python + " (Debian's)")
	return nil
}

// jobs are the starts, cancels and reports of River, asynq and our own.
func (b *bench) jobs(ctx context.Context) error {
	progress("  jobs: greenroom, River, asynq")
	if os.Getenv("GREENROOM_POSTGRES") == "" {
		b.without(`River: GREENROOM_POSTGRES names no PostgreSQL (eval "$(go run ./e2e/dbs)" starts one)`)
	} else if version := first(ctx, "psql", "--version"); version != "" {
		b.with(version)
	}
	if version := first(ctx, "redis-server", "--version"); version == "" {
		b.without("asynq: there is no redis-server (Debian: apt-get install redis-server)")
	} else {
		words := strings.Fields(version)
		b.with("Redis " + strings.TrimPrefix(words[min(2, len(words)-1)], "v="))
	}
	times := "200ms"
	if b.quick {
		times = "3x"
	}
	out, err := output(ctx, b.binary("peers.test"), "-test.run=^$", "-test.bench=^BenchmarkJob$", "-test.benchtime="+times)
	if err != nil {
		return err
	}
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		words := strings.Fields(lines.Text())
		if len(words) < 4 || !strings.HasPrefix(words[0], "BenchmarkJob/") {
			continue
		}
		name := strings.TrimPrefix(words[0], "BenchmarkJob/")
		if at := strings.LastIndexByte(name, '-'); at > 0 {
			name = name[:at] // the number of processors
		}
		for n := 2; n+1 < len(words); n += 2 {
			if v, err := strconv.ParseFloat(words[n], 64); err == nil && (words[n+1] != "ns/op" || v > 0) {
				b.theirs[name+" "+words[n+1]] = append(b.theirs[name+" "+words[n+1]], v)
			}
		}
	}
	return nil
}

// first is the first line that a program prints, "" when it is not there.
func first(ctx context.Context, name string, args ...string) string {
	out, err := exec.CommandContext(ctx, name, args...).Output() //nolint:gosec // our own words
	if err != nil {
		return ""
	}
	line, _, _ := strings.Cut(string(out), "\n")
	return line
}

// own are the bars of bench/update or bench/jobs, which run their own rounds.
func (b *bench) own(ctx context.Context, name string, rounds int, each string) ([]load.Row, error) {
	progress("%s, in %d rounds of their own", name, rounds)
	if b.quick {
		each = "1x"
	}
	out, err := output(ctx, b.binary(name), "-json", "-rounds", strconv.Itoa(rounds), "-benchtime", each)
	if err != nil {
		return nil, err
	}
	var rows []load.Row
	err = json.Unmarshal(out, &rows)
	return rows, err
}

func (b *bench) with(version string) {
	if !slices.Contains(b.said, version) {
		b.said = append(b.said, version)
	}
}

func (b *bench) without(why string) {
	if !slices.Contains(b.leftOut, why) {
		b.leftOut = append(b.leftOut, why)
	}
}
