package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	grhttp "greenroom/http"
	grsql "greenroom/sql"
)

// verb is something that "greenroom user" does.
type verb struct {
	name, args, summary string
	least, most         int // how many arguments; most < 0 means any number
	run                 func(ctx context.Context, con console, s *grsql.State, o userOptions, args []string) error
}

// userOptions are the flags of "greenroom user".
type userOptions struct {
	super, passwordStdin bool
}

func verbs() []verb {
	return []verb{
		{"list", "", "list users and groups, and what they may do", 0, 0, listUsers},
		{"add", "NAME [RIGHT…]", "add a user; the password is generated and printed unless it is given", 1, -1, addUser},
		{"passwd", "NAME", "give a user a new password, which signs them out everywhere", 1, 1, setPassword},
		{"grant", "NAME RIGHT…", "give a user, or a @group, more rights; a group is made when it is not there", 2, -1, grant},
		{"revoke", "NAME RIGHT…", "take rights away", 2, -1, revoke},
		{"join", "NAME @GROUP…", "put a user into groups", 2, -1, join},
		{"leave", "NAME @GROUP…", "take a user out of groups", 2, -1, leave},
		{"super", "NAME on|off", "let a user do everything, or no longer", 2, 2, setSuper},
		{"active", "NAME on|off", "let a user sign in, or no longer; off signs them out everywhere", 2, 2, setActive},
		{"factor-off", "NAME", "take away the second factor of somebody who has lost it", 1, 1, factorOff},
		{"token", "NAME", "make a token for greenroom console --url: it may do what the user may, for 30 days", 1, 1, addToken},
		{"tokens", "", "list the tokens that can be used", 0, 0, listTokens},
		{"untoken", "ID", "revoke a token, at once", 1, 1, revokeToken},
		{"remove", "NAME", "remove a user, or a @group", 1, 1, removeUser},
	}
}

// user manages who may sign in and what they may do. It works on the state, whether a server runs on it or not.
func user(ctx context.Context, con console, args []string) error {
	f := flags(con, "user", "Manage who may sign in, and what they may do.")
	about := f.Usage
	f.Usage = func() {
		fmt.Fprint(con.out, "Usage:\n")
		for _, v := range verbs() {
			fmt.Fprintf(con.out, "  greenroom user %-22s %s\n", strings.TrimSpace(v.name+" "+v.args), v.summary)
		}
		fmt.Fprint(con.out, "\nA right is a permission, app.verb_model with the verbs view, add, change and delete, such as main.view_orders;\n"+
			"or a pattern in which * stands for anything: '*.view_*' is to see everything, '*' to do everything.\n"+
			"A server that runs sees the change within a second, and loads the pages again that are open.\n\n")
		about()
	}
	var o userOptions
	state := f.String("state", "", "`FILE` that keeps the users: what was given to serve or demo as --state")
	dsn := f.String("db", "", "`DSN` of the served database, when its state is where serve puts it by default")
	f.BoolVar(&o.super, "super", false, "add: a user who may do everything")
	f.BoolVar(&o.passwordStdin, "password-stdin", false, "add, passwd: read the password from the standard input, one line")
	words, err := mixed(f, args)
	if err != nil {
		return err
	}
	if len(words) == 0 {
		return usagef("say what to do: %s", verbNames())
	}
	at := slices.IndexFunc(verbs(), func(v verb) bool { return v.name == words[0] })
	if at < 0 {
		return usagef("unknown command %q: want %s", words[0], verbNames())
	}
	v := verbs()[at]
	if n := len(words) - 1; n < v.least || v.most >= 0 && n > v.most {
		return usagef("want: greenroom user %s %s", v.name, v.args)
	}
	file, err := existingState(*state, *dsn)
	if err != nil {
		return err
	}
	s, err := grsql.OpenState(ctx, file)
	if err != nil {
		return err
	}
	return errors.Join(plain(v.run(ctx, con, s, o, words[1:])), s.Close())
}

