package pages

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"greenroom/widgets"
	"greenroom/widgets/lang"
)

// readLinks takes what was posted of the links: on a page without JavaScript all that was chosen before, and what stands in the picker.
func (m *Model) readLinks(ctx context.Context, in widgets.In, s *formState, posted widgets.Form) error {
	for i := range s.links {
		l := &s.links[i]
		at := prefixLink + strconv.Itoa(l.class.n) + "."
		add, drop := posted[at+"add"], posted[at+"drop"]
		if len(add)+len(drop) > 2*mostPicked {
			return widgets.ErrBadPayload
		}
		var fresh []string
		for _, v := range add {
			if !has1(l.added, v) && !has1(l.stored, v) && l.mayAdd {
				fresh = append(fresh, v)
			}
		}
		chips, err := l.named(ctx, in.User, fresh)
		if err != nil {
			return err
		}
		l.added = append(l.added, chips...)
		for _, v := range drop {
			if l.mayDrop && !slices.Contains(l.dropped, v) {
				l.dropped = append(l.dropped, v)
			}
		}
		l.picker.take(posted)
		if l.mayAdd && l.picker.typed != "" {
			if err := l.class.of.resolve(ctx, in.User, &l.picker); err != nil {
				return err
			}
			if err := l.pick(ctx, s); err != nil {
				return err
			}
			if l.picker.error != "" {
				l.fault = l.picker.error
			}
		}
	}
	return nil
}

// linkSteps are the links that go and those that come.
func (m *Model) linkSteps(ctx context.Context, in widgets.In, s *formState) (gone, fresh []inlineStep) {
	for i := range s.links {
		l := &s.links[i]
		c := l.class
		id := c.of.table().ID()
		for _, v := range l.dropped {
			key := c.key(l.own(), v)
			d := c.of.may(ctx, in.User, widgets.Delete, key)
			if !d.Allow {
				d.Rows = widgets.Nothing()
			}
			gone = append(gone, inlineStep{Step: widgets.Step{Table: id, Op: "delete", Key: key, Within: both(l.scope, d.Rows)}, link: l})
		}
		d := c.of.may(ctx, in.User, widgets.Add, nil)
		if !d.Allow {
			d.Rows = widgets.Nothing()
		}
		for _, chip := range l.added {
			values := map[string]widgets.Value{}
			for column, v := range demanded(d.Rows) {
				values[column] = widgets.Text(v)
			}
			values[c.other.Name] = widgets.Text(chip.value)
			fresh = append(fresh, inlineStep{
				Step: widgets.Step{Table: id, Op: "insert", Values: values, Of: map[string]string{c.own.Name: c.own.Ref.To[0]}, Within: d.Rows}, link: l,
			})
		}
	}
	return gone, fresh
}

// own is this side's value, "" on an add page.
func (l *linked) own() string {
	if len(l.mine.Values) == 1 {
		return l.mine.Values[0]
	}
	return ""
}

// failedLink reads the links anew after one could not be saved: most likely somebody else was faster.
func (m *Model) failedLink(ctx context.Context, in widgets.In, at *lineError) error {
	l := at.link
	var invalid *widgets.Invalid
	var said widgets.UserError
	switch {
	case errors.Is(at.Err, widgets.ErrNoRow), errors.As(at.Err, &invalid):
		if err := l.refresh(ctx, in); err != nil {
			return err
		}
		l.fault = "Nothing was saved: somebody else changed these meanwhile, or they are not yours to change. Look at them, then save again."
		if invalid != nil {
			for _, name := range sortedKeys(invalid.Fields) {
				l.fault = "Nothing was saved: " + invalid.Fields[name]
			}
		}
	case errors.As(at.Err, &said):
		l.fault = string(said)
	default:
		if ctx.Err() != nil {
			return at
		}
		l.fault = m.site.incident("links not saved", l.class.of, at.Err)
	}
	return nil
}

// refresh reads the chips again. What is done by now need not be done any more.
func (l *linked) refresh(ctx context.Context, in widgets.In) error {
	if l.mine.Empty() {
		return nil
	}
	if err := l.read(ctx, in); err != nil {
		return err
	}
	var err error
	l.added = slices.DeleteFunc(l.added, func(c chip) bool {
		there, failed := l.there(ctx, c.value)
		err = errors.Join(err, failed)
		return there
	})
	l.dropped = slices.DeleteFunc(l.dropped, func(v string) bool {
		there, failed := l.there(ctx, v)
		err = errors.Join(err, failed)
		return !there && failed == nil
	})
	return err
}

// linksView is a link as links.html draws it.
type linksView struct {
	N, Table, Label, Count, More, Fault string
	Chips                               []linkChip
	Picker                              []inputView // none or one
}

// linkChip is a chip: of a stored link with a box to tick that removes it, of a new one with a button. Name and Value are the box, or a hidden input.
type linkChip struct {
	Word, Label, URL, Class, Name, Value string
	May, Box, Off, Added                 bool
	Button                               string
}

func (s *formState) drawLinks(v *formView, said *lang.Language) {
	for i := range s.links {
		l := &s.links[i]
		c := l.class
		at := strconv.Itoa(c.n)
		drawn := linksView{N: at, Table: c.of.table().Name, Label: said.T(c.label), Fault: said.Late(l.fault)}
		for _, chip := range slices.Concat(l.stored, l.added) {
			shown := linkChip{Word: at + "." + chip.value, Label: chip.name.Text, URL: chip.name.URL, Button: said.T("Remove %s", chip.name.Text), Value: chip.value, Name: prefixLink + at + ".drop", Box: l.mayDrop}
			switch {
			case slices.Contains(l.dropped, chip.value):
				shown.Class, shown.Off = "gr-chip-off", true
			case !has1(l.stored, chip.value):
				shown.Class, shown.Name, shown.May, shown.Box, shown.Added = "gr-chip-new", prefixLink+at+".add", true, false, true
			}
			drawn.Chips = append(drawn.Chips, shown)
		}
		if !s.add {
			drawn.Count = countText(said, l.count)
		}
		if more := l.count.N - int64(len(l.stored)); more > 0 && !l.count.Unknown {
			drawn.More = said.T("and %s more", countText(said, widgets.Count{N: more, AtLeast: l.count.AtLeast, Estimate: l.count.Estimate}))
		}
		if l.mayAdd {
			f := l.picker
			picker := f.view(c.of, true)
			picker.Label, picker.Help, picker.Required, picker.Ref = said.T("Add %s to %s", c.target.one(said), said.T(c.label)), "", false, named{}
			if picker.As == "lookup" || picker.As == "text" {
				picker.Placeholder = said.T("Add %s", c.target.one(said))
			}
			if picker.As == "select" && len(picker.Options) > 0 && picker.Options[0].Value == "" {
				picker.Options[0].Label = said.T("Add %s…", c.target.one(said))
			}
			picker.Error = said.Late(picker.Error)
			drawn.Picker = []inputView{picker.finish()}
			v.Contested = true
		}
		if l.fault != "" {
			v.Faults = append(v.Faults, faultView{Text: drawn.Label + ": " + drawn.Fault})
		}
		v.Links = append(v.Links, drawn)
	}
}
