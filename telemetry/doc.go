// Package telemetry tells other people's tools what happens in a room. It needs the interfaces of OpenTelemetry only; which SDK is behind them, and where
// its spans go, is the embedding program's choice.
//
//	Config.Tracer = telemetry.OpenTelemetry(provider)
//
//	event | mount | news ─┬─► sql read, sql write     in the database, as far as the handler's context goes
//	   (a widget's task)  └─► patch                    what was drawn and compared
//
// Spans have names of widgets, events and tables, never what people wrote. Nothing runs here by itself.
package telemetry
