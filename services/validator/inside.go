package validator

import (
	"slices"
	"strings"
	"unicode"

	"github.com/maskrail/maskrail/libs/detect"
	"github.com/maskrail/maskrail/libs/policy"
)

// inside tells how a value inside a map or a JSON text looks: as one of its treatments leaves it.
type inside []shape

// shape is what one treatment leaves of such a value.
type shape struct {
	kept  bool                 // it stays what it was, a number too
	count bool                 // a number becomes one
	text  treatment            // of a string; nil for any
	json  func(jsonValue) bool // of an array or object that is treated by its parts; nil for none
}

// newInside is the shapes of some treatments. Drop leaves nothing that could be looked at.
func (d *detectors) newInside(treatments ...policy.Treatment) inside {
	var all inside
	for _, t := range treatments {
		switch t := t.(type) {
		case policy.Drop:
		case policy.Keep:
			all = append(all, shape{kept: true})
		case policy.Map:
			m := d.newOpenMap(t)
			all = append(all, shape{text: m.text, json: m.json})
		case policy.JSON:
			j := d.newJSONText(t)
			all = append(all, shape{text: j.text, json: j.json})
		default:
			_, count := t.(policy.Bucket)
			all = append(all, shape{text: treatmentOf(t), count: count})
		}
	}
	return all
}

// string reports whether a text may stand there.
func (i inside) string(text string) bool {
	return slices.ContainsFunc(i, func(s shape) bool { return s.text == nil || s.text([]byte(text)) })
}

// value reports whether a JSON value may. loose says that a kept one may be an array or object.
func (i inside) value(v jsonValue, loose bool) bool {
	switch v.kind {
	case jsonNull:
		return true
	case jsonString:
		return i.string(v.text)
	case jsonScalar:
		return slices.ContainsFunc(i, func(s shape) bool { return s.kept || s.count && s.text([]byte(v.text)) })
	}
	return slices.ContainsFunc(i, func(s shape) bool { return s.kept && loose || s.json != nil && s.json(v) })
}

// openMap tells how a masked map looks.
type openMap struct {
	named  map[string]inside
	others inside // what stands under other keys; nothing where they are left out
	values *detect.Set
}

func (d *detectors) newOpenMap(t policy.Map) openMap {
	m := openMap{named: map[string]inside{}, others: d.newInside(t.Default), values: d.plain.refused}
	for _, key := range t.Keep {
		m.named[key] = d.newInside(policy.Keep{})
	}
	sure := map[string]bool{} // keys that have a treatment whatever else is in the map
	for _, f := range t.Fields {
		m.named[f.Path] = append(m.named[f.Path], d.newInside(f.Treatment)...)
		sure[f.Path] = sure[f.Path] || f.When == nil
	}
	for key, is := range sure {
		if !is {
			m.named[key] = append(m.named[key], m.others...)
		}
	}
	return m
}

// of is what may stand under a key; false when the key itself may not be there.
func (m openMap) of(key string) (inside, bool) {
	if known, ok := m.named[key]; ok {
		return known, len(known) > 0
	}
	return m.others, len(m.others) > 0 && (isKeyToken(key) || !m.sensitive(key))
}

// entry reports whether a key and its text are as the treatment leaves them; there is no text for null.
func (m openMap) entry(key, text string, null bool) bool {
	of, ok := m.of(key)
	return ok && (null || of.string(text))
}

func (m openMap) text(b []byte) bool {
	if len(b) == 0 {
		return true
	}
	v, ok := unquoted(b)
	return ok && (v.kind == jsonNull || m.json(v))
}

func (m openMap) json(v jsonValue) bool {
	if v.kind != jsonObject {
		return false
	}
	for i, name := range v.names {
		if of, ok := m.of(name); !ok || !of.value(v.elements[i], true) {
			return false
		}
	}
	return true
}

// sensitive reports that a key of the source would have become a token.
func (m openMap) sensitive(key string) bool {
	run := 0
	for _, r := range key {
		if run++; !unicode.IsDigit(r) {
			run = 0
		}
		if run >= 5 || r == '@' || r == '＠' {
			return true
		}
	}
	return m.values.Contains([]byte(key))
}

func isKeyToken(key string) bool {
	token, ok := strings.CutPrefix(key, "key_")
	return ok && len(token) == policy.TokenLength && consists([]byte(token), isBase32)
}

// jsonText tells how a masked JSON text looks.
type jsonText struct {
	top     *jsonNode
	invalid policy.Invalid
}

// jsonNode is a place in it.
type jsonNode struct {
	lists   int
	members map[string]*jsonNode // nil for a value
	values  inside
}

func (d *detectors) newJSONText(t policy.JSON) jsonText {
	return jsonText{d.newJSONNode(t.Tree()), t.Invalid}
}

func (d *detectors) newJSONNode(n *policy.Node) *jsonNode {
	at := &jsonNode{lists: n.Lists}
	if n.Leaf() {
		for _, f := range n.Fields {
			at.values = append(at.values, d.newInside(f.Treatment)...)
		}
		return at
	}
	at.members = map[string]*jsonNode{}
	for _, m := range n.Members {
		if !m.Dropped() {
			at.members[m.Name] = d.newJSONNode(m)
		}
	}
	return at
}

func (t jsonText) text(b []byte) bool {
	if len(b) == 0 || t.invalid == policy.RedactInvalid && string(b) == policy.Masked {
		return true
	}
	v, ok := unquoted(b)
	return ok && t.json(v)
}

func (t jsonText) json(v jsonValue) bool { return t.top.holds(v, t.top.lists) }

func (n *jsonNode) holds(v jsonValue, lists int) bool {
	switch {
	case v.kind == jsonNull:
		return true
	case lists > 0:
		return v.kind == jsonArray && !slices.ContainsFunc(v.elements, func(e jsonValue) bool { return !n.holds(e, lists-1) })
	case n.members == nil:
		return n.values.value(v, false)
	case v.kind != jsonObject:
		return false
	}
	for i, name := range v.names {
		m := n.members[name]
		if m == nil || !m.holds(v.elements[i], m.lists) {
			return false
		}
	}
	return true
}
