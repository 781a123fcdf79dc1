package session

import (
	"container/list"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"greenroom/actors"
	"greenroom/widgets"
)

var (
	// ErrGone is returned for a page whose session ended or never was; the browser loads the page again.
	ErrGone = errors.New("session: gone; load the page again")
	// ErrForeign is ErrGone for a page token that was made for another sign-in, or by somebody else. A browser of ours shows one at most once, for a page
	// that was open when its person signed in anew.
	ErrForeign = fmt.Errorf("%w: its token is not this sign-in's", ErrGone)
	// ErrFull is returned when no more pages fit; the browser is answered 503.
	ErrFull = errors.New("session: too many pages are open")
	// ErrFlood is returned when a page's 64 unanswered events stay unanswered for Config.Patience.
	ErrFlood = errors.New("session: too many unanswered events")
)

// Config says how a Registry keeps its sessions. System and Hub must be set.
type Config struct {
	System *actors.System
	Hub    *widgets.Hub
	// Secret signs page tokens, so that they outlive nothing: a restart with another secret makes every page load anew. Nil means random.
	Secret []byte
	// Attach is how long a page may take from its HTML to its socket. Zero means 15 s.
	Attach time.Duration
	// Keep is how long a page without a socket is kept. Zero means 30 s.
	Keep time.Duration
	// MaxPages, MaxUserPages and MaxAddressPages bound the open pages in total, of one user and from one address. Zero means 10,000, 50 and 200; less
	// than zero means no bound. At a bound the oldest page of the same user that nobody attached to makes room; without such a page Open refuses.
	MaxPages, MaxUserPages, MaxAddressPages int
	// Unanswered is how many events of a page may wait for their reply; Patience is how long a page may stay there. Zero means 64 and 10 s.
	Unanswered int
	Patience   time.Duration
	// Linger is how long a page's HTML waits for widgets other than the main one; what is later comes over the socket. Zero means 300 ms.
	Linger time.Duration
	// Log is where refusals and ends are told. Nil means slog.Default.
	Log *slog.Logger
}

// Registry opens sessions and finds them again.
type Registry struct {
	cfg Config

	mu        sync.Mutex
	open      map[string]*Session
	byUser    map[string]int
	byAddress map[string]int
	fresh     *list.List // sessions that nobody attached to, oldest first
	visits    map[string][]visit
	closed    bool
	flashes   map[string]flash
	past      Traffic // of the pages that ended
	events    atomic.Uint64
}

// NewRegistry checks the configuration and fills in its defaults.
func NewRegistry(cfg Config) (*Registry, error) {
	if cfg.System == nil || cfg.Hub == nil {
		return nil, errors.New("session: Config.System and Config.Hub must be set")
	}
	if cfg.Secret == nil {
		cfg.Secret = make([]byte, 32)
		_, _ = rand.Read(cfg.Secret) // never fails, says its documentation
	}
	for _, d := range []struct {
		at   *time.Duration
		zero time.Duration
	}{{&cfg.Attach, 15 * time.Second}, {&cfg.Keep, 30 * time.Second}, {&cfg.Patience, 10 * time.Second}, {&cfg.Linger, 300 * time.Millisecond}} {
		if *d.at == 0 {
			*d.at = d.zero
		}
	}
	for _, n := range []struct {
		at   *int
		zero int
	}{{&cfg.MaxPages, 10_000}, {&cfg.MaxUserPages, 50}, {&cfg.MaxAddressPages, 200}, {&cfg.Unanswered, 64}} {
		if *n.at == 0 {
			*n.at = n.zero
		}
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	return &Registry{
		cfg: cfg, open: map[string]*Session{}, byUser: map[string]int{}, byAddress: map[string]int{}, fresh: list.New(), flashes: map[string]flash{},
		visits: map[string][]visit{},
	}, nil
}

// Open starts the actors of a page that is asked for from an address, and waits until its main widget is drawn, and Config.Linger for the others. The
// page's widgets are mounted here, once; the socket attaches to these same actors. ErrFull when no more pages fit. An empty address is not counted.
func (r *Registry) Open(ctx context.Context, page *widgets.Page, address string) (*Session, error) {
	placed, err := page.Placed()
	if err != nil {
		return nil, err
	}
	in := page.In
	s := &Session{
		registry: r, in: &in, placed: placed, id: rand.Text(), out: newOutbox(len(placed)), address: address,
		started: make(chan struct{}), ended: make(chan struct{}), unanswered: make(chan struct{}, r.cfg.Unanswered),
	}
	if err := r.admit(s); err != nil {
		return nil, err
	}
	if err := s.drawn(ctx, r.cfg.Linger); err != nil {
		s.End(0, "")
		return nil, err
	}
	return s, nil
}

// admit starts a session's actor if the caps allow it. It does both under the lock, so that whoever finds a session can end it.
func (r *Registry) admit(s *Session) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	user := s.in.User.Person().ID
	if r.closed {
		return fmt.Errorf("%w: the server is shutting down", ErrFull)
	}
	for _, c := range []struct {
		full bool
		mine func(*Session) bool
		text string
	}{
		{
			r.cfg.MaxUserPages > 0 && r.byUser[user] >= r.cfg.MaxUserPages, func(o *Session) bool { return o.in.User.Person().ID == user },
			fmt.Sprintf("%d by this user; close some and try again", r.cfg.MaxUserPages),
		},
		{
			r.cfg.MaxAddressPages > 0 && s.address != "" && r.byAddress[s.address] >= r.cfg.MaxAddressPages,
			func(o *Session) bool { return o.address == s.address && o.in.User.Person().ID == user },
			fmt.Sprintf("%d from this address; close some and try again", r.cfg.MaxAddressPages),
		},
		{
			r.cfg.MaxPages > 0 && len(r.open) >= r.cfg.MaxPages, func(o *Session) bool { return o.in.User.Person().ID == user },
			fmt.Sprintf("%d on this server", r.cfg.MaxPages),
		},
	} {
		if c.full && !r.evict(c.mine) {
			return fmt.Errorf("%w: %s", ErrFull, c.text)
		}
	}
	a := &actor{Session: s} // the same one after a restart: it has to give back what it took
	ref, err := r.cfg.System.Group(actors.Sessions).Spawn("session", "", func() actors.Actor { return a })
	if err != nil {
		return fmt.Errorf("session: start: %w", err)
	}
	s.ref = ref
	r.open[s.id] = s
	r.byUser[user]++
	if s.address != "" {
		r.byAddress[s.address]++
	}
	s.fresh = r.fresh.PushBack(s)
	return nil
}

