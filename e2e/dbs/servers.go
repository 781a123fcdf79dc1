package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	grsql "greenroom/sql"
)

// servers are a PostgreSQL and a MariaDB: where their data is, their processes, and how to reach them.
type servers struct {
	dir             string
	postgres, mysql int // process IDs, 0 for one that was not started
	postgresDSN     string
	mysqlDSN        string
}

func (s *servers) exports() string {
	return fmt.Sprintf("export GREENROOM_POSTGRES='%s'\nexport GREENROOM_MYSQL='%s'\n", s.postgresDSN, s.mysqlDSN)
}

// text is what the record holds: lines that a shell can read, and for ourselves the rest as comments.
func (s *servers) text() string {
	return fmt.Sprintf("# dir %s\n# postgres %d\n# mysql %d\n%s", s.dir, s.postgres, s.mysql, s.exports())
}

func parse(text string) (*servers, error) {
	s := &servers{}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		name, value, _ := strings.Cut(strings.TrimPrefix(line, "# "), " ")
		var err error
		switch {
		case name == "dir":
			s.dir = value
		case name == "postgres":
			s.postgres, err = strconv.Atoi(value)
		case name == "mysql":
			s.mysql, err = strconv.Atoi(value)
		case strings.HasPrefix(value, "GREENROOM_POSTGRES="):
			s.postgresDSN = strings.Trim(strings.TrimPrefix(value, "GREENROOM_POSTGRES="), "'")
		case strings.HasPrefix(value, "GREENROOM_MYSQL="):
			s.mysqlDSN = strings.Trim(strings.TrimPrefix(value, "GREENROOM_MYSQL="), "'")
		}
		if err != nil {
			return nil, err
		}
	}
	if s.dir == "" || s.postgresDSN == "" || s.mysqlDSN == "" {
		return nil, errors.New("a line is missing")
	}
	return s, nil
}

// answers reports whether both let us in.
func (s *servers) answers(ctx context.Context) bool {
	return opens(ctx, s.postgresDSN) == nil && opens(ctx, s.mysqlDSN) == nil
}

func opens(ctx context.Context, dsn string) error {
	db, err := grsql.Connect(ctx, dsn, grsql.Config{})
	if err != nil {
		return err
	}
	return db.Close()
}

func startServers(ctx context.Context) (*servers, error) {
	s := &servers{}
	var err error
	if s.dir, err = os.MkdirTemp("", "greenroom-dbs-"); err != nil {
		return s, err
	}
	// Other users run the servers when root starts them; what is inside is closed again.
	if err := os.Chmod(s.dir, 0o755); err != nil { //nolint:gosec // see above
		return s, err
	}
	if err := s.startPostgres(ctx); err != nil {
		return s, fmt.Errorf("PostgreSQL: %w", err)
	}
	if err := s.startMySQL(ctx); err != nil {
		return s, fmt.Errorf("MariaDB: %w", err)
	}
	return s, nil
}

func (s *servers) startPostgres(ctx context.Context) error {
	initdb, err := find("initdb", "/usr/lib/postgresql/*/bin/initdb")
	if err != nil {
		return err
	}
	server, err := find("postgres", "/usr/lib/postgresql/*/bin/postgres")
	if err != nil {
		return err
	}
	dir, err := s.folder("postgres", "postgres")
	if err != nil {
		return err
	}
	password, port := rand.Text(), freePort()
	secret := filepath.Join(dir, "password")
	if err := os.WriteFile(secret, []byte(password+"\n"), 0o644); err != nil { //nolint:gosec // initdb is another user; the folder is closed to the rest
		return err
	}
	data := filepath.Join(dir, "data")
	if err := run(ctx, "postgres", dir, initdb, "-D", data, "-U", "greenroom", "--pwfile="+secret, "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "-N"); err != nil {
		return err
	}
	s.postgres, err = launch("postgres", dir, server, "-D", data, "-p", port, "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
		"-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off", "-c", "max_connections=300")
	if err != nil {
		return err
	}
	s.postgresDSN = "postgres://greenroom:" + password + "@127.0.0.1:" + port + "/postgres?sslmode=disable"
	return await(ctx, s.postgresDSN, filepath.Join(dir, "log"))
}

func (s *servers) startMySQL(ctx context.Context) error {
	install, err := find("mariadb-install-db")
	if err != nil {
		return err
	}
	server, err := find("mariadbd", "/usr/sbin/mariadbd")
	if err != nil {
		return err
	}
	dir, err := s.folder("mysql", "mysql")
	if err != nil {
		return err
	}
	password, port := rand.Text(), freePort()
	data, first := filepath.Join(dir, "data"), filepath.Join(dir, "first.sql")
	text := "CREATE USER greenroom@'127.0.0.1' IDENTIFIED BY '" + password + "';\nGRANT ALL ON *.* TO greenroom@'127.0.0.1' WITH GRANT OPTION;\nCREATE DATABASE greenroom;\n"
	if err := os.WriteFile(first, []byte(text), 0o644); err != nil { //nolint:gosec // the server is another user; the folder is closed to the rest
		return err
	}
	if err := run(ctx, "mysql", dir, install, "--no-defaults", "--datadir="+data, "--tmpdir="+dir, "--skip-test-db",
		"--auth-root-authentication-method=normal"); err != nil {
		return err
	}
	s.mysql, err = launch("mysql", dir, server, "--no-defaults", "--datadir="+data, "--tmpdir="+dir, "--port="+port, "--bind-address=127.0.0.1",
		"--socket="+filepath.Join(dir, "s"), "--pid-file="+filepath.Join(dir, "pid"), "--init-file="+first, "--skip-name-resolve", "--innodb-flush-log-at-trx-commit=0", "--max-connections=300",
		"--character-set-server=utf8mb4", "--collation-server=utf8mb4_general_ci")
	if err != nil {
		return err
	}
	s.mysqlDSN = "mysql://greenroom:" + password + "@127.0.0.1:" + port + "/greenroom"
	return await(ctx, s.mysqlDSN, filepath.Join(dir, "log"))
}

