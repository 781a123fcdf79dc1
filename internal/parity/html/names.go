package template

import "html/template"

// The types of html/template.
type (
	CSS       = template.CSS
	HTML      = template.HTML
	HTMLAttr  = template.HTMLAttr
	JS        = template.JS
	JSStr     = template.JSStr
	URL       = template.URL
	Srcset    = template.Srcset
	FuncMap   = template.FuncMap
	Error     = template.Error
	ErrorCode = template.ErrorCode
)

// The error codes of html/template.
const (
	OK                   = template.OK
	ErrAmbigContext      = template.ErrAmbigContext
	ErrBadHTML           = template.ErrBadHTML
	ErrBranchEnd         = template.ErrBranchEnd
	ErrEndContext        = template.ErrEndContext
	ErrNoSuchTemplate    = template.ErrNoSuchTemplate
	ErrOutputContext     = template.ErrOutputContext
	ErrPartialCharset    = template.ErrPartialCharset
	ErrPartialEscape     = template.ErrPartialEscape
	ErrRangeLoopReentry  = template.ErrRangeLoopReentry
	ErrSlashAmbig        = template.ErrSlashAmbig
	ErrPredefinedEscaper = template.ErrPredefinedEscaper
	ErrJSTemplate        = template.ErrJSTemplate //nolint:staticcheck // a test asks for it
)

// The functions of html/template.
var (
	HTMLEscape       = template.HTMLEscape
	HTMLEscapeString = template.HTMLEscapeString
	HTMLEscaper      = template.HTMLEscaper
	IsTrue           = template.IsTrue
	JSEscape         = template.JSEscape
	JSEscapeString   = template.JSEscapeString
	JSEscaper        = template.JSEscaper
	URLQueryEscaper  = template.URLQueryEscaper
)
