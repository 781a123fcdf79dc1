package template

import "text/template"

type (
	// FuncMap is template.FuncMap.
	FuncMap = template.FuncMap
	// ExecError is template.ExecError.
	ExecError = template.ExecError
)

// The functions of text/template.
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
