package pages

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Level says how bad a finding is. With an error the admin does not start, or nobody should let it.
type Level string

// The levels.
const (
	LevelError   Level = "error"
	LevelWarning Level = "warning"
	LevelInfo    Level = "info"
)

// Finding is something about an admin that whoever runs it should know. docs/checks.md explains each ID.
type Finding struct {
	ID    string `json:"id"`
	Level Level  `json:"level"`
	// Place is where: a table and what of it, or a setting.
	Place string `json:"place"`
	Text  string `json:"text"`
	// Hint is what to do.
	Hint string `json:"hint"`
}

// String is a finding on a line.
func (f Finding) String() string {
	return fmt.Sprintf("%s %s: %s: %s (%s)", f.ID, f.Level, f.Place, f.Text, f.Hint)
}

// The IDs of findings. Those that are no longer used are not given again.
const (
	FindColumn      = "greenroom.A001"
	FindDeclaration = "greenroom.A002"
	FindTable       = "greenroom.A003"
	FindNoKey       = "greenroom.A010"
	FindSort        = "greenroom.A011"
	FindSkipped     = "greenroom.A012"
	FindPlugin      = "greenroom.A020"
	FindPluginOff   = "greenroom.A021"
	FindTemplate    = "greenroom.A030"
	FindSlot        = "greenroom.A072"
	FindNodes       = "greenroom.A073"
	FindPassword    = "greenroom.A080" //nolint:gosec // a name
	FindPlain       = "greenroom.A081"
	FindSilenced    = "greenroom.A090"
)

// FindingIDs lists them all, in order.
func FindingIDs() []string {
	return []string{FindColumn, FindDeclaration, FindTable, FindNoKey, FindSort, FindSkipped, FindPlugin, FindPluginOff, FindTemplate, FindSlot, FindNodes, FindPassword, FindPlain, FindSilenced}
}

// faulty is a fault of a declaration: an error for who starts the admin, a finding for who checks it.
type faulty struct {
	Finding
	err error
}

func (f *faulty) Error() string { return f.err.Error() }
func (f *faulty) Unwrap() error { return f.err }

// Faults takes an error of Prepare apart; whatever in it is no fault of a declaration gets the ID given.
func Faults(err error, id, hint string) []Finding {
	var found []Finding
	var walk func(err error)
	walk = func(err error) {
		var one *faulty
		joined, many := err.(interface{ Unwrap() []error })
		switch {
		case err == nil:
		case many:
			for _, inner := range joined.Unwrap() {
				walk(inner)
			}
		case errors.As(err, &one):
			found = append(found, one.Finding)
		default:
			found = append(found, Finding{id, LevelError, "the declaration", err.Error(), hint})
		}
	}
	walk(err)
	return found
}

// Findings is what can be said of a prepared site that works all the same. nodes is how many processes serve it, and shared tells that all of them
// remember jobs in one place.
func (s *Site) Findings(nodes int, shared bool) []Finding {
	var found []Finding
	acting := false
	for _, m := range s.Models {
		t := m.table()
		acting = acting || len(m.Actions) > 0
		if len(t.Key) == 0 && !t.View {
			found = append(found, Finding{FindNoKey, LevelInfo, t.ID(), "the table has no primary key, so that its rows can be read and not edited", "give it a primary key"})
		}
		if len(m.List.Sort) > 0 && len(m.order) > 0 {
			first := m.order[0].Column
			if c := t.Column(first); c != nil && !t.View && !c.Indexed && !c.Unique && c.KeyPart != 1 {
				found = append(found, Finding{
					FindSort, LevelWarning, t.ID() + ": List.Sort", fmt.Sprintf("the list is sorted by %q, which no index begins with: every page of it reads the whole table", first),
					fmt.Sprintf("CREATE INDEX on %s (%s), or sort by something else", t.Name, strings.Join(orderNames(m), ", ")),
				})
			}
		}
	}
	for _, p := range s.Plugins {
		if why := p.failed.Load(); why != nil {
			found = append(found, Finding{
				FindPluginOff, LevelWarning, fmt.Sprintf("plugin %q", p.Name), "the plugin is switched off: " + *why, "mend what its Ready stumbles over, and start again",
			})
		}
	}
	if nodes > 1 && acting && !shared {
		found = append(found, Finding{
			FindNodes, LevelInfo, "Config.Nodes", fmt.Sprintf("%d processes serve this admin, and jobs are remembered in a state file that other machines do not have", nodes),
			"remember them in the served database (Config.JobsInDB), or run one process",
		})
	}
	return found
}

func orderNames(m *Model) []string {
	var names []string
	for _, o := range m.order {
		names = append(names, o.Column)
	}
	return names
}

// Silence leaves out the findings whose IDs are named; errors stay. A name that is no ID is a finding itself.
func Silence(found []Finding, ids []string) []Finding {
	kept := slices.DeleteFunc(slices.Clone(found), func(f Finding) bool { return f.Level != LevelError && slices.Contains(ids, f.ID) })
	for _, id := range ids {
		if !slices.Contains(FindingIDs(), id) {
			kept = append(kept, Finding{FindSilenced, LevelWarning, "Config.SuppressChecks", fmt.Sprintf("%q is no ID of a finding", id), "take one of docs/checks.md"})
		}
	}
	return kept
}
