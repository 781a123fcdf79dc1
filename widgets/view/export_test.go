package view

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
)

// CompileAny compiles what Compile compiles, and templates with attributes that it refuses.
func CompileAny(t *template.Template) (*Template, error) {
	return compile(t, true, nil)
}

// IsWhole reports whether a template has no parts.
func IsWhole(t *Template) bool { return t.layouts[nil].root == nil }

// Engines counts by which engine templates were executed in SameRecordings.
type Engines struct{ Machine, GaveUp, Standard int }

// SameRecordings executes a template by both engines and compares what they leave behind.
func SameRecordings(t *Template, data any, count *Engines) error {
	l, err := t.layoutFor(data)
	if err == nil && l.mistake != "" {
		return errors.New(l.mistake)
	}
	if err != nil || l.root == nil {
		return err
	}
	made, wantErr := l.program.record(data)
	want := made.seal()
	if l.machine == nil {
		count.Standard++
		return nil
	}
	got, ok := l.machine.record(l, nil, data)
	if !ok {
		count.GaveUp++
		return nil
	}
	count.Machine++
	switch {
	case wantErr != nil:
		return fmt.Errorf("the machine made %q, the standard executor says %w", got.buf, wantErr)
	case string(got.buf) != string(want.buf):
		return fmt.Errorf("machine  %q\nstandard %q", got.buf, want.buf)
	case !bytes.Equal(got.nodes, want.nodes):
		return fmt.Errorf("of %q machine %x, standard %x", got.buf, got.nodes, want.nodes)
	}
	return nil
}
