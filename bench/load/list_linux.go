package load

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"time"

	"greenroom/bench/target"
)

// blockOfLists is how many pages of a kind are asked for in a row, then it is the next kind's turn: what else runs on the machine falls on all of them.
const blockOfLists = 20

var nextPage = regexp.MustCompile(`rel="next" href="[^"]*after=([^"&]+)`)

// list loads list pages of 25 orders, one after the other, as a browser's GET does, and measures the server's CPU for each: the first page, one a quarter down and
// one at 99 %, and a search for a word that one order in a thousand has in its note. diff is the next page and back over the socket of a page that is open.
func (s *run) list(ctx context.Context, all []*person) error {
	p := all[0]
	quarter, err := cursor(ctx, p, s.shop.quarter)
	if err != nil {
		return err
	}
	deep, err := cursor(ctx, p, s.shop.deep)
	if err != nil {
		return err
	}
	open, err := p.sit(ctx, target.Orders)
	if err != nil {
		return err
	}
	defer open.leave()
	get := func(query string) func(int) error {
		return func(int) error { _, err := p.get(ctx, target.Orders+query); return err }
	}
	kinds := []struct {
		name string
		do   func(n int) error
		cost cost
		took []float64
	}{
		{name: "first", do: get("")},
		{name: "quarter", do: get("?after=" + quarter)},
		{name: "deep", do: get("?after=" + deep)},
		{name: "search", do: get("?q=needle")},
		{name: "diff", do: func(n int) error {
			to := ""
			if n%2 == 0 {
				to = "after=" + quarter
			}
			return open.do("go", map[string]string{"to": to})
		}},
	}
	for _, k := range kinds {
		if err := k.do(0); err != nil {
			return err
		}
	}
	end, err := s.profile()
	if err != nil {
		return err
	}
	lasts := s.cfg.lasts(s.name)
	s.say("%d orders, for %s", s.shop.orders, lasts)
	for until, round := time.Now().Add(lasts), 0; round == 0 || time.Now().Before(until); round++ {
		for i := range kinds {
			k := &kinds[i]
			before, err := s.pid.cpu()
			if err != nil {
				return err
			}
			// A slow kind has its turn for a tenth of the time, so that there are several rounds.
			for n, began := 0, time.Now(); n < blockOfLists && (n < 2 || time.Since(began) < lasts/10); n++ {
				asked := time.Now()
				if err := k.do(n + 1); err != nil {
					return fmt.Errorf("%s: %w", k.name, err)
				}
				k.took = append(k.took, float64(time.Since(asked).Microseconds())/1000)
				k.cost.times++
			}
			after, err := s.pid.cpu()
			if err != nil {
				return err
			}
			k.cost.spent += after - before
		}
	}
	s.out["list.orders"] = float64(s.shop.orders)
	for _, k := range kinds {
		slices.Sort(k.took)
		s.out["list.ms."+k.name+".p50"] = k.took[len(k.took)/2]
		s.out["list.ms."+k.name+".p99"] = k.took[len(k.took)*99/100]
		if s.pid != 0 {
			s.out["list.cpu_ms."+k.name] = k.cost.each() / 1000
		}
	}
	return end()
}

// cursor is the place in the list behind the first page of what was placed up to a time.
func cursor(ctx context.Context, p *person, at string) (string, error) {
	document, err := p.get(ctx, target.Orders+"?"+url.Values{"to.created_at": {at}}.Encode())
	if err != nil {
		return "", err
	}
	found := nextPage.FindSubmatch(document)
	if found == nil {
		return "", errors.New("the list of orders has no next page")
	}
	return string(found[1]), nil
}
