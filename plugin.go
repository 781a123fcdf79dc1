package greenroom

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"

	"greenroom/widgets/pages"
)

// Plugin adds pages, entries of the navigation and cards of the dashboard to an admin, and may start something of its own. A fault in what it declares
// ends New, as any other; what fails later stays within the plugin. See docs/plugins.md.
type Plugin struct {
	// Name tells plugins apart: letters, digits, '-' and '_'. Label heads its entries in the navigation. Empty means made from Name.
	Name, Label string
	// Pages are the plugin's own; each makes an entry of the navigation unless it is Hidden.
	Pages []PluginPage
	// Nav are further entries.
	Nav []NavItem
	// Widgets stand on the dashboard among Config.Widgets, sorted with them by Order.
	Widgets []Widget
	// Ready is called once, before the first page is served, with a Room that is complete; ctx is New's. An error or a panic switches this plugin off: its
	// entries and cards are left out, its pages say so, the log has the reason (greenroom.A021), and everything else works. Nil means that there is
	// nothing to do. What it starts it has to end by itself: see Close.
	Ready func(ctx context.Context, room *Room) error
	// Close is called once when the Room closes, after pages and jobs have ended, if Ready succeeded. Nil means that there is nothing to do.
	Close func(ctx context.Context) error
}

// plugged are the plugins as the pages know them.
func plugged(cfg Config) []*pages.Plugin {
	all := make([]*pages.Plugin, len(cfg.Plugins))
	for n, p := range cfg.Plugins {
		all[n] = &pages.Plugin{Name: p.Name, Label: p.Label, Pages: p.Pages, Nav: p.Nav, Widgets: p.Widgets}
	}
	return all
}

// readyPlugins starts the plugins, in their order. One that fails is switched off.
func (r *Room) readyPlugins(ctx context.Context, all []Plugin) {
	for _, p := range all {
		if p.Ready != nil {
			if err := r.ready(ctx, p); err != nil {
				r.site.SwitchOff(p.Name, err.Error())
				continue
			}
		}
		if p.Close != nil {
			r.plugins = append(r.plugins, p)
		}
	}
}

func (r *Room) ready(ctx context.Context, p Plugin) (err error) {
	defer func() {
		if v := recover(); v != nil {
			r.log.Error("plugin panicked", "plugin", p.Name, "reason", fmt.Sprint(v), "stack", string(debug.Stack()))
			err = fmt.Errorf("its Ready panicked: %v", v)
		}
	}()
	return p.Ready(ctx, r)
}

// closePlugins ends them in the opposite order. A panic of one does not keep the others from ending.
func (r *Room) closePlugins(ctx context.Context) (errs []error) {
	for _, p := range slices.Backward(r.plugins) {
		func() {
			defer func() {
				if v := recover(); v != nil {
					errs = append(errs, fmt.Errorf("greenroom: plugin %q panicked when it closed: %v", p.Name, v))
				}
			}()
			if err := p.Close(ctx); err != nil {
				errs = append(errs, fmt.Errorf("greenroom: close plugin %q: %w", p.Name, err))
			}
		}()
	}
	r.plugins = nil
	return errs
}
