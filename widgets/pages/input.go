package pages

import (
	"slices"

	"greenroom/widgets/lang"
)

// inputView is one field of a form, as input.html draws it. The same drawing serves a row's form and the questions of an action.
type inputView struct {
	// ID is unique on the page; Field is the column or the action's field, Name what the form posts it as.
	ID, Field, Name, Label string
	Required               bool
	Help, Error            string
	// Invalid is "true" or "false", for aria-invalid; Described are the ids of help and error.
	Invalid, Described string
	// As is what is drawn: text, long, check, select, lookup, password, or fixed, which cannot be edited.
	As string
	// Type, Mode and Step are the text input's type, inputmode and step.
	Type, Mode, Step string
	Placeholder      string
	Value            string
	// Ours says that a fixed Value is a word of the admin's, such as "Yes", and none that is stored.
	Ours    bool
	Checked bool
	Options []selectOption
	// NullName is the checkbox that tells NULL from an empty text, "" for none.
	NullName string
	Null     bool
	// SeenName and Seen carry a mark of the value that the form was made from.
	SeenName, Seen string
	// Ref is the row that a foreign key points to.
	Ref named
	// Focus says that the keyboard is to be in it.
	Focus bool
	// Theirs is set when somebody else changed the field meanwhile.
	Theirs *theirsView
}

type selectOption struct {
	Value, Label string
	Selected     bool
}

// theirsView is a change by somebody else: By whom and when, from Old. Mine is "" where the person did not touch the field, whose saving then leaves
// theirs alone.
type theirsView struct{ By, Old, Theirs, Mine string }

// in says the field in a language. What a select offers is left alone where it is the value itself.
func (v inputView) in(l *lang.Language) inputView {
	if l == nil {
		return v
	}
	v.Label, v.Help, v.Placeholder, v.Error = l.T(v.Label), l.T(v.Help), l.Late(v.Placeholder), l.Late(v.Error)
	if v.Theirs != nil {
		theirs := *v.Theirs
		theirs.By = l.Late(theirs.By)
		v.Theirs = &theirs
	}
	if v.Ours {
		v.Value = l.Late(v.Value)
	}
	if v.As == "select" && v.Ref == (named{}) {
		v.Options = slices.Clone(v.Options)
		for i := range v.Options {
			if o := &v.Options[i]; o.Label != o.Value {
				o.Label = l.Late(o.Label)
			}
		}
	}
	return v
}

// finish fills in what follows from the rest.
func (v inputView) finish() inputView {
	v.Invalid = "false"
	if v.Error != "" {
		v.Invalid = "true"
	}
	v.Described = v.ID + "-error"
	if v.Help != "" {
		v.Described += " " + v.ID + "-help"
	}
	if v.Type == "" {
		v.Type = "text"
	}
	if v.Mode == "" {
		v.Mode = "text"
	}
	if v.Step == "" {
		v.Step = "any"
	}
	return v
}

// faultView is a line of an error summary: what is wrong and where. Without an ID it concerns the whole form.
type faultView struct{ ID, Label, Text string }

// summary lists the faults of a form, those of the whole form first.
func summary(whole []string, inputs []inputView) []faultView {
	var faults []faultView
	for _, text := range whole {
		faults = append(faults, faultView{Text: text})
	}
	for _, in := range inputs {
		if in.Error != "" {
			faults = append(faults, faultView{in.ID, in.Label, in.Error})
		}
	}
	return faults
}
