// Package template stands in for html/template in its own tests: it has the same API, the standard library does the work,
// and each execution is repeated by package view and compared.
package template
