// Package evaluate tells how good the detectors are: it holds what they find in labelled texts against the labels, and
// counts precision, recall and F2 by class.
//
// Texts and labels are in the format of microsoft/presidio-research: a JSON array of samples, whose positions count
// characters (Unicode code points).
package evaluate

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// Sample is a text and what is in it.
type Sample struct {
	Text   string  `json:"full_text"`
	Labels []Label `json:"spans"`
}

// Label says that the characters [Start,End) of the text are a value of a type. Types are the data set's own words, such
// as PHONE_NUMBER; a Mapping gives them a class.
type Label struct {
	Type  string `json:"entity_type"`
	Value string `json:"entity_value,omitempty"` // repeats the text; not looked at
	Start int    `json:"start_position"`
	End   int    `json:"end_position"`
}

// maxSamples bounds what is read: a data set of this size is about 10 GB.
const maxSamples = 10_000_000

// Read reads a JSON array of samples. Members that are not of use here are skipped. Errors name the sample, counted
// from 1, and hold nothing of its text.
func Read(r io.Reader) ([]Sample, error) {
	d := json.NewDecoder(r)
	if open, err := d.Token(); err != nil || open != json.Delim('[') {
		return nil, errors.New("read samples: want a JSON array of {full_text, spans} objects")
	}
	out := []Sample{}
	for d.More() {
		if len(out) == maxSamples {
			return nil, fmt.Errorf("read samples: more than %d", maxSamples)
		}
		s, err := readSample(d)
		if err != nil {
			return nil, fmt.Errorf("read sample %d: %w", len(out)+1, err)
		}
		out = append(out, s)
	}
	if _, err := d.Token(); err != nil {
		return nil, errors.New("read samples: the array has no end: was the file cut off?")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("read samples: there is something behind the array")
	}
	return out, nil
}

func readSample(d *json.Decoder) (Sample, error) {
	var in struct {
		Text   *string `json:"full_text"`
		Labels []struct {
			Type  string `json:"entity_type"`
			Value string `json:"entity_value"`
			Start *int   `json:"start_position"`
			End   *int   `json:"end_position"`
		} `json:"spans"`
	}
	if err := d.Decode(&in); err != nil {
		return Sample{}, plain(err)
	}
	if in.Text == nil {
		return Sample{}, errors.New("full_text is missing")
	}
	s := Sample{Text: *in.Text, Labels: []Label{}}
	length := utf8.RuneCountInString(s.Text)
	for i, l := range in.Labels {
		switch {
		case l.Type == "":
			return Sample{}, fmt.Errorf("span %d: entity_type is missing", i+1)
		case l.Start == nil || l.End == nil:
			return Sample{}, fmt.Errorf("span %d: start_position and end_position are needed", i+1)
		case *l.Start < 0 || *l.End <= *l.Start || *l.End > length:
			return Sample{}, fmt.Errorf("span %d: [%d,%d) is not within the %d characters of full_text", i+1, *l.Start, *l.End, length)
		}
		s.Labels = append(s.Labels, Label{Type: l.Type, Value: l.Value, Start: *l.Start, End: *l.End})
	}
	return s, nil
}

// plain is what went wrong without the words of the decoder, which can quote the text.
func plain(err error) error {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Errorf("%s has another type than %s", wrong.Field, wrong.Type)
	}
	return errors.New("no JSON object of the form {full_text, spans}: was the file cut off?")
}

// Write writes samples as Read reads them, with the texts of the labels.
func Write(w io.Writer, samples []Sample) error {
	if samples == nil {
		samples = []Sample{}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(samples); err != nil {
		return fmt.Errorf("write samples: %w", err)
	}
	_, err := w.Write(b.Bytes())
	return err
}
