package viewtest

import (
	"fmt"

	"golang.org/x/net/html"
)

func (p part) setList(payload any, path string) error {
	v, ok := payload.(map[string]any)
	if !ok {
		return fmt.Errorf("viewtest: %s: %v is no List", path, payload)
	}
	for word := range v {
		if alone := word == "e" || word == "E"; !alone && word != "o" && word != "r" || alone && len(v) > 1 {
			return fmt.Errorf("viewtest: %s: %q does not belong into %v", path, word, payload)
		}
	}
	if s, ok := v["E"].(string); ok {
		return p.replace(s)
	}
	if diff, ok := v["e"]; ok {
		return patch(parts(p.start(), p.end), diff, path+"/else")
	}
	if order, ok := v["o"]; ok {
		if err := p.reorder(order, path); err != nil {
			return err
		}
	}
	diffs, ok := v["r"].([]any)
	if !ok && v["r"] != nil || len(diffs)%2 != 0 {
		return fmt.Errorf("viewtest: %s: %v are no rows", path, v["r"])
	}
	rows := rowsIn(p.start(), p.end)
	last := -1
	for i := 0; i < len(diffs); i += 2 {
		at, ok := number(diffs[i])
		if !ok || at <= last || at >= len(rows) {
			return fmt.Errorf("viewtest: %s: no row %v after %d of %d", path, diffs[i], last, len(rows))
		}
		last = at
		if err := patch(rows[at].parts(), diffs[i+1], fmt.Sprintf("%s/row %d", path, at)); err != nil {
			return err
		}
	}
	return nil
}

// A row is one element, or a marker r and what follows it.
type row []*html.Node

func (r row) parts() []part {
	if r[0].Type == html.ElementNode {
		return ofElement(r[0])
	}
	return parts(r[0], r[len(r)-1].NextSibling)
}

// rowsIn finds the rows between two siblings. Rows of several roots are known by the marker of the first.
func rowsIn(n, end *html.Node) []row {
	var rows []row
	several := marker(n) == "r"
	for ; n != nil && n != end; n = n.NextSibling {
		switch {
		case !several && n.Type == html.ElementNode, several && marker(n) == "r":
			rows = append(rows, row{n})
		case several && opens(n):
			last := len(rows) - 1
			for stop := closing(n); n != stop; n = n.NextSibling {
				rows[last] = append(rows[last], n)
			}
			rows[last] = append(rows[last], n)
		case several:
			rows[len(rows)-1] = append(rows[len(rows)-1], n)
		}
	}
	return rows
}

func (p part) reorder(order any, path string) error {
	items, ok := order.([]any)
	if !ok {
		return fmt.Errorf("viewtest: %s: %v is no Order", path, order)
	}
	old := rowsIn(p.start(), p.end)
	used := make([]bool, len(old))
	var next []row
	for i := 0; i < len(items); i++ {
		if s, ok := items[i].(string); ok {
			nodes, err := fragment(s, p.el)
			if err != nil {
				return err
			}
			var end *html.Node
			holder := &html.Node{Type: html.ElementNode, Data: "div"}
			insert(holder, nil, nodes)
			fresh := rowsIn(holder.FirstChild, end)
			if len(fresh) != 1 {
				return fmt.Errorf("viewtest: %s: %q is not one row", path, s)
			}
			next = append(next, fresh[0])
			continue
		}
		start, ok := number(items[i])
		if i++; !ok || i == len(items) {
			return fmt.Errorf("viewtest: %s: a run of %v without a count", path, items[i-1])
		}
		count, ok := number(items[i])
		if !ok || count < 1 || start+count > len(old) {
			return fmt.Errorf("viewtest: %s: no rows %v,%v of %d", path, items[i-1], items[i], len(old))
		}
		for j := start; j < start+count; j++ {
			if used[j] {
				return fmt.Errorf("viewtest: %s: row %d is used twice", path, j)
			}
			used[j] = true
			next = append(next, old[j])
		}
	}
	for n := p.start(); n != nil && n != p.end; n = p.start() { // rows, or the else branch
		p.el.RemoveChild(n)
	}
	for _, r := range next {
		insert(p.el, p.end, r)
	}
	return nil
}
