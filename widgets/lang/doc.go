// Package lang keeps what the admin says, in each language that it speaks.
//
//	en: the texts as they stand in templates and Go ─► T, N ─► what a person reads
//	de.json: text ─► its translation, by plural form     │
//	Choose: account, then Accept-Language, then the first ┘
//
// The key of a text is its English wording. In a template {{t "Save"}} and {{t "Started by %s" .Owner}} are replaced when the template is loaded for a
// language (Words), so that a drawn page costs what it cost in English. In Go it is in.Language.T("Saved."), and N where a number decides the form.
// A nil *Language is English. A text that a language does not have is said in English; a test of package pages fails when German lacks one.
package lang
