package greenroom_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"greenroom/internal/arch"
)

// ladder says which packages of this module each package may import. It is written top to bottom; nothing imports upwards. session and jobs
// never import each other: they meet on a topic.
var ladder = map[string][]string{
	".":                     {"console", "files", "http", "http/client", "session", "sql", "widgets/pages", "jobs", "widgets", "widgets/lang", "widgets/view", "actors"},
	"http":                  {"console", "http/client", "session", "sql", "widgets/pages", "jobs", "widgets", "widgets/lang", "widgets/view", "actors"},
	"http/client":           {},
	"files":                 {"widgets"},
	"telemetry":             {"widgets"},
	"session":               {"widgets", "widgets/view", "actors"},
	"sql":                   {"jobs", "widgets"},
	"sql/sqltest":           {"sql", "jobs", "widgets"},
	"widgets/pages":         {"console", "jobs", "widgets", "widgets/lang", "widgets/view", "actors"},
	"console":               {"jobs", "widgets", "actors"},
	"jobs":                  {"widgets", "widgets/view", "actors"},
	"jobs/jobstest":         {"jobs", "widgets", "actors"},
	"widgets":               {"widgets/lang", "widgets/view", "actors"},
	"widgets/lang":          {},
	"widgets/view":          {},
	"widgets/view/viewtest": {"widgets/view"},
	"actors":                {},
	"internal/arch":         {},
}

// free are the folders of programs and of what tests are made with: they import what they need.
var free = []string{"cmd", "examples", "e2e", "bench", "greenroomtest", "internal"}

// suites are what engines and stores are tested with: they stand on the ladder like the package they test, and are as free as
// tests otherwise.
var suites = []string{"sql/sqltest", "jobs/jobstest", "widgets/view/viewtest"}

// owners says which package alone talks to a module of other people. A module that is not listed may still have one importer only.
var owners = map[string]string{
	"github.com/asynkron/protoactor-go":  "actors",
	"github.com/valyala/fasthttp":        "http",
	"github.com/fasthttp/websocket":      "http",
	"github.com/Masterminds/squirrel":    "sql",
	"modernc.org/sqlite":                 "sql",
	"github.com/jackc/pgx/v5":            "sql",
	"github.com/go-sql-driver/mysql":     "sql",
	"github.com/gabriel-vasile/mimetype": "widgets/pages",
	"golang.org/x/text":                  "widgets/lang",
	"github.com/pquerna/otp":             "http",
	"github.com/boombuler/barcode":       "http",
	"go.opentelemetry.io/otel":           "telemetry",
	"go.opentelemetry.io/otel/trace":     "telemetry",
}

// goroutines says where they may start, and why there. Whoever adds a line adds it to docs/goroutines.md too: when it ends, and who waits for that.
var goroutines = map[string]string{
	"actors/crew.go":            "an actor with messages runs its mailbox",
	"console/socket.go":         "one a terminal or script that watches",
	"operate.go":                "serves the console's socket",
	"jobs/job.go":               "an action's body, and what it runs beside itself",
	"jobs/remember.go":          "writes what becomes of runs to the store",
	"jobs/each.go":              "calls of Each that run side by side",
	"http/listen.go":            "the server's loop and the timing wheel of its sockets",
	"http/socket.go":            "one reader a socket; a writer while a socket is full",
	"session/registry.go":       "lends the actors' goroutines to the sockets",
	"standing.go":               "watches the state for changes by other processes",
	"room.go":                   "watches the database for changes by other programs",
	"widgets/hub.go":            "Wait turns the end of all tasks into a channel",
	"widgets/pages/together.go": "reads that do not depend on each other run side by side",
	"widgets/task.go":           "handlers run outside their actor",
}

func TestArchitecture(t *testing.T) {
	t.Parallel()
	tree, err := arch.Load(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	paths, err := tree.Paths()
	if err != nil {
		t.Fatal(err)
	}
	snippets, err := tree.Snippets([]string{"examples"})
	if err != nil {
		t.Fatal(err)
	}
	for rule, faults := range map[string][]string{
		"imports go down the ladder":             tree.Ladder(ladder, free),
		"a module of other people has one owner": tree.Owners(owners, slices.Concat(suites, free)),
		"goroutines start in few places":         tree.Goroutines(goroutines, slices.Concat(suites, free)),
		"nothing registers itself":               tree.Inits(),
		"a package says what it owns":            tree.Comments(),
		"files named in the documents exist":     paths,
		"code in the documents is built":         snippets,
	} {
		t.Run(strings.ReplaceAll(rule, " ", "_"), func(t *testing.T) {
			for _, fault := range faults {
				t.Error(fault)
			}
		})
	}
	for _, long := range tree.Long(500, free) {
		t.Log(long) // an aim, not a rule
	}
}
