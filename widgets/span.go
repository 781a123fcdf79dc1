package widgets

import "context"

// Tracer is told where the time goes: of an event, what its handler did, its statements in the database, and the patch. It is a port: package telemetry has
// one for OpenTelemetry. Its methods may be called from any goroutine.
type Tracer interface {
	// Start begins a span under the one of ctx, if it has one, and returns the context of what is done within; end is called once, with the error if there
	// was one. Names are few; attributes come in pairs of name and value, and never hold what people wrote.
	Start(ctx context.Context, name string, attributes ...string) (within context.Context, end func(err error))
}

type tracerKey struct{}

// WithTracer has everything under a context told to a Tracer.
func WithTracer(ctx context.Context, t Tracer) context.Context {
	if t == nil {
		return ctx
	}
	return context.WithValue(ctx, tracerKey{}, t)
}

// Span begins a span if somebody wants to know; else it costs one look at the context.
func Span(ctx context.Context, name string, attributes ...string) (within context.Context, end func(err error)) {
	t, ok := ctx.Value(tracerKey{}).(Tracer)
	if !ok {
		return ctx, unheard
	}
	return t.Start(ctx, name, attributes...)
}

func unheard(error) {}
