package greenroom

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"greenroom/actors"
	"greenroom/console"
	grhttp "greenroom/http"
	"greenroom/jobs"
	"greenroom/session"
	grsql "greenroom/sql"
	"greenroom/widgets"
	"greenroom/widgets/pages"
)

// Config is what a Room is made of. DB and State must be set; the zero value of everything else works.
type Config struct {
	// DB is the database that is administered.
	DB *Database
	// State is the file in which the admin keeps what is its own: users, sign-ins, its secret. It is made when it is not there.
	State string
	// JobsInDB remembers runs of actions in DB instead of State, in tables of its own that are named greenroom_*. Job.Tx needs it.
	JobsInDB bool
	// Lease is how long jobs of a process that died wait until another takes them over. Zero means 10 s.
	Lease time.Duration
	// Languages are those that the pages speak; a person gets the one that they chose on the page of their account, else what their browser asks for,
	// else the first. Nil means English and German. English() is built in, German() too; ReadLanguage reads another one.
	Languages []*Language
	// Title stands in the corner and in the document's title. Empty means the database's name.
	Title string
	// Files keeps what people upload into columns of Form.Files; Directory makes one. Nil means that nothing can be uploaded. Whoever made it closes it.
	Files FileStore
	// Environment is a short label beside the title, such as "demo" or "staging".
	Environment string
	// Prefix is the path below which the admin stands. Empty means /admin.
	Prefix string
	// Models refine tables, and come first in the navigation, in this order.
	Models []Model
	// Only leaves out every table that has no Model.
	Only bool
	// Widgets stand on the dashboard.
	Widgets []Widget
	// Nav are further entries of the navigation, below the tables.
	Nav []NavItem
	// Plugins add pages, entries and cards, in this order.
	Plugins []Plugin
	// Templates holds files in place of the built-in ones, by their names in widgets/pages/templates: list.html. Those that it lacks are built in. They are
	// parsed, and their fields checked, when the admin starts. See docs/templates.md.
	Templates fs.FS
	// Decide replaces the built-in rules of who may do what. Nil means: a superuser may do everything, anybody else what their rights say.
	Decide Decider
	// Watch is how often changes of the database by other programs are looked for. Zero means every 100 ms, less than zero never.
	Watch time.Duration
	// Hosts are the names under which the admin answers. None means any, but on a loopback address only names such as localhost, so that no other
	// site's name can be made to lead to it (DNS rebinding).
	Hosts []string
	// Proxies are the addresses of proxies in front, whose word on who asks and whether TLS is used is believed: "127.0.0.1/32".
	Proxies []netip.Prefix
	// Limits bound how many pages may be open. The zero Limits are the built-in ones.
	Limits Limits
	// Console is the Unix socket at which greenroom console asks; only the user that this process runs as can open it. Empty means the state file's
	// name with .sock at its end, "-" none.
	Console string
	// SecondFactor asks superusers for a second factor: until one has it, the page of their account is all that they can open.
	SecondFactor bool
	// Insecure lets people sign in over connections that are neither encrypted nor of this machine.
	Insecure bool
	// Nodes is how many processes serve this admin. Zero means one.
	Nodes int
	// SuppressChecks are IDs of findings that are neither logged nor returned, such as greenroom.A010; errors always are.
	SuppressChecks []string
	// Tracer is told of each event, what its handler did in the database, and the patch; telemetry.OpenTelemetry makes one. Nil means that nobody is.
	Tracer Tracer
	// Log is where everything is told that no page shows. Nil means slog.Default.
	Log *slog.Logger
}

// Room is a running admin.
type Room struct {
	log      *slog.Logger
	cfg      Config
	db       *Database
	site     *pages.Site
	system   *actors.System
	hub      *widgets.Hub
	jobs     *jobs.Supervisor
	sessions *session.Registry
	console  *console.Console
	tail     *console.Tail
	state    *grsql.State
	gate     *grhttp.Gate
	endWatch context.CancelFunc
	endDesk  context.CancelFunc // of the console's socket
	// endStanding ends the watch for what other processes change of people.
	endStanding context.CancelFunc
	watching    sync.WaitGroup
	plugins     []Plugin // that have to be closed
	hooked      []*grsql.Table
	closing     sync.Once
	closed      error
}

