package http

import (
	"context"
	"net"
	"net/netip"

	grsql "greenroom/sql"
	"greenroom/widgets/pages"
)

// wellKnown are passwords that stand in documents and examples, or that everybody tries first. Those shorter than what is taken are left out.
var wellKnown = []string{"correct horse", "correct horse battery staple", "greenroom", "password", "changeme", "admin123", "administrator", "12345678"}

// mostChecked is how many superusers' passwords are tried: each try costs some 20 ms.
const mostChecked = 3

// CheckPasswords finds superusers who can be signed in as with a password that everybody knows.
func CheckPasswords(ctx context.Context, state *grsql.State) ([]pages.Finding, error) {
	accounts, err := state.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	var found []pages.Finding
	tried := 0
	for _, a := range accounts {
		if !a.Super || !a.Active || !a.Staff || tried == mostChecked {
			continue
		}
		tried++
		for _, word := range wellKnown {
			if PasswordFits(a.Password, word) {
				found = append(found, pages.Finding{
					ID: pages.FindPassword, Level: pages.LevelWarning, Place: "the user " + a.Name, Text: "the password is one that documents and examples use",
					Hint: "give another: greenroom user passwd " + a.Name,
				})
				break
			}
		}
	}
	return found, nil
}

// CheckListener finds what is wrong with serving on an address.
func CheckListener(at net.Addr, proxies []netip.Prefix, insecure bool) []pages.Finding {
	return CheckAddress(address4(at), proxies, insecure)
}

// CheckAddress finds what is wrong with serving on an address: plain HTTP that other machines can reach.
func CheckAddress(at netip.Addr, proxies []netip.Prefix, insecure bool) []pages.Finding {
	switch {
	case !at.IsValid(), at.IsLoopback(), len(proxies) > 0 && !insecure:
		return nil
	case insecure:
		return []pages.Finding{{
			ID: pages.FindPlain, Level: pages.LevelWarning, Place: at.String(), Text: "people sign in from other machines over plain HTTP: passwords can be read on the way",
			Hint: "put a proxy with TLS in front, name it (--trust-proxy, Config.Proxies) and drop --insecure",
		}}
	}
	return []pages.Finding{{
		ID: pages.FindPlain, Level: pages.LevelWarning, Place: at.String(), Text: "this address is reached from other machines without TLS, and no proxy is trusted: nobody can sign in from there",
		Hint: "put a proxy with TLS in front and name it (--trust-proxy, Config.Proxies)",
	}}
}