// evict ends the oldest page of those that nobody attached to: a page that was loaded and never came alive must not keep its user from loading
// another. Only pages that mine allows are looked at, which are the same user's. It is called with the lock.
func (r *Registry) evict(mine func(*Session) bool) bool {
	for e := r.fresh.Front(); e != nil; e = e.Next() {
		if old := e.Value.(*Session); mine(old) {
			r.forget(old)
			old.End(CloseGone, "its user loaded more pages than fit")
			return true
		}
	}
	return false
}

// settle takes a session out of those that may be evicted.
func (r *Registry) settle(s *Session) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calm(s)
}

func (r *Registry) calm(s *Session) {
	if s.fresh != nil {
		r.fresh.Remove(s.fresh)
		s.fresh = nil
	}
}

func (r *Registry) remove(s *Session) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.forget(s)
}

// forget gives back what admit took, once. It is called with the lock.
func (r *Registry) forget(s *Session) {
	if r.open[s.id] != s {
		return
	}
	delete(r.open, s.id)
	s.out.sum(&r.past)
	r.calm(s)
	less(r.byUser, s.in.User.Person().ID)
	if s.address != "" {
		less(r.byAddress, s.address)
	}
}

func less(counts map[string]int, key string) {
	if counts[key]--; counts[key] <= 0 {
		delete(counts, key)
	}
}

// Find returns the session of a page's token for the seat that asks. ErrGone for any other token: forged, foreign, expired.
func (r *Registry) Find(token, seat string) (*Session, error) {
	id, _, ok := strings.Cut(token, ".")
	if !ok || !hmac.Equal([]byte(token), []byte(r.sign(id, seat))) {
		return nil, ErrForeign
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.open[id]
	if s == nil {
		return nil, ErrGone
	}
	return s, nil
}

func (r *Registry) sign(id, seat string) string {
	mac := hmac.New(sha256.New, r.cfg.Secret)
	mac.Write([]byte("page\x00" + id + "\x00" + seat))
	return id + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// Go runs f in a goroutine that the actors have used before, if one is free; see actors.System.Go.
func (r *Registry) Go(f func()) { r.cfg.System.Go(f) }

// Len is how many pages are open.
func (r *Registry) Len() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.open)
}

func (r *Registry) each(f func(*Session)) {
	r.mu.Lock()
	all := make([]*Session, 0, len(r.open))
	for _, s := range r.open {
		all = append(all, s)
	}
	r.mu.Unlock()
	for _, s := range all {
		f(s)
	}
}

// EndSignIn ends all pages of a sign-in at once; their sockets are closed with 4001.
func (r *Registry) EndSignIn(signIn string) {
	r.each(func(s *Session) {
		if s.in.User.SessionID == signIn {
			s.End(CloseSignedOut, "signed out")
		}
	})
}

// Reload ends all pages of a user, and those that somebody sees as them, so that they are loaded anew with what the user may do now; their sockets are
// closed with 4004.
func (r *Registry) Reload(userID string) {
	r.reload(func(u *widgets.User) bool { return u.ID == userID || u.Person().ID == userID })
}

// ReloadSignIn is Reload for the pages of one sign-in.
func (r *Registry) ReloadSignIn(signIn string) {
	r.reload(func(u *widgets.User) bool { return u.SessionID == signIn })
}

func (r *Registry) reload(whose func(*widgets.User) bool) {
	r.each(func(s *Session) {
		if whose(s.in.User) {
			s.End(CloseGone, "the user's rights changed")
		}
	})
}

// Restarting tells every page that the server goes down on purpose; spread is the time over which they should come back.
func (r *Registry) Restarting(spread time.Duration) {
	r.each(func(s *Session) {
		wait := time.Second + time.Duration(randomFraction()*float64(spread))
		s.push(0, nil, frame(wordRestarting, wait.Milliseconds()))
	})
}

// Close refuses new pages, ends all sessions and returns when their actors ended. Sockets are closed with 1012. It is safe to call twice.
func (r *Registry) Close(ctx context.Context) error {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	var waiting []*Session
	r.each(func(s *Session) {
		waiting = append(waiting, s)
		s.End(CloseRestart, "the server restarts")
	})
	for _, s := range waiting {
		select {
		case <-s.ended:
		case <-ctx.Done():
			return fmt.Errorf("session: %d pages still open: %w", r.Len(), context.Cause(ctx))
		}
	}
	return nil
}

func randomFraction() float64 {
	var b [2]byte
	_, _ = rand.Read(b[:])
	return float64(uint(b[0])<<8|uint(b[1])) / 65536
}
