package stage

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/objref"
)

// UndecodableType is the ce-type of the dead letter of a message that holds no usable reference. Its body is an
// Undecodable.
const UndecodableType = "io.maskrail.message.undecodable.v1"

// Undecodable describes a message that could not be read. It never holds a part of it.
type Undecodable struct {
	Service string    `json:"service"`
	Stream  string    `json:"stream"`
	Subject string    `json:"subject"`
	Stored  time.Time `json:"stored"` // when the stream stored it: finds it there
	SHA256  string    `json:"sha256"` // of the body, lower-case hex
	Bytes   int       `json:"bytes"`
	Detail  string    `json:"detail"`
}

// undecodable is the verdict on a message without a usable reference.
func (j *job) undecodable(cause error) verdict {
	sum := sha256.Sum256(j.message.Data)
	u := Undecodable{
		Service: j.Service, Stream: j.consumer.Stream, Subject: j.message.Subject, Stored: j.message.Time.UTC(),
		SHA256: hex.EncodeToString(sum[:]), Bytes: len(j.message.Data), Detail: cut(cause.Error(), maxDetail),
	}
	body, err := json.Marshal(u)
	if err != nil {
		// Only a year beyond 9999 does not encode; the message then comes again until it is found.
		return verdict{outcome: retried, delay: time.Minute, class: "undecodable", err: fmt.Errorf("describe an undecodable message: %w", err)}
	}
	key := sha256.Sum256(fmt.Appendf(nil, "%s %s %s %d %s", UndecodableType, j.Service, u.Stream, j.message.Time.UnixNano(), u.SHA256))
	id := hex.EncodeToString(key[:16])
	letter := bus.Message{
		Subject: objref.DeadSubject(j.Service, j.Environment), ID: id, Data: body,
		Header: map[string]string{
			"ce-specversion": "1.0", "ce-id": id, "ce-type": UndecodableType, "ce-source": j.source(),
			"content-type": "application/json",
		},
	}
	return verdict{outcome: dead, class: "undecodable", letters: []bus.Message{letter}, err: fmt.Errorf("undecodable message: %w", cause)}
}
