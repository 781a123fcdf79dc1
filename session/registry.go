package session

import (
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
	"time"

	"greenroom/actors"
	"greenroom/widgets"
)

var (
	// ErrGone is returned for a page whose session ended or never was; the browser loads the page again.
	ErrGone = errors.New("session: gone; load the page again")
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
	// MaxPages, MaxUserPages and MaxAddressPages bound the open pages in total, of one user, and of one address. Zero means 10,000, 50 and 200.
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
	opened    uint64 // counts openings
	closed    bool
	flashes   map[string]flash
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
	return &Registry{cfg: cfg, open: map[string]*Session{}, byUser: map[string]int{}, byAddress: map[string]int{}, flashes: map[string]flash{}}, nil
}

// Open starts the actors of a page and waits until its main widget is drawn, and Config.Linger for the others. The page's widgets are mounted here,
// once; the socket attaches to these same actors. ErrFull when no more pages fit.
func (r *Registry) Open(ctx context.Context, page *widgets.Page) (*Session, error) {
	placed, err := page.Placed()
	if err != nil {
		return nil, err
	}
	s := &Session{
		registry: r, in: &page.In, placed: placed, id: rand.Text(), out: newOutbox(len(placed)),
		started: make(chan struct{}), ended: make(chan struct{}), unanswered: make(chan struct{}, r.cfg.Unanswered),
	}
	if err := r.admit(s); err != nil {
		return nil, err
	}
	ref, err := r.cfg.System.Group(actors.Sessions).Spawn("session", "", func() actors.Actor { return &actor{Session: s} })
	if err != nil {
		r.remove(s)
		return nil, fmt.Errorf("session: start: %w", err)
	}
	s.ref.Store(&ref)
	if doom := s.doom.Load(); doom != nil {
		s.tell(*doom) // somebody ended the page while it was being started; twice does no harm
	}
	if err := s.drawn(ctx, r.cfg.Linger); err != nil {
		s.End(0, "")
		return nil, err
	}
	return s, nil
}

// admit counts a page in. Where a user or an address has as many pages as they may, the oldest of theirs that no socket came for makes room: a browser
// that was closed before its page was there must not lock its person out.
func (r *Registry) admit(s *Session) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	user, address := s.in.User.ID, s.in.Address
	switch {
	case r.closed:
		return fmt.Errorf("%w: the server is shutting down", ErrFull)
	case len(r.open) >= r.cfg.MaxPages:
		return fmt.Errorf("%w: %d on this server; try again in a minute", ErrFull, r.cfg.MaxPages)
	case r.byUser[user] >= r.cfg.MaxUserPages && !r.makeRoom(func(other *Session) bool { return other.in.User.ID == user }):
		return fmt.Errorf("%w: %d by this user; close some and try again in %s", ErrFull, r.cfg.MaxUserPages, r.cfg.Keep)
	case address != "" && r.byAddress[address] >= r.cfg.MaxAddressPages && !r.makeRoom(func(other *Session) bool { return other.in.Address == address }):
		return fmt.Errorf("%w: %d from this address; close some and try again in %s", ErrFull, r.cfg.MaxAddressPages, r.cfg.Keep)
	}
	r.opened++
	s.number = r.opened
	r.open[s.id] = s
	r.byUser[user]++
	if address != "" {
		r.byAddress[address]++
	}
	return nil
}

// makeRoom ends the oldest page of some that was never attached; the lock is held.
func (r *Registry) makeRoom(of func(*Session) bool) bool {
	var oldest *Session
	for _, s := range r.open {
		if of(s) && !s.wasAttached.Load() && (oldest == nil || s.number < oldest.number) {
			oldest = s
		}
	}
	if oldest == nil {
		return false
	}
	r.forget(oldest)
	oldest.End(0, "")
	return true
}

func (r *Registry) remove(s *Session) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.forget(s)
}

// forget counts a page out, once; the lock is held.
func (r *Registry) forget(s *Session) {
	if r.open[s.id] != s {
		return
	}
	delete(r.open, s.id)
	countOut(r.byUser, s.in.User.ID)
	countOut(r.byAddress, s.in.Address)
}

func countOut(counts map[string]int, key string) {
	if counts[key]--; counts[key] <= 0 {
		delete(counts, key)
	}
}

// Find returns the session of a page's token for the sign-in that asks. ErrGone for any other token: forged, foreign, expired.
func (r *Registry) Find(token, signIn string) (*Session, error) {
	id, _, ok := strings.Cut(token, ".")
	if !ok || !hmac.Equal([]byte(token), []byte(r.sign(id, signIn))) {
		return nil, ErrGone
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.open[id]
	if s == nil {
		return nil, ErrGone
	}
	return s, nil
}

func (r *Registry) sign(id, signIn string) string {
	mac := hmac.New(sha256.New, r.cfg.Secret)
	mac.Write([]byte("page\x00" + id + "\x00" + signIn))
	return id + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

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

// Restarting tells every page that the server goes down on purpose; spread is the time over which they should come back.
func (r *Registry) Restarting(spread time.Duration) {
	r.each(func(s *Session) {
		wait := time.Second + time.Duration(randomFraction()*float64(spread))
		s.out.push(0, nil, frame(wordRestarting, wait.Milliseconds()))
	})
}

// Ping sends a ping to every page; the socket's owner drops those that stay silent.
func (r *Registry) Ping() {
	ping := frame(wordPing)
	r.each(func(s *Session) { s.out.push(0, nil, ping) })
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
