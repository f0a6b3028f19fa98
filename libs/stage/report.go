package stage

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/maskrail/maskrail/libs/telemetry"
)

// report tells metrics, span and log what became of the delivery: one line each, without a key.
func (j *job) report(ctx context.Context, v verdict, took time.Duration) {
	stage := telemetry.String("maskrail.stage", string(j.From))
	result := telemetry.String("maskrail.outcome", string(v.outcome))
	labels := []telemetry.Attr{stage, result}
	if len(j.refs) > 0 {
		labels = append(labels, telemetry.String("maskrail.entity", j.refs[0].Entity))
	}
	if v.class != "" {
		labels = append(labels, telemetry.String("maskrail.class", v.class))
	}
	j.Telemetry.Count(ctx, "maskrail.stage.messages", 1, labels...)
	j.Telemetry.Record(ctx, "maskrail.stage.duration", took.Seconds(), labels...)
	if j.delivery.Number() > 1 {
		j.Telemetry.Count(ctx, "maskrail.stage.redeliveries", 1, stage)
	}
	if v.outcome != retried && v.outcome != stopped {
		j.Telemetry.Count(ctx, "maskrail.stage.rows", v.rows, labels...)
		j.Telemetry.Count(ctx, "maskrail.stage.bytes", v.bytes, labels...)
	}
	telemetry.Set(ctx, result, telemetry.Int("maskrail.rows", v.rows))
	j.log(ctx, v, took)
}

func (j *job) log(ctx context.Context, v verdict, took time.Duration) {
	level := slog.LevelInfo
	attrs := []slog.Attr{
		slog.String("outcome", string(v.outcome)), slog.String("durable", j.consumer.Durable),
		slog.Int("delivery", j.delivery.Number()), slog.Float64("seconds", took.Seconds()),
	}
	if len(j.refs) > 0 {
		r := j.refs[0]
		attrs = append(attrs, slog.String("run", r.Run), slog.String("entity", r.Entity), slog.String("object", r.Object.ShortID()))
	}
	if len(j.refs) > 1 {
		attrs = append(attrs, slog.Int("objects", len(j.refs)))
	}
	switch v.outcome {
	case done:
		attrs = append(attrs, slog.Int64("rows", v.rows))
	case retried:
		level = slog.LevelWarn
		attrs = append(attrs, slog.String("class", v.class), slog.Duration("wait", v.delay), slog.String("error", v.err.Error()))
	case rejected, dead:
		level = slog.LevelError
		attrs = append(attrs, slog.String("class", v.class), slog.String("error", v.err.Error()))
	}
	j.Telemetry.Log().LogAttrs(ctx, level, "message settled", attrs...)
}

// template is the subject with its variable tokens in braces, so that names of spans are few.
func template(subject string) string {
	tokens := strings.Split(subject, ".")
	if len(tokens) < 2 || tokens[0] != "maskrail" {
		return "other"
	}
	switch tokens[1] {
	case "raw":
		return "maskrail.raw.{entity}.{tenant}"
	case "masked", "validated", "loaded", "rejected":
		return "maskrail." + tokens[1] + ".{env}.{entity}.{tenant}"
	case "dead":
		return "maskrail.dead.{service}.{env}"
	case "replay":
		return "maskrail.replay.{env}.{stage}.{entity}.{tenant}"
	case "s3":
		return "maskrail.s3.{source}"
	}
	return "other"
}
