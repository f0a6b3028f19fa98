package s3event

import (
	"fmt"
	"strings"
)

// dialect is how one server writes its events.
type dialect struct {
	name string
	// speaks recognises the server by what it alone writes.
	speaks func(envelope) bool
	// notice finds the parts of an event.
	notice func(envelope) (notice, error)
	// key turns the key as written into the key of the object.
	key func(wire) (string, error)
	// size turns the size as written into bytes.
	size func(wire) (int64, error)
	// order is a hexadecimal or decimal number that grows from event to event of one key, "" when there is none.
	order func(notice) string
}

// table is the dialects of one outline. They are tried in order; the first that recognises an event reads it.
type table []dialect

var (
	// inRecords are the dialects of the members of {"Records": [...]}.
	inRecords = table{
		// VersityGW calls itself aws:s3 but decodes the key before it writes it, so that decoding again would corrupt
		// "+" and "%". It writes PrincipalId where AWS writes principalId, and a configuration id of its own. Its
		// sequencer counts from the start of the process and orders nothing. (s3event/event.go, kafka.go of v1.8.0)
		{"versitygw", isVersityGW, inPath, plain, number, unordered},
		// Ceph's gateway writes the object's name as it is. Its sequencer is a time in the byte order of the machine and
		// compares to nothing; its eventId begins with the same time in a form that does. Releases before Pacific call
		// themselves aws:s3. (populate_event in rgw_notify.cc, set_event_id and dump in rgw_pubsub.cc)
		{"ceph", isCeph, inRecord, plain, numberOrText, byEventID},
		// MinIO encodes as a form does and "/" as well; its sequencer is the time of the object. (cmd/event-notification.go)
		{"minio", isMinIO, inRecord, form, number, bySequencer},
		// AWS writes keys as in a form: "+" is a space, "%2B" a plus. (Event message structure, Amazon S3 User Guide)
		{"aws", isAWS, inRecord, form, number, bySequencer},
	}
	// alone are the dialects of notifications that are one event each.
	alone = table{
		// EventBridge writes keys as they are. (EventBridge event message structure, Amazon S3 User Guide)
		{"eventbridge", isEventBridge, inDetail, plain, number, bySequencer},
	}
)

func isVersityGW(r envelope) bool {
	_, principal := r.object("userIdentity")["PrincipalId"]
	return r.text("eventSource") == "aws:s3" && principal && strings.HasSuffix(r.object("s3").text("configurationId"), "-global")
}

func isCeph(r envelope) bool {
	source, opaque := r.text("eventSource"), r["opaqueData"] != nil && r["eventId"] != nil
	return source == "ceph:s3" || source == "aws:s3" && opaque
}

func isMinIO(r envelope) bool { return r.text("eventSource") == "minio:s3" }

func isAWS(r envelope) bool { return r.text("eventSource") == "aws:s3" }

func isEventBridge(e envelope) bool { return e.text("source") == "aws.s3" && e["detail"] != nil }

// read makes an event of what one of the dialects wrote.
func (t table) read(e envelope) (Event, error) {
	for _, d := range t {
		if d.speaks(e) {
			n, err := d.notice(e)
			if err != nil {
				return Event{}, err
			}
			return d.event(n)
		}
	}
	if source := e["eventSource"]; source != nil {
		return Event{}, fmt.Errorf("%w: eventSource is none that is known", ErrUnknown)
	}
	return Event{}, fmt.Errorf("%w: no shape of notification that is known", ErrUnknown)
}
