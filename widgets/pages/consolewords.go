package pages

import "greenroom/widgets/lang"

// in says the console's page in a language. The console itself speaks English, to terminals and scripts too: what it said is recognised here. Names,
// kinds and messages of actors stay as they are.
func (v *consoleView) in(l *lang.Language) {
	if l == nil {
		return
	}
	say := func(texts ...*string) {
		for _, text := range texts {
			*text = l.Late(*text)
		}
	}
	say(&v.Title, &v.Up, &v.More, &v.Empty)
	for i := range v.Fields {
		say(&v.Fields[i].Label)
	}
	for i := range v.States {
		say(&v.States[i].Label)
	}
	for i := range v.Tabs {
		say(&v.Tabs[i].Label)
	}
	for i := range v.Alerts {
		say(&v.Alerts[i].Text)
	}
	for i := range v.Tiles {
		say(&v.Tiles[i].Label, &v.Tiles[i].Note)
	}
	for i := range v.Sorts {
		say(&v.Sorts[i].Label)
	}
	for i := range v.Paces {
		say(&v.Paces[i].Label)
	}
	for i := range v.Bulk {
		say(&v.Bulk[i].Label)
	}
	for i := range v.Heads {
		say(&v.Heads[i].Label)
	}
	for i := range v.Rows {
		row := &v.Rows[i]
		for n := range row.Cells {
			say(&row.Cells[n].Label, &row.Cells[n].MarkLabel)
		}
		for n := range row.Verbs {
			say(&row.Verbs[n].Label)
		}
	}
	if v.Ask != nil {
		say(&v.Ask.Title, &v.Ask.Text, &v.Ask.Yes)
	}
	if v.Trace != nil {
		say(&v.Trace.Text)
	}
}