func verbNames() string {
	var names []string
	for _, v := range verbs() {
		names = append(names, v.name)
	}
	return strings.Join(names, ", ")
}

// mixed parses flags that may stand before, between and after the words.
func mixed(f *flag.FlagSet, args []string) (words []string, err error) {
	for {
		if err := f.Parse(args); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				return nil, err
			}
			return nil, usagef("%v", err)
		}
		if f.NArg() == 0 {
			return words, nil
		}
		words = append(words, f.Arg(0))
		args = f.Args()[1:]
	}
}

// existingState is the state file that the flags name. It must be there: a mistyped name would make a new one that no server looks at.
func existingState(state, dsn string) (string, error) {
	switch {
	case state == "" && dsn == "":
		return "", usagef("name the state with --state FILE, or the served database with --db DSN")
	case state != "" && dsn != "":
		return "", usagef("--state and --db name the same thing; give one of them")
	case state == "":
		var err error
		if state, err = stateOf(dsn); err != nil {
			return "", err
		}
	}
	if _, err := os.Stat(pathOf(state)); err != nil {
		return "", fmt.Errorf("there is no state at %s; start the server once, or name another with --state: %w", state, err)
	}
	return state, nil
}

// plain says in our words what does not exist.
func plain(err error) error {
	switch {
	case errors.Is(err, grsql.ErrNoUser):
		return fmt.Errorf("there is no user of that name; 'greenroom user list' shows all: %w", err)
	case errors.Is(err, grsql.ErrNoGroup):
		return fmt.Errorf("there is no group of that name; 'greenroom user grant @NAME RIGHT' makes one: %w", err)
	}
	return err
}

func listUsers(ctx context.Context, con console, s *grsql.State, _ userOptions, _ []string) error {
	accounts, err := s.Accounts(ctx)
	if err != nil {
		return err
	}
	groups, err := s.Groups(ctx)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(con.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "USER\tSTATUS\tLAST SEEN\tGROUPS\tRIGHTS")
	for _, a := range accounts {
		status := "active"
		switch {
		case !a.Active:
			status = "inactive"
		case !a.Staff:
			status = "not staff"
		case a.Super:
			status = "superuser"
		}
		seen := "never"
		if !a.Seen.IsZero() {
			seen = a.Seen.Format("2006-01-02 15:04")
		}
		rights := strings.Join(a.Own, " ")
		if a.Super {
			rights = "everything"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", a.Name, status, seen, dash(atEach(a.Groups)), dash(rights))
	}
	for _, g := range groups {
		fmt.Fprintf(w, "@%s\tgroup\t\t%s\t%s\n", g.Name, dash(strings.Join(g.Members, " ")), dash(strings.Join(g.Rights, " ")))
	}
	return w.Flush()
}

func atEach(names []string) string {
	var all []string
	for _, name := range names {
		all = append(all, "@"+name)
	}
	return strings.Join(all, " ")
}

func dash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

func addUser(ctx context.Context, con console, s *grsql.State, o userOptions, args []string) error {
	name, rights := args[0], args[1:]
	if strings.HasPrefix(name, "@") {
		return usagef("a name that begins with @ is a group's; make one with: greenroom user grant %s RIGHT", name)
	}
	if err := checkRights(rights); err != nil {
		return err
	}
	if _, err := s.UserByName(ctx, name); err == nil {
		return fmt.Errorf("there is a user %q already; 'greenroom user passwd' gives a new password", name)
	} else if !errors.Is(err, grsql.ErrNoUser) {
		return err
	}
	password, generated, err := o.secret()
	if err != nil {
		return err
	}
	if err := s.PutUser(ctx, grsql.User{Name: name, Password: grhttp.HashPassword(password), Super: o.super}); err != nil {
		return err
	}
	if err := s.SetUserRights(ctx, name, rights, nil); err != nil {
		return err
	}
	fmt.Fprintf(con.out, "Added %s.\n", name)
	tellPassword(con, password, generated)
	if len(rights) == 0 && !o.super {
		fmt.Fprintf(con.out, "%s may sign in and sees nothing yet: greenroom user grant %s '*.view_*' lets them see every table.\n", name, name)
	}
	return nil
}

func tellPassword(con console, password string, generated bool) {
	if generated {
		fmt.Fprintf(con.out, "The password is %s (it is not shown again).\n", password)
	}
}

// secret is the password for a user: from the standard input if so asked, else from the environment, else a random one.
func (o userOptions) secret() (password string, generated bool, err error) {
	password = os.Getenv("GREENROOM_PASSWORD")
	if o.passwordStdin {
		line, err := bufio.NewReader(io.LimitReader(os.Stdin, 4096)).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return "", false, fmt.Errorf("read the password: %w", err)
		}
		password = strings.TrimRight(line, "\r\n")
		if password == "" {
			return "", false, usagef("--password-stdin: the standard input is empty")
		}
	}
	if password == "" {
		return rand.Text()[:16], true, nil
	}
	if n := len([]rune(password)); n < 8 {
		return "", false, usagef("the password has %d characters; use at least 8", n)
	}
	return password, false, nil
}

