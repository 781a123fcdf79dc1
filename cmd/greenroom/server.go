package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"greenroom"
)

// drainWithin is how long Ctrl-C waits for jobs and pages. A job's body gets most of it to finish its row.
const drainWithin = 20 * time.Second

// options are the flags that every serving command has.
type options struct {
	listen, state, password string
	hosts                   []string
	proxies                 []netip.Prefix
	insecure, verbose       bool
}

func (o *options) add(f *flag.FlagSet) {
	f.StringVar(&o.password, "password", "", "`TEXT` that the user \"admin\" signs in with, 8 characters or more; better in GREENROOM_PASSWORD, where other users of the machine cannot see it (default: generated and printed)")
	o.reach(f)
}

// reach are the flags that say where the admin is and how it is reached.
func (o *options) reach(f *flag.FlagSet) {
	f.StringVar(&o.listen, "listen", "127.0.0.1:8080", "`ADDRESS` to listen on; port 0 takes a free one")
	f.StringVar(&o.state, "state", "", "`FILE` for the admin's own users and secret (default: one in your data folder for each database)")
	f.Func("host", "`NAME` under which the admin is reached from elsewhere, such as admin.example.com; may be repeated", func(text string) error {
		o.hosts = append(o.hosts, text)
		return nil
	})
	f.Func("trust-proxy", "`ADDRESS` or network of a proxy in front, such as 127.0.0.1, whose X-Forwarded-For and X-Forwarded-Proto are believed; may be repeated", func(text string) error {
		network, err := netip.ParsePrefix(text)
		if err != nil {
			at, err := netip.ParseAddr(text)
			if err != nil {
				return errors.New("want an address such as 127.0.0.1, or a network such as 10.0.0.0/8")
			}
			network = netip.PrefixFrom(at, at.BitLen())
		}
		o.proxies = append(o.proxies, network)
		return nil
	})
	f.BoolVar(&o.insecure, "insecure", false, "let people sign in over plain HTTP from other machines: passwords can be read on the way")
	f.BoolVar(&o.verbose, "verbose", false, "log more")
}

func (o *options) logger(w io.Writer) *slog.Logger {
	level := slog.LevelWarn
	if o.verbose {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level}))
}

// secret is the password to set: from the flag, else the environment, else for a new admin a random one. said tells whether it must be printed.
func (o *options) secret(known bool) (password string, generated bool, err error) {
	password = o.password
	if password == "" {
		password = os.Getenv("GREENROOM_PASSWORD")
	}
	switch {
	case password != "" && len(password) < 8:
		return "", false, usagef("the password has %d characters; use at least 8", len(password))
	case password != "" || known:
		return password, false, nil
	}
	return rand.Text()[:16], true, nil
}

// apply puts what the flags say into a Room's configuration.
func (o *options) apply(cfg *greenroom.Config, w io.Writer) {
	cfg.Hosts, cfg.Proxies, cfg.Insecure, cfg.Log = o.hosts, o.proxies, o.insecure, o.logger(w)
}

// dataFile is a file in the user's data folder, which is made.
func dataFile(name string) (string, error) {
	root := os.Getenv("XDG_DATA_HOME")
	if root == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", fmt.Errorf("there is no home folder to keep the state in; name a file with --state: %w", err)
		}
		root = filepath.Join(home, ".local", "share")
	}
	dir := filepath.Join(root, "greenroom")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("make the data folder; name another file with --state: %w", err)
	}
	return filepath.Join(dir, name), nil
}

// host serves a Room until ctx ends, then drains it. The port is taken before anything else is made, so that a port in use is told at once.
func host(ctx context.Context, con console, o options, build func(ctx context.Context) (*greenroom.Room, *greenroom.Database, error)) error {
	ln, err := net.Listen("tcp", o.listen)
	if err != nil {
		return listenError(o.listen, err)
	}
	defer ln.Close() //nolint:errcheck // closed by the server in the usual case
	room, db, err := build(ctx)
	if err != nil {
		return err
	}
	end := func() error {
		limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainWithin)
		defer cancel()
		return errors.Join(room.Close(limit), db.Close())
	}
	known, err := room.HasUser(ctx, "admin")
	if err != nil {
		return errors.Join(err, end())
	}
	password, generated, err := o.secret(known)
	if err == nil && password != "" {
		err = room.SetPassword(ctx, "admin", password)
	}
	if err != nil {
		return errors.Join(err, end())
	}
	served := make(chan error, 1)
	// Serves until end closes the listener; its error is awaited below.
	go func() { served <- room.Serve(ln) }()
	url := "http://" + ln.Addr().String()
	if err := answers(ctx, url+"/healthz", served); err != nil {
		return errors.Join(err, end())
	}
	fmt.Fprintf(con.out, "greenroom serves %s/admin/\n", url)
	switch {
	case generated:
		fmt.Fprintf(con.out, "Sign in as admin with the password %s (it is kept; --password sets another)\n", password)
	case password == "":
		fmt.Fprintln(con.out, "Sign in as admin with the password from before (--password sets another)")
	default:
		fmt.Fprintln(con.out, "Sign in as admin with the password you gave.")
	}
	fmt.Fprintln(con.out, "Ctrl-C drains and ends; twice ends at once.")
	select {
	case err = <-served:
		return errors.Join(err, end())
	case <-ctx.Done():
	}
	fmt.Fprintln(con.out, "Draining: jobs stop at their next row, pages reconnect when the server is back.")
	return errors.Join(end(), <-served)
}

// answers returns once the server really answers.
func answers(ctx context.Context, url string, served <-chan error) error {
	client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		answer, err := client.Do(request)
		if err == nil {
			_ = answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case err := <-served:
			return fmt.Errorf("the server ended before it answered: %w", err)
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func listenError(address string, err error) error {
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "listen" {
		if isInUse(err) {
			return fmt.Errorf("the address %s is in use by another program; choose another with --listen, or --listen 127.0.0.1:0 for a free one", address)
		}
	}
	return fmt.Errorf("cannot listen on %s (want HOST:PORT, such as 127.0.0.1:8080): %w", address, err)
}

func version(_ context.Context, con console, args []string) error {
	if len(args) > 0 {
		return usagef("unexpected argument %q", args[0])
	}
	text := "greenroom (unknown version)"
	if info, ok := debug.ReadBuildInfo(); ok {
		text = "greenroom " + info.Main.Version + " " + info.GoVersion
	}
	fmt.Fprintln(con.out, text)
	return nil
}
