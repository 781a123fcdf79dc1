package telemetry

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"greenroom/widgets"
)

// scope names the spans' origin.
const scope = "greenroom"

// OpenTelemetry makes a Tracer of a provider, such as the SDK's.
func OpenTelemetry(p trace.TracerProvider) widgets.Tracer { return spans{p.Tracer(scope)} }

type spans struct{ to trace.Tracer }

// Start begins a span. Of an error only that there was one is told: its text may hold what people wrote.
func (s spans) Start(ctx context.Context, name string, attributes ...string) (context.Context, func(error)) {
	all := make([]attribute.KeyValue, 0, len(attributes)/2)
	for n := 0; n+1 < len(attributes); n += 2 {
		if attributes[n+1] != "" {
			all = append(all, attribute.String("greenroom."+attributes[n], attributes[n+1]))
		}
	}
	ctx, span := s.to.Start(ctx, name, trace.WithAttributes(all...))
	return ctx, func(err error) {
		if err != nil {
			span.SetStatus(codes.Error, "failed")
		}
		span.End()
	}
}
