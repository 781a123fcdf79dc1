package greenroom

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/netip"
	"os"
	"slices"
	"strings"

	"greenroom/actors"
	grhttp "greenroom/http"
	"greenroom/jobs"
	grsql "greenroom/sql"
	"greenroom/widgets/pages"
)

// Levels of findings.
const (
	LevelError   = pages.LevelError
	LevelWarning = pages.LevelWarning
	LevelInfo    = pages.LevelInfo
)

// Check looks at a declaration without serving it, and returns everything that New would refuse or log, the worst first. listen is
// the address that the admin will be served on, "" where that is not known. A state of an older version is brought up to date, nothing else is written. The error is about what could not be looked at.
func Check(ctx context.Context, cfg Config, listen string) ([]Finding, error) {
	if cfg.DB == nil {
		return nil, errors.New("greenroom: Config.DB is not set; open one with greenroom.Open")
	}
	var found []Finding
	site := siteOf(cfg, grhttp.NewGuard(cfg.Decide))
	// What runs actions is part of a declaration that is in order; nothing is started by it.
	system := actors.New(actors.Config{Logger: slog.New(slog.DiscardHandler)})
	defer system.Close(ctx) //nolint:errcheck // nothing ran in it
	site.Jobs = jobs.NewSupervisor(system, jobs.Config{Log: slog.New(slog.DiscardHandler)})
	var err error
	site.Models, err = models(cfg)
	found = append(found, pages.Faults(err, pages.FindTable, "name a table that the database has")...)
	err = site.Prepare()
	found = append(found, pages.Faults(err, pages.FindDeclaration, "mend the declaration as the text says")...)
	found = append(found, about(cfg, site)...)
	reachable := false
	if listen != "" {
		at, err := netip.ParseAddrPort(strings.Replace(listen, "localhost:", "127.0.0.1:", 1))
		if strings.HasPrefix(listen, ":") {
			at, err = netip.ParseAddrPort("0.0.0.0" + listen)
		}
		if err != nil {
			return found, fmt.Errorf("greenroom: the address %q: %w", listen, err)
		}
		reachable = !at.Addr().IsLoopback()
		found = append(found, grhttp.CheckAddress(at.Addr(), cfg.Proxies, cfg.Insecure)...)
	}
	if _, err := os.Stat(cfg.State); cfg.State != "" && !errors.Is(err, fs.ErrNotExist) {
		state, err := grsql.OpenState(ctx, cfg.State)
		if err != nil {
			return found, err
		}
		weak, err := grhttp.CheckPasswords(ctx, state)
		for i := range weak {
			if reachable {
				weak[i].Level = LevelError
			}
		}
		found = append(found, weak...)
		if err = errors.Join(err, state.Close()); err != nil {
			return found, err
		}
	}
	return sorted(pages.Silence(found, cfg.SuppressChecks)), nil
}

// Findings is what Check says of the running admin.
func (r *Room) Findings(ctx context.Context) ([]Finding, error) {
	weak, err := grhttp.CheckPasswords(ctx, r.state)
	return sorted(pages.Silence(append(about(r.cfg, r.site), weak...), r.cfg.SuppressChecks)), err
}

// about is what can be said of a site and its database.
func about(cfg Config, site *pages.Site) []Finding {
	found := site.Findings(cfg.Nodes, cfg.JobsInDB)
	for name, why := range cfg.DB.Skipped() {
		found = append(found, Finding{ID: pages.FindSkipped, Level: LevelWarning, Place: name, Text: "the table is left out: " + why, Hint: "mend it in the database"})
	}
	return found
}

// sorted puts the worst first, and those of a kind together.
func sorted(found []Finding) []Finding {
	rank := []pages.Level{LevelError, LevelWarning, LevelInfo}
	slices.SortStableFunc(found, func(a, b Finding) int {
		if by := slices.Index(rank, a.Level) - slices.Index(rank, b.Level); by != 0 {
			return by
		}
		return strings.Compare(a.ID+a.Place, b.ID+b.Place)
	})
	return found
}

// tell logs findings.
func tell(log *slog.Logger, found []Finding) {
	for _, f := range found {
		level := slog.LevelWarn
		if f.Level == LevelInfo {
			level = slog.LevelInfo
		}
		log.Log(context.Background(), level, f.Text, "check", f.ID, "place", f.Place, "hint", f.Hint) //nolint:sloglint // findings are texts for people
	}
}

// siteOf is the part of a site that the configuration says outright.
func siteOf(cfg Config, guard *grhttp.Guard) *pages.Site {
	site := &pages.Site{
		Title: cfg.Title, Environment: cfg.Environment, Prefix: cfg.Prefix, Widgets: cfg.Widgets, Decider: guard, Files: cfg.Files,
		Templates: cfg.Templates, Nav: cfg.Nav, Plugins: plugged(cfg), Reserved: grhttp.Reserved(),
	}
	if site.Title == "" {
		site.Title = "greenroom"
	}
	if site.Prefix == "" {
		site.Prefix = "/admin"
	}
	return site
}
