// Command greenroom runs an admin: of a shop that it makes itself (demo), or of any existing database (serve). It also measures what that costs (bench).
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

// command is a subcommand: what it is called, what --help says, and what it does.
type command struct {
	name, args, summary string
	run                 func(ctx context.Context, io console, args []string) error
}

// console is where a command talks to a person.
type console struct {
	out, err io.Writer
}

func commands() []command {
	return []command{
		{"demo", "[flags]", "serve a shop that is generated on the spot, on embedded SQLite", demo},
		{"serve", "--db DSN [flags]", "serve an admin of an existing database", serve},
		{"console", "[flags]", "look into a running room: actors, jobs, sessions, failures", desk},
		{"check", "--db DSN [flags]", "tell what is wrong with an admin, or could be better", check},
		{"user", "COMMAND [flags]", "manage who may sign in, and what they may do", user},
		{"bench", "SCENARIO [flags]", "measure greenroom on this machine: connect, event, fanout, stall, list, job, mixed, all", bench},
		{"version", "", "print the version", version},
	}
}

// errUsage marks an error of how the command was called: exit code 2, and a pointer to --help.
var errUsage = errors.New("usage")

func usagef(format string, args ...any) error {
	return fmt.Errorf("%w: %s", errUsage, fmt.Sprintf(format, args...))
}

func main() {
	// The first signal drains; a second one ends the process at once, since its handling is undone by then.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, console{os.Stdout, os.Stderr}, os.Args[1:]))
}

// run does what args say and returns the exit code: 0 done, 1 failed, 2 called wrongly.
func run(ctx context.Context, con console, args []string) int {
	if len(args) == 0 {
		help(con.err)
		return 2
	}
	switch args[0] {
	case "help", "-h", "-help", "--help":
		help(con.out)
		return 0
	}
	for _, c := range commands() {
		if c.name != args[0] {
			continue
		}
		err := c.run(ctx, con, args[1:])
		switch {
		case err == nil, errors.Is(err, flag.ErrHelp):
			return 0
		case errors.Is(err, errAttention):
			return 1
		case errors.Is(err, errUsage):
			fmt.Fprintf(con.err, "greenroom %s: %s\nRun 'greenroom %s --help' for its flags.\n", c.name, strings.TrimPrefix(err.Error(), "usage: "), c.name)
			return 2
		default:
			fmt.Fprintf(con.err, "greenroom %s: %v\n", c.name, err)
			return 1
		}
	}
	fmt.Fprintf(con.err, "greenroom: unknown command %q\n\n", args[0])
	help(con.err)
	return 2
}

func help(w io.Writer) {
	fmt.Fprint(w, "greenroom is a live admin for SQL databases.\n\nUsage:\n")
	for _, c := range commands() {
		fmt.Fprintf(w, "  greenroom %-28s %s\n", strings.TrimSpace(c.name+" "+c.args), c.summary)
	}
	fmt.Fprint(w, "\nRun 'greenroom COMMAND --help' for a command's flags.\n")
}

// flags makes a command's flag set: it prints what is wrong once, in our words, and --help to where a person asked for it.
func flags(con console, name, about string) *flag.FlagSet {
	f := flag.NewFlagSet(name, flag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.Usage = func() {
		fmt.Fprintf(con.out, "%s\n\nFlags:\n", about)
		f.VisitAll(func(one *flag.Flag) {
			kind, text := flag.UnquoteUsage(one)
			fmt.Fprintf(con.out, "  --%-24s %s", strings.TrimSpace(one.Name+" "+kind), text)
			if one.DefValue != "" && one.DefValue != "false" && one.DefValue != "0s" {
				fmt.Fprintf(con.out, " (default %s)", one.DefValue)
			}
			fmt.Fprintln(con.out)
		})
	}
	return f
}

func parse(f *flag.FlagSet, args []string) error {
	if err := f.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return err
		}
		return usagef("%v", err)
	}
	if f.NArg() > 0 {
		return usagef("unexpected argument %q", f.Arg(0))
	}
	return nil
}
