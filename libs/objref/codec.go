package objref

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/maskrail/maskrail/libs/bus"
)

// ErrMalformed means that a message is not a reference this version can read.
var ErrMalformed = errors.New("malformed reference")

const (
	typePrefix  = "io.maskrail.object."
	typeVersion = ".v1"
)

// Encode makes the message of r for the stage, to be published on subject. source names the service that
// publishes, as in "/masker". It refuses what Decode would refuse.
func Encode(r Ref, s Stage, subject, source string) (bus.Message, error) {
	if err := r.check(s); err != nil {
		return bus.Message{}, fmt.Errorf("encode reference: %w", err)
	}
	body, err := json.Marshal(r)
	if err != nil {
		return bus.Message{}, fmt.Errorf("encode reference: %w", err)
	}
	id := r.MessageID(s)
	return bus.Message{
		Subject: subject,
		ID:      id,
		Data:    body,
		Header: map[string]string{
			"ce-specversion":  "1.0",
			"ce-id":           id,
			"ce-type":         typePrefix + string(s) + typeVersion,
			"ce-source":       source,
			"ce-subject":      r.Object.Identity(),
			"content-type":    "application/json",
			"ce-maskrailrun":  r.Run,
			"ce-partitionkey": r.Origin().Identity(),
		},
	}, nil
}

// Decode reads a reference and the stage it is of. It refuses another type or version and a reference that
// points nowhere, and ignores fields it does not know, since fields are only ever added. No error holds a part
// of the message.
func Decode(m bus.Message) (Ref, Stage, error) {
	t, ok := strings.CutPrefix(m.Header["ce-type"], typePrefix)
	if !ok {
		return Ref{}, "", fmt.Errorf("%w: ce-type is not one of ours", ErrMalformed)
	}
	stage, ok := strings.CutSuffix(t, typeVersion)
	if !ok {
		return Ref{}, "", fmt.Errorf("%w: ce-type has another version than %s", ErrMalformed, typeVersion[1:])
	}
	var r Ref
	if err := json.Unmarshal(m.Data, &r); err != nil { // its text can hold a part of the body
		return Ref{}, "", fmt.Errorf("%w: body is not the JSON of a reference", ErrMalformed)
	}
	if err := r.check(Stage(stage)); err != nil {
		return Ref{}, "", err
	}
	return r, Stage(stage), nil
}

// check says what a reference of the stage lacks.
func (r Ref) check(s Stage) error {
	missing := func(field string) error { return fmt.Errorf("%w: %s is missing", ErrMalformed, field) }
	switch {
	case r.Object.Bucket == "":
		return missing("object.bucket")
	case r.Object.Key == "":
		return missing("object.key")
	case r.Object.Version == "":
		return missing("object.version")
	case r.Entity == "":
		return missing("entity")
	case r.Run == "":
		return missing("run")
	case r.Rows < 0, r.Object.Bytes < 0:
		return fmt.Errorf("%w: a count is negative", ErrMalformed)
	}
	switch s {
	case AtRaw:
	case AtMasked, AtValidated:
		return r.checkMasked(missing)
	case AtLoaded:
		if err := r.checkMasked(missing); err != nil {
			return err
		}
		return r.checkOutcome(missing, Loaded, Skipped)
	case AtRejected:
		return r.checkOutcome(missing, Rejected, Released, Discarded)
	case AtDead:
		return r.checkOutcome(missing, Dead)
	default:
		return fmt.Errorf("%w: ce-type names no stage", ErrMalformed)
	}
	return nil
}

func (r Ref) checkMasked(missing func(string) error) error {
	switch {
	case r.Environment == "":
		return missing("environment")
	case r.Source == nil:
		return missing("source")
	case r.Policy == "":
		return missing("policy")
	case r.Object.SHA256 == "":
		return missing("object.sha256")
	}
	return nil
}

func (r Ref) checkOutcome(missing func(string) error, states ...State) error {
	switch {
	case r.Outcome == nil:
		return missing("outcome")
	case !slices.Contains(states, r.Outcome.State):
		return fmt.Errorf("%w: outcome.state does not belong to the stage", ErrMalformed)
	case r.Outcome.Reason == nil && r.Outcome.State != Loaded && r.Outcome.State != Skipped:
		return missing("outcome.reason")
	}
	return nil
}