func setPassword(ctx context.Context, con console, s *grsql.State, o userOptions, args []string) error {
	u, err := s.UserByName(ctx, args[0])
	if err != nil {
		return err
	}
	password, generated, err := o.secret()
	if err != nil {
		return err
	}
	u.Password = grhttp.HashPassword(password)
	if err := s.PutUser(ctx, u); err != nil {
		return err
	}
	fmt.Fprintf(con.out, "%s has a new password and is signed out everywhere.\n", u.Name)
	tellPassword(con, password, generated)
	return nil
}

func checkRights(words []string) error {
	for _, word := range words {
		if err := grsql.CheckRight(word); err != nil {
			return usagef("%s", strings.TrimPrefix(err.Error(), "sql: "))
		}
	}
	return nil
}

func grant(ctx context.Context, con console, s *grsql.State, _ userOptions, args []string) error {
	return changeRights(ctx, con, s, args, func(has, words []string) []string {
		for _, word := range words {
			if !slices.Contains(has, word) {
				has = append(has, word)
			}
		}
		slices.Sort(has)
		return has
	}, true)
}

func revoke(ctx context.Context, con console, s *grsql.State, _ userOptions, args []string) error {
	return changeRights(ctx, con, s, args, func(has, words []string) []string {
		return slices.DeleteFunc(has, func(word string) bool { return slices.Contains(words, word) })
	}, false)
}

// changeRights applies change to the rights of a user or group and says what they are then.
func changeRights(ctx context.Context, con console, s *grsql.State, args []string, change func(has, words []string) []string, makes bool) error {
	name, words := args[0], args[1:]
	if err := checkRights(words); err != nil {
		return err
	}
	if group, ok := strings.CutPrefix(name, "@"); ok {
		g, err := groupOf(ctx, s, group)
		if err != nil && !(makes && errors.Is(err, grsql.ErrNoGroup)) {
			return err
		}
		rights := change(g.Rights, words)
		if err := s.PutGroup(ctx, group, rights); err != nil {
			return err
		}
		fmt.Fprintf(con.out, "@%s holds: %s\n", group, dash(strings.Join(rights, " ")))
		return nil
	}
	a, err := accountOf(ctx, s, name)
	if err != nil {
		return err
	}
	rights := change(a.Own, words)
	if err := s.SetUserRights(ctx, name, rights, a.Groups); err != nil {
		return err
	}
	fmt.Fprintf(con.out, "%s holds: %s\n", a.Name, dash(strings.Join(rights, " ")))
	if a.Super {
		fmt.Fprintf(con.out, "%s is a superuser and may do everything anyway.\n", a.Name)
	}
	return nil
}

