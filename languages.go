package greenroom

import (
	"fmt"
	"io"

	"greenroom/widgets/lang"
)

// Language is one that the pages speak: its texts, how it writes numbers and dates, and in which direction it runs.
type Language = lang.Language

// English is the language that the admin is written in.
func English() *Language { return lang.English() }

// German is built in too.
func German() (*Language, error) { return lang.German() }

// ReadLanguage reads a language from JSON, as widgets/lang/de.json has it: tag, name, group and decimal (the marks in numbers), texts by their English
// wording. "rightToLeft": true mirrors the pages, "capitals": true keeps labels as they are inside sentences. Texts may have the labels of your own tables,
// columns and actions too.
func ReadLanguage(r io.Reader) (*Language, error) { return lang.Read(r) }

// languages are those declared, or the ones that are built in.
func languages(declared []*Language) (*lang.Spoken, error) {
	if len(declared) > 0 {
		return lang.Speak(declared...), nil
	}
	german, err := German()
	if err != nil {
		return nil, fmt.Errorf("greenroom: %w", err)
	}
	return lang.Speak(English(), german), nil
}
