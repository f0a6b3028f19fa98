package dataexport_test

import (
	"strings"
	"testing"

	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/services/exporter/internal/dataexport"
)

// read is a policy for interactions with these fields beside the key.
func read(t *testing.T, unknown, fields string) *policy.Policy {
	t.Helper()
	text := "apiVersion: maskrail.io/v1\nkind: Policy\nmetadata: {name: p, version: 1}\nentity: interaction\nkey: [interactionId]\nunknown: " + unknown +
		"\nfields:\n  - {path: interactionId, keep: true}\n" + fields
	set, err := policy.Parse("p.yaml", []byte(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	p, _ := set.For("interaction")
	return p
}

func TestMedia(t *testing.T) {
	t.Parallel()
	const scrub = "scrub: {detect: [phone]}"
	tests := map[string]struct {
		fields []string
		of     []string // fields of the policies
		opened string   // what is done to unknown fields
		wrong  string
	}{
		"neither is asked for":              {fields: []string{"interactionId"}},
		"no policy":                         {fields: []string{"transcript"}, wrong: "no policy for interaction"},
		"a policy that does not know it":    {fields: []string{"transcript"}, of: []string{""}, wrong: "the policy p has to scrub"},
		"unknown fields pass":               {fields: []string{"transcript"}, of: []string{""}, opened: "pass", wrong: "the policy p has to scrub"},
		"unknown fields are dropped":        {fields: []string{"transcript", "recordingContent"}, of: []string{""}, opened: "drop"},
		"a transcript that is kept":         {fields: []string{"transcript"}, of: []string{"  - {path: transcript, keep: true}\n"}, wrong: "transcript is not exported"},
		"a transcript that is a token":      {fields: []string{"transcript"}, of: []string{"  - {path: transcript, token: {domain: x, scope: environment}}\n"}, wrong: "transcript is not exported"},
		"a transcript that is scrubbed":     {fields: []string{"transcript"}, of: []string{"  - {path: transcript, " + scrub + "}\n"}},
		"a transcript that goes":            {fields: []string{"transcript"}, of: []string{"  - {path: transcript, drop: true}\n"}},
		"a transcript, by an alias":         {fields: []string{"transcript"}, of: []string{"  - {path: text, aliases: [transcript], " + scrub + "}\n"}},
		"scrubbed on a condition":           {fields: []string{"transcript"}, of: []string{"  - {path: transcript, when: {path: interactionId, in: [x]}, " + scrub + "}\n  - {path: transcript, keep: true}\n"}, wrong: "transcript is not exported"},
		"one environment of two":            {fields: []string{"transcript"}, of: []string{"  - {path: transcript, drop: true}\n", "  - {path: transcript, keep: true}\n"}, wrong: "transcript is not exported"},
		"sound that is scrubbed":            {fields: []string{"recordingContent"}, of: []string{"  - {path: recordingContent, " + scrub + "}\n"}, wrong: "sound cannot be scrubbed"},
		"sound that goes":                   {fields: []string{"recordingContent"}, of: []string{"  - {path: recordingContent, redact: {with: x}}\n"}},
		"another spelling, another policy":  {fields: []string{"Transcript"}, of: []string{"  - {path: transcript, drop: true}\n"}, wrong: "transcript is not exported"},
		"both, and neither is provided for": {fields: []string{"transcript", "recordingContent"}, wrong: "recordingContent is not exported"},
		"others beside it change nothing":   {fields: []string{"phoneNumber", "transcript"}, of: []string{"  - {path: phoneNumber, keep: true}\n  - {path: transcript, 'null': true}\n"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := dataexport.Config{Bucket: "raw", Region: "us-east-1", Fields: tt.fields}
			for _, fields := range tt.of {
				if tt.opened == "" {
					tt.opened = "quarantine"
				}
				c.Policies = append(c.Policies, read(t, tt.opened, fields))
			}
			_, err := dataexport.New(nil, c)
			if (err == nil) != (tt.wrong == "") || err != nil && !strings.Contains(err.Error(), tt.wrong) {
				t.Errorf("error is %v, want %q", err, tt.wrong)
			}
		})
	}
}

func TestNew(t *testing.T) {
	t.Parallel()
	const phone = "+14155550142"
	tests := map[string]struct {
		config dataexport.Config
		wrong  string
	}{
		"no bucket":       {dataexport.Config{Region: "us-east-1"}, "destination"},
		"a format":        {dataexport.Config{Format: "XML"}, "format: want JSON_LINES"},
		"no field":        {dataexport.Config{Filters: []dataexport.Filter{{Operator: "EQ", Values: []string{phone}}}}, "filter 1: want the name"},
		"no operator":     {dataexport.Config{Filters: []dataexport.Filter{{Field: "ani", Values: []string{phone}}}}, "filter 1: field ani: operator"},
		"no value":        {dataexport.Config{Filters: []dataexport.Filter{{Field: "ani", Operator: "EQ"}}}, "filter 1: field ani: want one value"},
		"too many values": {dataexport.Config{Filters: []dataexport.Filter{{Field: "ani", Operator: "EQ", Values: []string{phone, phone}}}}, "filter 1: field ani: want one value"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := dataexport.New(nil, tt.config); err == nil || !strings.Contains(err.Error(), tt.wrong) || strings.Contains(err.Error(), phone) {
				t.Errorf("error is %v, want %q", err, tt.wrong)
			}
		})
	}
}
