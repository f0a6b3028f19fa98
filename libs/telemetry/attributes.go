package telemetry

import (
	"slices"
	"strings"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"
)

// maxValue is the longest attribute value in bytes; what is longer is cut.
const maxValue = 256

// use says where a key may stand.
type use uint8

const (
	spanOnly use = iota + 1 // one value per object or message: as a metric label it would be a series each
	label                   // few values: spans and metrics
)

// allowed is every attribute that leaves the process. What is not here is dropped, and on a span counted in
// maskrail.telemetry.dropped. A key is added when its values can never come out of a record: names of columns, keys of
// objects, statements of a database and texts of errors stay out.
var allowed = map[string]use{
	"messaging.system":               label,
	"messaging.operation.name":       label,
	"messaging.operation.type":       label,
	"messaging.destination.name":     spanOnly, // the subject: stage, environment, entity, tenant
	"messaging.destination.template": label,
	"messaging.consumer.group.name":  label, // the durable
	"messaging.message.id":           spanOnly,
	"messaging.message.body.size":    spanOnly,
	"messaging.batch.message_count":  spanOnly,

	"db.system.name":            label,
	"db.operation.name":         label,
	"db.collection.name":        label, // the table
	"db.response.returned_rows": spanOnly,

	"server.address":            spanOnly,
	"server.port":               spanOnly,
	"http.request.method":       label,
	"http.response.status_code": label,
	"rpc.system":                label,
	"rpc.method":                label,
	"aws.s3.bucket":             label,
	"error.type":                label,

	"maskrail.service":     label,
	"maskrail.stage":       label, // raw, masked, validated, loaded
	"maskrail.stream":      label,
	"maskrail.environment": label,
	"maskrail.entity":      label,
	"maskrail.tenant":      label,
	"maskrail.outcome":     label, // done, skipped, rejected, dead, retried
	"maskrail.class":       label, // the reason's class
	"maskrail.check":       label, // a check of the validator
	"maskrail.detector":    label, // phone, email, card, ssn, ...
	"maskrail.treatment":   label,
	"maskrail.source":      label, // data-export, genesys-analytics, s3-drop
	"maskrail.dialect":     label, // of an S3 notification
	"maskrail.sink":        label, // duckdb, postgres, api
	"maskrail.format":      label, // parquet, csv, jsonl
	"maskrail.key.epoch":   label,

	"maskrail.object":      spanOnly, // the short id
	"maskrail.run":         spanOnly,
	"maskrail.policy":      spanOnly, // digest
	"maskrail.attestation": spanOnly, // digest
	"maskrail.delivery":    spanOnly, // how often the message was delivered
	"maskrail.attempt":     spanOnly,
	"maskrail.rows":        spanOnly,
	"maskrail.rows.in":     spanOnly,
	"maskrail.rows.out":    spanOnly,
	"maskrail.rows.loaded": spanOnly,
	"maskrail.rejects":     spanOnly,
	"maskrail.columns":     spanOnly, // their number
	"maskrail.row_groups":  spanOnly,
	"maskrail.distinct":    spanOnly,
	"maskrail.cache.hits":  spanOnly,
	"maskrail.hits":        spanOnly, // detector hits
	"maskrail.bytes":       spanOnly,
	"maskrail.objects":     spanOnly,
	"maskrail.workers":     spanOnly,
}

// clean returns the attributes that may leave on a span, with long values cut, and how many were dropped.
func clean(attrs []attribute.KeyValue) (kept []attribute.KeyValue, dropped int) {
	kept = make([]attribute.KeyValue, 0, len(attrs))
	for _, a := range attrs {
		if v, ok := cut(a.Value); ok && allowed[string(a.Key)] != 0 {
			kept = append(kept, attribute.KeyValue{Key: a.Key, Value: v})
		} else {
			dropped++
		}
	}
	return kept, dropped
}

// labels returns the attributes that a metric may carry.
func labels(attrs []attribute.KeyValue) []attribute.KeyValue {
	kept, _ := clean(attrs)
	return slices.DeleteFunc(kept, func(a attribute.KeyValue) bool { return allowed[string(a.Key)] != label })
}

// cut shortens text to maxValue bytes at a rune boundary. Lists and maps are refused: nothing here needs them, and
// each could smuggle a record.
func cut(v attribute.Value) (attribute.Value, bool) {
	switch v.Type() {
	case attribute.BOOL, attribute.INT64, attribute.FLOAT64:
		return v, true
	case attribute.STRING:
		s := strings.ToValidUTF8(v.AsString(), "\uFFFD")
		if len(s) > maxValue {
			end := maxValue
			for !utf8.RuneStart(s[end]) {
				end--
			}
			s = s[:end]
		}
		return attribute.StringValue(s), true
	default:
		return v, false
	}
}