// end stops what was started and removes the data.
func (s *servers) end(ctx context.Context) error {
	var faults []error
	for pid, signal := range map[int]syscall.Signal{s.postgres: syscall.SIGINT, s.mysql: syscall.SIGTERM} { // PostgreSQL's fast shutdown; MariaDB's usual one
		if pid == 0 || !ours(pid) {
			continue
		}
		if err := syscall.Kill(pid, signal); err != nil {
			faults = append(faults, fmt.Errorf("stop process %d: %w", pid, err))
			continue
		}
		for alive(pid) {
			select {
			case <-ctx.Done():
				return fmt.Errorf("process %d does not end: %w", pid, ctx.Err())
			case <-time.After(20 * time.Millisecond):
			}
		}
	}
	if s.dir != "" && len(faults) == 0 {
		faults = append(faults, os.RemoveAll(s.dir))
	}
	return errors.Join(faults...)
}

// alive reports whether a process runs. One that has ended and that nobody waited for, as in a container without an init, is no more.
func alive(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	var status syscall.WaitStatus
	if done, err := syscall.Wait4(pid, &status, syscall.WNOHANG, nil); err == nil && done == pid {
		return false
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err != nil || !strings.Contains(string(stat), ") Z ")
}

// ours guards against a process ID that belongs to another program by now.
func ours(pid int) bool {
	line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	return err == nil && strings.Contains(string(line), "greenroom-dbs-") && alive(pid)
}

// find is a program in PATH, else the last match of the patterns: the newest version where several are installed.
func find(name string, patterns ...string) (string, error) {
	for _, pattern := range patterns {
		if found, err := filepath.Glob(pattern); err == nil && len(found) > 0 {
			slices.Sort(found)
			return found[len(found)-1], nil
		}
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return "", fmt.Errorf("the program %s is missing; on Debian: apt-get install postgresql mariadb-server", name)
	}
	return path, nil
}

// folder makes a folder that belongs to the user who runs the server.
func (s *servers) folder(name, owner string) (string, error) {
	dir := filepath.Join(s.dir, name)
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", err
	}
	who := account(owner)
	if who == nil {
		return dir, nil
	}
	return dir, os.Chown(dir, int(who.Uid), int(who.Gid))
}

// account is whom root runs a server as, since neither server wants to be root: the package's own user, or nobody. Others run it themselves.
func account(name string) *syscall.Credential {
	if os.Getuid() != 0 {
		return nil
	}
	for _, name := range []string{name, "nobody"} {
		found, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, errUID := strconv.ParseUint(found.Uid, 10, 32)
		gid, errGID := strconv.ParseUint(found.Gid, 10, 32)
		if errUID == nil && errGID == nil {
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		}
	}
	return nil
}

func run(ctx context.Context, as, dir, program string, args ...string) error {
	c := exec.CommandContext(ctx, program, args...) //nolint:gosec // programs that this package found
	c.Dir, c.SysProcAttr = dir, &syscall.SysProcAttr{Credential: account(as)}
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", filepath.Base(program), err, out)
	}
	return nil
}

// launch starts a server that outlives us, in a session of its own, so that a Ctrl-C meant for the tests does not reach it.
func launch(as, dir, program string, args ...string) (int, error) {
	log, err := os.OpenFile(filepath.Join(dir, "log"), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o644) //nolint:gosec // the folder is closed
	if err != nil {
		return 0, err
	}
	defer log.Close()                   //nolint:errcheck // the server has its own handle
	c := exec.Command(program, args...) //nolint:gosec,noctx // a program that this package found; it is to outlive every context
	c.Dir, c.Stdout, c.Stderr = dir, log, log
	c.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Credential: account(as)}
	if err := c.Start(); err != nil {
		return 0, err
	}
	pid := c.Process.Pid // which Release forgets
	return pid, c.Process.Release()
}

// await returns when a server lets us in.
func await(ctx context.Context, dsn, log string) error {
	for {
		err := opens(ctx, dsn)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			text, _ := os.ReadFile(log)
			return fmt.Errorf("it does not answer: %w\n%s", err, text)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// freePort asks the system for one; that another program takes it in the meantime is possible and not likely.
func freePort() string {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "0"
	}
	defer ln.Close() //nolint:errcheck // it was only asked for its number
	return strconv.Itoa(ln.Addr().(*net.TCPAddr).Port)
}
