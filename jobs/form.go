package jobs

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"greenroom/widgets"
)

// The kinds of a Field.
const (
	FieldText     = "text"
	FieldTextarea = "textarea"
	FieldInteger  = "integer"
	FieldDecimal  = "decimal"
	FieldCheckbox = "checkbox"
	FieldDate     = "date"
	FieldSelect   = "select"
	FieldPassword = "password"
)

// Field is an input of an action's form, as its struct field's type and tag say:
//
//	Reason string    `form:"label=Reason,textarea,required,max=500"`
//	Amount float64   `form:"default=0,min=0"`
//	Mode   string    `form:"choices=full|partial"`
//	Notify bool      // a checkbox
//	Due    time.Time // a date
//
// The words: name=, label=, required, max= (characters), min= (numbers; max= bounds them too), choices=a|b, default=, help=, textarea, password. A value
// with a comma in it stands in single quotes. A field tagged `form:"-"` is none.
type Field struct {
	Name, Label, Kind string
	Required          bool
	// Max is the longest text in characters, 0 for none.
	Max     int
	Choices []string
	Default string
	Help    string

	min, max *float64
	index    int
}

// form is what is known of an input type.
type form struct {
	fields []Field
	parse  func(values map[string][]string) (any, *widgets.Invalid)
}

// validator is what an input type may have to check its fields together; its text is shown.
type validator interface{ Validate() error }

func formOf[In any]() (form, error) {
	t := reflect.TypeFor[In]()
	if t.Kind() != reflect.Struct {
		return form{}, fmt.Errorf("the input type %s is no struct; use struct{} where nothing is asked", t)
	}
	var fields []Field
	var errs []error
	for i := range t.NumField() {
		sf := t.Field(i)
		if !sf.IsExported() || sf.Tag.Get("form") == "-" {
			continue
		}
		f, err := fieldOf(sf)
		f.index = i
		if err != nil {
			errs = append(errs, fmt.Errorf("field %s of %s: %w", sf.Name, t, err))
			continue
		}
		fields = append(fields, f)
	}
	return form{fields, func(values map[string][]string) (any, *widgets.Invalid) {
		var in In
		wrong := map[string]string{}
		v := reflect.ValueOf(&in).Elem()
		for _, f := range fields {
			if text := f.set(v.Field(f.index), values[f.Name]); text != "" {
				wrong[f.Name] = text
			}
		}
		if check, ok := any(&in).(validator); ok && len(wrong) == 0 {
			if err := check.Validate(); err != nil {
				if invalid, ok := errors.AsType[*widgets.Invalid](err); ok {
					return in, invalid
				}
				wrong[""] = clip(clean(err.Error()))
			}
		}
		if len(wrong) > 0 {
			return in, &widgets.Invalid{Fields: wrong}
		}
		return in, nil
	}}, errors.Join(errs...)
}

func fieldOf(sf reflect.StructField) (Field, error) {
	f := Field{Name: snake(sf.Name), Label: words(sf.Name)}
	switch k := sf.Type.Kind(); {
	case sf.Type == reflect.TypeFor[time.Time]():
		f.Kind = FieldDate
	case k == reflect.String:
		f.Kind = FieldText
	case k == reflect.Bool:
		f.Kind = FieldCheckbox
	case k >= reflect.Int && k <= reflect.Uint64:
		f.Kind = FieldInteger
	case k == reflect.Float32 || k == reflect.Float64:
		f.Kind = FieldDecimal
	default:
		return f, fmt.Errorf("type %s has no input; use string, bool, a number or time.Time", sf.Type)
	}
	for _, word := range split(sf.Tag.Get("form")) {
		key, value, _ := strings.Cut(word, "=")
		if err := f.word(strings.TrimSpace(key), strings.Trim(value, "'")); err != nil {
			return f, err
		}
	}
	return f, nil
}

