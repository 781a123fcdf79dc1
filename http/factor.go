package http

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"errors"
	"fmt"
	"image/color"
	"strconv"
	"strings"
	"time"

	"github.com/boombuler/barcode/qr"
	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"

	grsql "greenroom/sql"
	"greenroom/widgets"
)

var _ widgets.Factors = (*Accounts)(nil)

const (
	// stepSeconds is how long a code lasts, as every authenticator has it (RFC 6238); codeSteps is how many steps a clock may be off, either way.
	stepSeconds = 30
	codeSteps   = 1
	// enrolFor is how long a second factor that was begun can be confirmed.
	enrolFor      = 15 * time.Minute
	recoveryCodes = 10
	// pendingFor is how long after the password the code can be given.
	pendingFor = 5 * time.Minute
)

// stepOf is the step that a code belongs to; false if it is no code of this time.
func stepOf(code, secret string, now time.Time) (step int64, ok bool) {
	code = strings.ReplaceAll(code, " ", "")
	at := now.Unix() / stepSeconds
	for step := at - codeSteps; step <= at+codeSteps; step++ {
		fits, err := hotp.ValidateCustom(code, uint64(max(step, 0)), secret, hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err == nil && fits {
			return step, true
		}
	}
	return 0, false
}

// isThem checks somebody's present password, as seldom as sign-ins may be tried.
func (a *Accounts) isThem(ctx context.Context, u *widgets.User, password string) error {
	present, err := a.state.UserByName(ctx, u.Name)
	if err == nil && present.ID != u.ID {
		err = grsql.ErrNoUser
	}
	if err != nil {
		return plainly(err)
	}
	if wait := a.tries.begin(u.ID, u.ID); wait > 0 {
		return tooMany(wait)
	}
	fits, err := a.hashing.Fits(ctx, present.Password, password)
	if err != nil {
		a.tries.takeBack(u.ID, u.ID)
		return err
	}
	if !fits {
		return widgets.UserError("The present password is not right.")
	}
	a.tries.succeeded(u.ID, u.ID)
	return nil
}

func tooMany(wait time.Duration) widgets.UserError {
	return widgets.UserError("Too many attempts. Try again in " + wait.Round(time.Second).String() + ".")
}

// Factor implements widgets.Factors.
func (a *Accounts) Factor(ctx context.Context, u *widgets.User) (widgets.Factor, error) {
	f, err := a.state.Factor(ctx, u.ID)
	if err != nil || f.Confirmed || f.Secret == "" || time.Since(f.Begun) > enrolFor {
		return widgets.Factor{On: f.Confirmed, Codes: f.Codes}, err
	}
	raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(f.Secret)
	if err != nil {
		return widgets.Factor{}, err
	}
	key, err := totp.Generate(totp.GenerateOpts{Issuer: a.issuer, AccountName: u.Name, Secret: raw})
	if err != nil {
		return widgets.Factor{}, fmt.Errorf("http: the second factor's address: %w", err)
	}
	out := widgets.Factor{Secret: f.Secret}
	out.Picture, out.Side, err = drawCode(key.URL())
	return out, err
}

// BeginFactor implements widgets.Factors.
func (a *Accounts) BeginFactor(ctx context.Context, u *widgets.User, password string) error {
	if err := a.isThem(ctx, u, password); err != nil {
		return err
	}
	raw := make([]byte, 20) // as long as SHA-1's output, says RFC 4226
	rand.Read(raw)
	begun, err := a.state.BeginFactor(ctx, u.ID, base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(raw))
	if err == nil && !begun {
		return widgets.UserError("You have a second factor already.")
	}
	return err
}

// ConfirmFactor implements widgets.Factors.
func (a *Accounts) ConfirmFactor(ctx context.Context, u *widgets.User, code string) ([]string, error) {
	f, err := a.state.Factor(ctx, u.ID)
	if err != nil {
		return nil, err
	}
	if f.Confirmed || f.Secret == "" || time.Since(f.Begun) > enrolFor {
		return nil, widgets.UserError("There is no second factor to confirm: begin again.")
	}
	if wait := a.tries.begin("code "+u.ID, "code "+u.ID); wait > 0 {
		return nil, tooMany(wait)
	}
	step, ok := stepOf(code, f.Secret, time.Now())
	if !ok {
		return nil, widgets.UserError("This is not the code that the authenticator shows now. If it is, one of the two clocks is wrong.")
	}
	a.tries.succeeded("code "+u.ID, "code "+u.ID)
	codes := freshCodes()
	ended, err := a.state.ConfirmFactor(ctx, u.ID, u.Name, step, codes, u.SessionID)
	a.end(ended)
	return codes, err
}

// RenewCodes implements widgets.Factors.
func (a *Accounts) RenewCodes(ctx context.Context, u *widgets.User, password string) ([]string, error) {
	if err := a.isThem(ctx, u, password); err != nil {
		return nil, err
	}
	codes := freshCodes()
	return codes, noFactor(a.state.RenewCodes(ctx, u.ID, u.Name, codes))
}

// EndFactor implements widgets.Factors.
func (a *Accounts) EndFactor(ctx context.Context, u *widgets.User, password string) error {
	if err := a.isThem(ctx, u, password); err != nil {
		return err
	}
	return plainly(noFactor(a.state.EndFactor(ctx, u.Name)))
}

func noFactor(err error) error {
	if errors.Is(err, grsql.ErrNoFactor) {
		return widgets.UserError("There is no second factor any more.")
	}
	return err
}

// freshCodes are recovery codes of 80 bits each, in groups of four that can be read aloud.
func freshCodes() []string {
	all := make([]string, recoveryCodes)
	for i := range all {
		text := rand.Text()
		all[i] = text[:4] + "-" + text[4:8] + "-" + text[8:12] + "-" + text[12:16]
	}
	return all
}

// drawCode is a text as a QR code: the path of an SVG, a module a unit, and how many units a side has, the quiet zone of four included.
func drawCode(text string) (path string, side int, err error) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return "", 0, fmt.Errorf("http: draw a code: %w", err)
	}
	const quiet = 4
	var b strings.Builder
	n := code.Bounds().Dx()
	for y := range n {
		for x := range n {
			if code.At(x, y) == color.Black {
				fmt.Fprintf(&b, "M%d %dh1v1h-1z", x+quiet, y+quiet)
			}
		}
	}
	return b.String(), n + 2*quiet, nil
}

