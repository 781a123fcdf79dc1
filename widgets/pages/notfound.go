package pages

import "errors"

// ErrNotFound is returned for a page that does not exist or that the person may not see: the two are not told apart.
var ErrNotFound = errors.New("pages: not found")

// notFound is an ErrNotFound with a text for the person.
type notFound string

func (e notFound) Error() string        { return "pages: not found: " + string(e) }
func (e notFound) Is(target error) bool { return target == ErrNotFound }

// NotFoundText is what a person is told about an ErrNotFound.
func NotFoundText(err error) string {
	if e, ok := errors.AsType[notFound](err); ok {
		return string(e)
	}
	return "There is nothing at this address, or it is not yours to see."
}