func (f *Field) word(key, value string) (err error) {
	switch key {
	case "":
	case "name":
		f.Name = value
	case "label":
		f.Label = value
	case "help":
		f.Help = value
	case "default":
		f.Default = value
	case "required":
		f.Required = true
	case FieldTextarea, FieldPassword:
		if f.Kind != FieldText {
			return fmt.Errorf("%q needs a string", key)
		}
		f.Kind = key
	case "choices":
		f.Kind, f.Choices = FieldSelect, strings.Split(value, "|")
	case "max", "min":
		n, wrong := strconv.ParseFloat(value, 64)
		switch {
		case wrong != nil:
			return fmt.Errorf("%s=%q is no number", key, value)
		case key == "min":
			f.min = &n
		case f.Kind == FieldInteger || f.Kind == FieldDecimal:
			f.max = &n
		default:
			f.Max = int(n)
		}
	default:
		return fmt.Errorf("unknown word %q in the form tag", key)
	}
	return nil
}

// set reads a value into a struct field, and says in words for people what is wrong with it.
func (f Field) set(to reflect.Value, values []string) string {
	text := ""
	if len(values) > 0 {
		text = values[len(values)-1] // a checkbox may come after its hidden twin
	}
	if f.Kind == FieldCheckbox {
		switch strings.ToLower(text) {
		case "", "0", "false", "off", "no":
			if f.Required {
				return "This box must be ticked."
			}
		default:
			to.SetBool(true)
		}
		return ""
	}
	if strings.TrimSpace(text) == "" {
		if f.Required {
			return "This field is required."
		}
		if to.Kind() == reflect.String {
			to.SetString(text)
		}
		return ""
	}
	switch f.Kind {
	case FieldSelect:
		return f.choose(to, text)
	case FieldInteger, FieldDecimal:
		return f.number(to, strings.TrimSpace(text))
	case FieldDate:
		day, err := time.Parse(time.DateOnly, strings.TrimSpace(text))
		if err != nil {
			return "Enter a date such as 2006-01-31."
		}
		to.Set(reflect.ValueOf(day))
		return ""
	}
	if f.Max > 0 && utf8.RuneCountInString(text) > f.Max {
		return fmt.Sprintf("At most %s characters.", grouped(int64(f.Max)))
	}
	to.SetString(text)
	return ""
}

func (f Field) choose(to reflect.Value, text string) string {
	for _, choice := range f.Choices {
		if choice == text {
			if to.Kind() == reflect.String {
				to.SetString(text)
				return ""
			}
			return f.number(to, text)
		}
	}
	return "Choose one of " + strings.Join(f.Choices, ", ") + "."
}

func (f Field) number(to reflect.Value, text string) string {
	var n float64
	switch k := to.Kind(); {
	case k >= reflect.Int && k <= reflect.Int64:
		i, err := strconv.ParseInt(text, 10, to.Type().Bits())
		if err != nil {
			return "Enter a whole number."
		}
		to.SetInt(i)
		n = float64(i)
	case k >= reflect.Uint && k <= reflect.Uint64:
		u, err := strconv.ParseUint(text, 10, to.Type().Bits())
		if err != nil {
			return "Enter a whole number that is not negative."
		}
		to.SetUint(u)
		n = float64(u)
	default:
		d, err := strconv.ParseFloat(text, to.Type().Bits())
		if err != nil || d != d || d-d != 0 {
			return "Enter a number."
		}
		to.SetFloat(d)
		n = d
	}
	switch {
	case f.min != nil && n < *f.min:
		return fmt.Sprintf("At least %v.", *f.min)
	case f.max != nil && n > *f.max:
		return fmt.Sprintf("At most %v.", *f.max)
	}
	return ""
}

// split cuts a tag at its commas, except inside single quotes.
func split(tag string) []string {
	quoted := false
	return strings.FieldsFunc(tag, func(r rune) bool {
		if r == '\'' {
			quoted = !quoted
		}
		return r == ',' && !quoted
	})
}

// snake makes notify_customer of NotifyCustomer and order_id of OrderID.
func snake(name string) string {
	var b strings.Builder
	before := rune(0)
	for _, r := range name {
		if unicode.IsUpper(r) && unicode.IsLower(before) {
			b.WriteRune('_')
		}
		b.WriteRune(unicode.ToLower(r))
		before = r
	}
	return b.String()
}