// pending is what a browser whose password was right shows again with the code: for whom and until when, good for this browser and this password only.
func (g *Gate) pending(user grsql.User, browser string) (string, error) {
	until := strconv.FormatInt(time.Now().Add(pendingFor).Unix(), 10)
	mac, err := g.pendingMAC(user, until, browser)
	return user.ID + "." + until + "." + mac, err
}

func (g *Gate) pendingMAC(user grsql.User, until, browser string) (string, error) {
	secret, err := g.cfg.State.Secret(background())
	if err != nil {
		return "", err
	}
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte("factor\x00" + user.ID + "\x00" + until + "\x00" + browser + "\x00" + user.Password))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)), nil
}

// pendingUser is whose password was right before; false if the word is forged, too old, of another browser, or the password has changed since.
func (g *Gate) pendingUser(word, browser string) (grsql.User, bool, error) {
	parts := strings.Split(word, ".")
	if len(parts) != 3 || browser == "" {
		return grsql.User{}, false, nil
	}
	until, _ := strconv.ParseInt(parts[1], 10, 64) // 0, long over, if it is no number
	if time.Now().Unix() > until {
		return grsql.User{}, false, nil
	}
	user, err := g.cfg.State.UserByID(background(), parts[0])
	if errors.Is(err, grsql.ErrNoUser) {
		return grsql.User{}, false, nil
	}
	if err != nil {
		return grsql.User{}, false, err
	}
	want, err := g.pendingMAC(user, parts[1], browser)
	return user, err == nil && sameText(parts[2], want), err
}

// codeFits takes a code of the authenticator or a recovery code, each once.
func (g *Gate) codeFits(ctx context.Context, user grsql.User, code string) (bool, error) {
	f, err := g.cfg.State.Factor(ctx, user.ID)
	if err != nil || !f.Confirmed {
		return false, err
	}
	if step, ok := stepOf(code, f.Secret, time.Now()); ok {
		return g.cfg.State.UseStep(ctx, user.ID, step)
	}
	return g.cfg.State.UseRecovery(ctx, user.ID, user.Name, code)
}