// New checks the whole declaration and starts the runtime; nothing is served until Handle or Serve. The error joins every fault that was found.
func New(ctx context.Context, cfg Config) (*Room, error) {
	if cfg.DB == nil {
		return nil, errors.New("greenroom: Config.DB is not set; open one with greenroom.Open")
	}
	if cfg.State == "" {
		return nil, errors.New("greenroom: Config.State is not set; name a file for the admin's own users and secret, such as admin-state.db")
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	if cfg.Prefix == "" {
		cfg.Prefix = "/admin"
	}
	tail := &console.Tail{}
	cfg.Log = tail.Listen(cfg.Log)
	cfg.Prefix = strings.TrimSuffix(cfg.Prefix, "/")
	if cfg.Watch == 0 {
		cfg.Watch = 100 * time.Millisecond
	}
	r := &Room{log: cfg.Log, tail: tail, cfg: cfg, db: cfg.DB, system: actors.New(actors.Config{Logger: cfg.Log})}
	if err := r.build(ctx, cfg); err != nil {
		return nil, errors.Join(err, r.Close(ctx))
	}
	return r, nil
}

func (r *Room) build(ctx context.Context, cfg Config) error {
	var err error
	if r.hub, err = widgets.NewHub(r.system, cfg.Log); err != nil {
		return err
	}
	r.hub.Tracer = cfg.Tracer
	guard := grhttp.NewGuard(cfg.Decide)
	r.jobs = jobs.NewSupervisor(r.system, jobs.Config{Log: cfg.Log, Who: r.who, Lease: cfg.Lease})
	r.site = siteOf(cfg, guard)
	r.site.Jobs = r.jobs
	var store jobs.Store
	if cfg.JobsInDB {
		if store, err = cfg.DB.Jobs(ctx); err != nil {
			return err
		}
	}
	if cfg.DB.SeesOthers() {
		r.site.Others = max(0, cfg.Watch)
	}
	if r.site.Languages, err = languages(cfg.Languages); err != nil {
		return err
	}
	if r.site.Models, err = models(cfg); err != nil {
		return err
	}
	if err = r.site.Prepare(); err != nil {
		return fmt.Errorf("greenroom: the declaration has faults:\n%w", err)
	}
	if r.state, err = grsql.OpenState(ctx, cfg.State); err != nil {
		return err
	}
	r.site.Memory, r.site.Audit, r.hub.Audit = r.state, r.state, r.state
	r.db.SetAudit(r.state)
	if store == nil {
		store = r.state.Jobs()
	}
	secret, err := r.state.Secret(ctx)
	if err != nil {
		return err
	}
	r.sessions, err = session.NewRegistry(session.Config{
		System: r.system, Hub: r.hub, Secret: secret, Log: cfg.Log,
		MaxPages: grhttp.PagesThatFit(cfg.Limits.Pages), MaxUserPages: cfg.Limits.UserPages, MaxAddressPages: cfg.Limits.AddressPages,
	})
	if err != nil {
		return err
	}
	r.site.Presence = r.sessions
	hashing := grhttp.NewHashing(0)
	accounts := grhttp.NewAccounts(r.state, r.sessions, hashing, r.site.Title)
	r.site.Keyring, r.site.Roster, r.site.Factors, r.site.FactorNeeded = accounts, accounts, accounts, cfg.SecondFactor
	r.console = console.New(console.Config{
		System: r.system, Jobs: r.jobs, Decider: guard, Pages: r.openPages, Traffic: r.traffic, Kick: r.kick, Audit: r.state,
		Tail: r.tail, MaxPages: r.sessions.Most(), Log: cfg.Log,
	})
	r.site.Console = r.console
	r.openSocket(ctx, cfg)
	r.gate, err = grhttp.New(grhttp.Config{
		Site: r.site, Sessions: r.sessions, State: r.state, Guard: guard, Hashing: hashing, Log: cfg.Log,
		Handshakes: cfg.Limits.Handshakes, Hosts: slices.Clone(cfg.Hosts), Proxies: cfg.Proxies, Insecure: cfg.Insecure, SecondFactor: cfg.SecondFactor,
	})
	if err != nil {
		return err
	}
	r.readyPlugins(ctx, cfg.Plugins)
	found, err := r.Findings(ctx)
	if err != nil {
		return err
	}
	tell(r.log, found)
	r.hook(cfg.Models)
	r.listen(cfg.Watch)
	life, end := context.WithCancel(context.Background())
	r.endStanding = end
	r.watchStanding(life)
	r.jobs.Remember(store, r.revive)
	return nil
}

// revive makes the request of a run anew that another process of this admin began.
func (r *Room) revive(ctx context.Context, run jobs.Record) (jobs.Request, error) {
	owner, err := r.who(ctx, run.OwnerID)
	if err == nil && run.ByID != "" {
		var by *widgets.User
		if by, err = r.who(ctx, run.ByID); err == nil {
			owner = owner.SeenBy(by)
		}
	}
	if err != nil {
		return jobs.Request{}, err
	}
	return r.site.Revive(ctx, run, owner)
}

// who is a person as they are now, under nobody's sign-in, for jobs that outlive their sign-in.
func (r *Room) who(ctx context.Context, id string) (*widgets.User, error) {
	u, err := r.state.UserByID(ctx, id)
	if err == nil && !(u.Active && u.Staff) {
		err = grsql.ErrNoUser
	}
	if err != nil {
		return nil, err
	}
	return u.Widget(""), nil
}

// listen passes the database's changes on to the topics that pages listen to: our own at their commit, others' as Watch sees them.
func (r *Room) listen(every time.Duration) {
	hear := func(c widgets.Change) { actors.Publish(r.system, "table/"+c.Table, c) }
	r.db.hear.Store(&hear)
	if every < 0 {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	r.endWatch = cancel
	r.watching.Go(func() {
		// Serves all pages; ends with Close, which waits for it.
		if err := r.db.Database.Watch(ctx, every); err != nil && ctx.Err() == nil {
			r.log.Warn("changes by other programs are not seen any more", "err", err)
		}
	})
}

// hook lets the models have their say in what is written.
func (r *Room) hook(models []Model) {
	for _, m := range models {
		if table := r.db.Table(m.Table); table != nil && (m.BeforeSave != nil || m.AfterSave != nil) {
			table.SetHooks(grsql.Hooks{Before: m.BeforeSave, After: m.AfterSave})
			r.hooked = append(r.hooked, table)
		}
	}
}

// models puts the declared tables first and the others after them, and tells which declared table does not exist.
func models(cfg Config) ([]*pages.Model, error) {
	var all []*pages.Model
	var faults []error
	seen := map[string]bool{}
	for _, m := range cfg.Models {
		source := cfg.DB.Table(m.Table)
		if source == nil {
			faults = append(faults, fmt.Errorf("greenroom: Models names the table %q, which the database does not have; it has %s", m.Table, names(cfg.DB)))
			continue
		}
		seen[m.Table] = true
		all = append(all, &pages.Model{
			Source: source, Label: m.Label, Plural: m.Plural, Help: m.Help, Labels: m.Labels, Title: m.Title, Computed: m.Computed, Empty: m.Empty, List: m.List, Form: m.Form, Actions: m.Actions,
			SoftDelete: m.SoftDelete,
		})
	}
	if !cfg.Only {
		for _, t := range cfg.DB.Tables() {
			if own := cfg.JobsInDB && strings.HasPrefix(t.Table().Name, "greenroom_"); !own && !seen[t.Table().Name] {
				all = append(all, &pages.Model{Source: t})
			}
		}
	}
	return all, errors.Join(faults...)
}

func names(db *Database) string {
	var all []string
	for _, t := range db.Tables() {
		all = append(all, t.Table().Name)
	}
	if len(all) == 0 {
		return "no tables"
	}
	return strings.Join(all, ", ")
}

// Owns reports whether a path belongs to the admin.
func (r *Room) Owns(path string) bool { return r.gate.Owns(path) }

// Handle answers a request of the admin; it is a fasthttp.RequestHandler. The server must have been set up by Tune.
func (r *Room) Handle(ctx *grhttp.Context) { r.gate.Handle(ctx) }

// Tune sets up a server of the embedding program's, so that sockets can live on it, and starts what runs beside requests. What was set already stays.
func (r *Room) Tune(srv *grhttp.FastServer) {
	r.gate.Tune(srv)
	r.gate.Start()
}

// Serve answers requests on ln with a server of its own until Close: the admin, /healthz, and a redirect from the root.
func (r *Room) Serve(ln net.Listener) error {
	tell(r.log, pages.Silence(grhttp.CheckListener(ln.Addr(), r.cfg.Proxies, r.cfg.Insecure), r.cfg.SuppressChecks))
	return r.gate.Serve(ln)
}

// SetPassword makes a superuser of this name with this password, or gives an existing one the password, which ends the sign-ins that there are. When
// that is how things are already nothing is done, so that a server which sets it at each start signs nobody out.
func (r *Room) SetPassword(ctx context.Context, name, password string) error {
	if name == "" || len(password) < 8 {
		return errors.New("greenroom: a user needs a name, and a password of at least 8 characters")
	}
	if u, err := r.state.UserByName(ctx, name); err == nil && u.Super && u.Active && u.Staff && grhttp.PasswordFits(u.Password, password) {
		return nil
	}
	return r.state.PutUser(ctx, grsql.User{Name: name, Password: grhttp.HashPassword(password), Super: true})
}

// HasUser reports whether somebody of this name can sign in.
func (r *Room) HasUser(ctx context.Context, name string) (bool, error) {
	_, err := r.state.UserByName(ctx, name)
	if errors.Is(err, grsql.ErrNoUser) {
		return false, nil
	}
	return err == nil, err
}

// Close ends everything in order: no new requests, pages are told that the server restarts, jobs stop at their next row, sockets close, sessions and
// actors end. It returns when all of it is gone, or with the errors of what was not by the end of ctx. The Database stays open: who opened it closes it.
func (r *Room) Close(ctx context.Context) error {
	r.closing.Do(func() { r.closed = r.close(ctx) })
	return r.closed
}

func (r *Room) close(ctx context.Context) error {
	var errs []error
	if r.gate != nil {
		r.gate.Drain(2 * time.Second)
	}
	if r.jobs != nil {
		errs = append(errs, r.jobs.Drain(ctx))
	}
	if r.gate != nil {
		errs = append(errs, r.gate.Shutdown(ctx))
	}
	if r.sessions != nil {
		errs = append(errs, r.sessions.Close(ctx))
	}
	errs = append(errs, r.closePlugins(ctx)...)
	if r.endWatch != nil {
		r.db.hear.Store(nil)
		r.endWatch()
	}
	if r.endStanding != nil {
		r.endStanding()
	}
	if r.endDesk != nil {
		r.endDesk()
	}
	r.watching.Wait()
	errs = append(errs, r.system.Close(ctx))
	if r.hub != nil {
		errs = append(errs, r.hub.Wait(ctx))
	}
	if r.state != nil {
		r.db.SetAudit(nil)
		for _, table := range r.hooked {
			table.SetHooks(grsql.Hooks{})
		}
		errs = append(errs, r.state.Close())
	}
	return errors.Join(errs...)
}

// Publish tells every widget that listens to a topic (Widget.Topics) that there is news, such as an order that came in elsewhere. It returns at once.
func (r *Room) Publish(topic string, value any) { actors.Publish(r.system, topic, value) }

// Live is how many actors live, for tests and the curious.
func (r *Room) Live() int { return r.system.Live() }

// Database is an open database. Besides what is declared in package sql it tells the pages of a Room about every change made through it.
type Database struct {
	*grsql.Database
	hear atomic.Pointer[func(widgets.Change)]
}

// OpenConfig says how a database is opened; see the fields in package sql. OnChange is called besides telling the pages.
type OpenConfig = grsql.Config

// Open opens a database by its DSN: sqlite:PATH, file:PATH or the path of a file, postgres://USER:PASSWORD@HOST/DATABASE, or
// mysql://USER:PASSWORD@HOST/DATABASE for MariaDB.
func Open(ctx context.Context, dsn string, cfg OpenConfig) (*Database, error) {
	db := &Database{}
	also := cfg.OnChange
	cfg.OnChange = func(c widgets.Change) {
		if hear := db.hear.Load(); hear != nil {
			(*hear)(c)
		}
		if also != nil {
			also(c)
		}
	}
	opened, err := grsql.Connect(ctx, dsn, cfg)
	if err != nil {
		return nil, err
	}
	db.Database = opened
	return db, nil
}
