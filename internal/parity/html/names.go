package template

import "html/template"

type (
	// CSS is template.CSS.
	CSS = template.CSS
	// HTML is template.HTML.
	HTML = template.HTML
	// HTMLAttr is template.HTMLAttr.
	HTMLAttr = template.HTMLAttr
	// JS is template.JS.
	JS = template.JS
	// JSStr is template.JSStr.
	JSStr = template.JSStr
	// URL is template.URL.
	URL = template.URL
	// Srcset is template.Srcset.
	Srcset = template.Srcset
	// FuncMap is template.FuncMap.
	FuncMap = template.FuncMap
	// Error is template.Error.
	Error = template.Error
	// ErrorCode is template.ErrorCode.
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
