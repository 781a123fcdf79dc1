// Package template stands in for text/template in its own tests: it has the same API, and the standard library does the
// work. Each execution is repeated with the same template and data as HTML, by html/template and by package view, and
// those two are compared.
package template
