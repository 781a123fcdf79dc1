package lang

import "golang.org/x/text/language"

// Spoken are the languages of one admin; the first is for people who asked for none of them.
type Spoken struct {
	all     []*Language
	matcher language.Matcher
}

// Speak gathers languages. None at all means English alone. Of two with one tag the later is meant.
func Speak(all ...*Language) *Spoken {
	s := &Spoken{}
	for _, l := range all {
		if l == nil {
			l = English()
		}
		if at := s.at(l.tag); at >= 0 {
			s.all[at] = l
		} else {
			s.all = append(s.all, l)
		}
	}
	if len(s.all) == 0 {
		s.all = []*Language{English()}
	}
	var tags []language.Tag
	for _, l := range s.all {
		tags = append(tags, l.parsed)
	}
	s.matcher = language.NewMatcher(tags)
	return s
}

// All are the languages, the first being the one for everybody else.
func (s *Spoken) All() []*Language {
	if s == nil {
		return []*Language{English()}
	}
	return s.all
}

// Get is the language of a tag, nil if it is not spoken.
func (s *Spoken) Get(tag string) *Language {
	if s == nil {
		return nil
	}
	if at := s.at(tag); at >= 0 {
		return s.all[at]
	}
	return nil
}

func (s *Spoken) at(tag string) int {
	for i, l := range s.all {
		if l.tag == tag {
			return i
		}
	}
	return -1
}

// Choose is the language that a person chose, by its tag, else the best of what their browser accepts (the header Accept-Language), else the first.
func (s *Spoken) Choose(chosen, accepts string) *Language {
	if s == nil {
		return nil
	}
	if l := s.Get(chosen); l != nil {
		return l
	}
	if len(s.all) == 1 || accepts == "" || len(accepts) > 1000 {
		return s.all[0]
	}
	wanted, _, err := language.ParseAcceptLanguage(accepts)
	if err != nil || len(wanted) == 0 {
		return s.all[0]
	}
	_, at, confidence := s.matcher.Match(wanted...)
	if confidence == language.No {
		return s.all[0]
	}
	return s.all[at]
}
