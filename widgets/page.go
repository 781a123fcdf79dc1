package widgets

import "fmt"

// Page is what a route shows: widgets in slots above one main widget, and at its side.
type Page struct {
	// Title is the page's heading and the document's title.
	Title string
	// Head is a heading above the slots; "" where the main widget draws one.
	Head string
	// Crumbs lead from the dashboard to this page, which is not among them.
	Crumbs []Crumb
	// Section is the navigation entry that is current: a Table.ID, or "".
	Section string
	// Slots stand above the main widget, in order; Side stand beside it on wide screens. Those whose permissions the user lacks are left out
	// when the page opens.
	Slots, Side []*Class
	// Main is the page's own content; nil on a page that has slots only.
	Main *Class
	// Top stand in the bar above every page, as whoever serves it says.
	Top []*Class
	// Files are those of the client's folder later that the page loads besides what every page does: modules and style sheets.
	Files []string
	// In is where the widgets stand.
	In In
}

// Crumb is a step of the way to a page.
type Crumb struct{ Label, URL string }

// Placed is a widget on a page with its number there.
type Placed struct {
	*Class
	Slot  int
	Place Place
}

// Place says where on the page a widget stands.
type Place uint8

// The places.
const (
	InSlots Place = iota
	InMain
	InSide
	InTop
)

// Placed numbers the page's widgets that the user may see: slots, main, side, top. Two of one name are an error.
func (p *Page) Placed() ([]Placed, error) {
	var placed []Placed
	seen := map[string]bool{}
	add := func(c *Class, place Place) error {
		if len(c.Permissions) > 0 && !p.In.User.HasAll(c.Permissions) {
			return nil
		}
		if seen[c.Name] {
			return fmt.Errorf("widgets: page %q has two widgets named %q; give one another Name", p.Title, c.Name)
		}
		seen[c.Name] = true
		placed = append(placed, Placed{c, len(placed), place})
		return nil
	}
	for _, c := range p.Slots {
		if err := add(c, InSlots); err != nil {
			return nil, err
		}
	}
	if p.Main != nil {
		if err := add(p.Main, InMain); err != nil {
			return nil, err
		}
	}
	for _, c := range p.Side {
		if err := add(c, InSide); err != nil {
			return nil, err
		}
	}
	for _, c := range p.Top {
		if err := add(c, InTop); err != nil {
			return nil, err
		}
	}
	return placed, nil
}
