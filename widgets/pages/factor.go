package pages

import (
	"context"

	"greenroom/widgets"
)

// factorView is a person's second factor on the page of their account. Recovery codes are in it only in the answer to what made them.
type factorView struct {
	widgets.Factor

	Needed   bool
	Recovery []string
}

// factorView is nil where there are no second factors.
func (s *Site) factorView(ctx context.Context, in widgets.In) (*factorView, error) {
	if s.Factors == nil {
		return nil, nil
	}
	f, err := s.Factors.Factor(ctx, in.User)
	return &factorView{Factor: f, Needed: s.FactorNeeded && in.User.Super && !f.On}, err
}

type presentPassword struct {
	Password string `json:"password"`
}

type factorCode struct {
	Code string `json:"code"`
}

func (s *Site) beginFactor(ctx context.Context, _ *accountState, e widgets.Event[presentPassword]) (*accountState, error) {
	if s.Factors == nil {
		return nil, widgets.ErrDenied
	}
	return s.mountAccount(ctx, e.In, "", s.Factors.BeginFactor(ctx, e.In.User, e.Payload.Password))
}

func (s *Site) confirmFactor(ctx context.Context, _ *accountState, e widgets.Event[factorCode]) (*accountState, error) {
	if s.Factors == nil {
		return nil, widgets.ErrDenied
	}
	codes, err := s.Factors.ConfirmFactor(ctx, e.In.User, e.Payload.Code)
	return s.withCodes(ctx, e.In, "Your second factor is on, and your other sign-ins ended.", codes, err)
}

func (s *Site) renewCodes(ctx context.Context, _ *accountState, e widgets.Event[presentPassword]) (*accountState, error) {
	if s.Factors == nil {
		return nil, widgets.ErrDenied
	}
	codes, err := s.Factors.RenewCodes(ctx, e.In.User, e.Payload.Password)
	return s.withCodes(ctx, e.In, "The recovery codes that you had work no longer.", codes, err)
}

// withCodes draws the account with recovery codes that were just made.
func (s *Site) withCodes(ctx context.Context, in widgets.In, notice string, codes []string, wrong error) (*accountState, error) {
	next, err := s.mountAccount(ctx, in, notice, wrong)
	if err == nil && wrong == nil {
		next.View.Factor.Recovery = codes
	}
	return next, err
}

func (s *Site) endFactor(ctx context.Context, _ *accountState, e widgets.Event[presentPassword]) (*accountState, error) {
	if s.Factors == nil {
		return nil, widgets.ErrDenied
	}
	err := s.Factors.EndFactor(ctx, e.In.User, e.Payload.Password)
	return s.mountAccount(ctx, e.In, "You sign in with your password alone.", err)
}
