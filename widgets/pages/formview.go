package pages

import (
	"slices"
	"strconv"
	"strings"

	"greenroom/widgets"
)

// view draws a field.
func (f *field) view(m *Model, add bool) inputView {
	c := f.column
	v := inputView{
		ID: "f-" + f.at + strconv.Itoa(f.n), Field: f.word(), Name: f.input(), Label: c.Label, Help: m.help(c), Error: f.error,
		As: f.as(), Value: f.typed,
		Required: f.required(), Focus: f.focus,
	}
	if c.Ref != nil {
		v.Ref = f.name
	}
	switch v.As {
	case "fixed":
		v.Value, v.Ours = f.shownText(f.base), c.Kind == widgets.KindBool || f.base.IsNull() || f.base.IsBlob() || f.base.String() == ""
		if f.name.Text != "" {
			v.Value = f.name.Text
		}
		return v.finish()
	case "check":
		v.Checked = f.typed == "true"
	case "select":
		v.Options = f.choices(add)
	case "lookup":
		v.Options = f.options
		v.Placeholder = "Type to find one"
	case "date":
		v.As, v.Type = "text", "date"
	case "datetime":
		v.As, v.Type, v.Step = "text", "datetime-local", "1"
	case "text":
		switch c.Kind {
		case widgets.KindInteger:
			v.Mode = "numeric"
		case widgets.KindDecimal, widgets.KindFloat:
			v.Mode = "decimal"
		case widgets.KindTime:
			v.Placeholder = "15:04:05"
		case widgets.KindDateTime, widgets.KindDate:
			v.Placeholder = f.base.String()
		}
	}
	if add && c.HasDefault && c.Default != "" && v.Placeholder == "" {
		v.Placeholder = "Default: " + cut(strings.Trim(c.Default, "'"), 60)
	}
	if f.nullBox() {
		v.NullName, v.Null = f.with(prefixNull), f.null
	}
	if !add {
		v.SeenName, v.Seen = f.with(prefixSeen), mark(f.base)
	}
	if f.theirs != nil {
		v.Theirs = &theirsView{By: firstOf(f.by, someoneElse), Old: cut(f.shownText(f.base), 200), Theirs: cut(f.shownText(*f.theirs), 200)}
		if mine, _ := f.value(false); f.changed() {
			v.Theirs.Mine = cut(f.shownText(mine), 200)
		}
	}
	return v.finish()
}

// choices are the options of a select. A value that is none of them (any more) stays choosable: drawing a form must not change a row.
func (f *field) choices(add bool) []selectOption {
	c := f.column
	var options []selectOption
	empty := selectOption{Value: "", Selected: f.typed == ""}
	switch {
	case add && c.HasDefault:
		empty.Label = "Default"
		if c.Default != "" {
			empty.Label = "Default: " + cut(strings.Trim(c.Default, "'"), 60)
		}
	case c.Nullable:
		empty.Label = none
	default:
		empty.Label = "Choose…"
	}
	if c.Nullable || f.typed == "" || add {
		options = append(options, empty)
	}
	known := f.typed == ""
	put := func(value, label string) {
		known = known || value == f.typed
		options = append(options, selectOption{value, label, value == f.typed})
	}
	switch {
	case f.ref == refSelect:
		for _, o := range f.options {
			put(o.Value, o.Label)
		}
	case c.Kind == widgets.KindBool && len(c.Choices) == 0:
		put("true", "Yes")
		put("false", "No")
	default:
		for _, choice := range c.Choices {
			if choice != "" || !slices.Contains([]string{"", none, "Choose…"}, choice) {
				put(choice, firstOf(choice, "(no text)"))
			}
		}
	}
	if !known {
		label := f.typed
		if f.ref == refSelect {
			label = firstOf(f.name.Text, f.typed)
		} else {
			label += " (not one of the list)"
		}
		put(f.typed, label)
	}
	return options
}