func accountOf(ctx context.Context, s *grsql.State, name string) (grsql.Account, error) {
	all, err := s.Accounts(ctx)
	if err != nil {
		return grsql.Account{}, err
	}
	for _, a := range all {
		if strings.EqualFold(a.Name, name) {
			return a, nil
		}
	}
	return grsql.Account{}, fmt.Errorf("%w: %q", grsql.ErrNoUser, name)
}

func groupOf(ctx context.Context, s *grsql.State, name string) (grsql.Group, error) {
	all, err := s.Groups(ctx)
	if err != nil {
		return grsql.Group{}, err
	}
	for _, g := range all {
		if strings.EqualFold(g.Name, name) {
			return g, nil
		}
	}
	return grsql.Group{}, fmt.Errorf("%w: %q", grsql.ErrNoGroup, name)
}

func join(ctx context.Context, con console, s *grsql.State, _ userOptions, args []string) error {
	return changeGroups(ctx, con, s, args, func(has []string, group string) []string { return append(has, group) })
}

func leave(ctx context.Context, con console, s *grsql.State, _ userOptions, args []string) error {
	return changeGroups(ctx, con, s, args, func(has []string, group string) []string {
		return slices.DeleteFunc(has, func(one string) bool { return strings.EqualFold(one, group) })
	})
}

func changeGroups(ctx context.Context, con console, s *grsql.State, args []string, change func(has []string, group string) []string) error {
	a, err := accountOf(ctx, s, args[0])
	if err != nil {
		return err
	}
	groups := a.Groups
	for _, word := range args[1:] {
		group, ok := strings.CutPrefix(word, "@")
		if !ok {
			return usagef("%q is no group: a group's name begins with @", word)
		}
		if _, err := groupOf(ctx, s, group); err != nil {
			return err
		}
		groups = change(groups, group)
	}
	if err := s.SetUserRights(ctx, a.Name, a.Own, groups); err != nil {
		return err
	}
	fmt.Fprintf(con.out, "%s is in: %s\n", a.Name, dash(atEach(groups)))
	return nil
}

func onOff(word string) (bool, error) {
	switch word {
	case "on":
		return true, nil
	case "off":
		return false, nil
	}
	return false, usagef("%q: want on or off", word)
}

func setSuper(ctx context.Context, con console, s *grsql.State, _ userOptions, args []string) error {
	on, err := onOff(args[1])
	if err != nil {
		return err
	}
	u, err := s.UserByName(ctx, args[0])
	if err != nil {
		return err
	}
	if err := s.SetUser(ctx, u.Name, on, u.Active, u.Staff); err != nil {
		return err
	}
	fmt.Fprintf(con.out, "%s is %s superuser.\n", u.Name, map[bool]string{true: "a", false: "no"}[on])
	return nil
}

func setActive(ctx context.Context, con console, s *grsql.State, _ userOptions, args []string) error {
	on, err := onOff(args[1])
	if err != nil {
		return err
	}
	u, err := s.UserByName(ctx, args[0])
	if err != nil {
		return err
	}
	if err := s.SetUser(ctx, u.Name, u.Super, on, u.Staff); err != nil {
		return err
	}
	fmt.Fprintf(con.out, "%s %s.\n", u.Name, map[bool]string{true: "may sign in", false: "may not sign in any more"}[on])
	return nil
}

func factorOff(ctx context.Context, con console, s *grsql.State, _ userOptions, args []string) error {
	err := s.EndFactor(ctx, args[0])
	if errors.Is(err, grsql.ErrNoFactor) {
		return fmt.Errorf("%s has no second factor", args[0])
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(con.out, "%s signs in with the password alone now.\n", args[0])
	return nil
}

func removeUser(ctx context.Context, con console, s *grsql.State, _ userOptions, args []string) error {
	name := args[0]
	remove := s.DeleteUser
	if group, ok := strings.CutPrefix(name, "@"); ok {
		name, remove = group, s.DeleteGroup
	}
	if err := remove(ctx, name); err != nil {
		return err
	}
	fmt.Fprintf(con.out, "Removed %s.\n", args[0])
	return nil
}
