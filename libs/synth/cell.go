package synth

import (
	"reflect"
	"strings"
	"sync"
	"time"
)

// cell is a member of a record that may be absent, null or a value.
type cell[T any] struct {
	state state
	value T
}

type state uint8

const (
	absent state = iota
	null
	given
)

// millis is a time in milliseconds since 1970, UTC.
type millis int64

type (
	text  = cell[string]
	whole = cell[int64]
	float = cell[float64]
	flag  = cell[bool]
	stamp = cell[millis]
)

func is[T any](v T) cell[T] { return cell[T]{given, v} }

// when is v where it is true, and absent otherwise.
func when[T any](is bool, v T) (c cell[T]) {
	if is {
		c = cell[T]{given, v}
	}
	return c
}

func (cell[T]) optional() {}

var (
	optional   = reflect.TypeFor[interface{ optional() }]()
	millisType = reflect.TypeFor[millis]()
)

// valueOf is the value in a cell, and how far there is one.
func valueOf(c reflect.Value) (reflect.Value, state) {
	return c.Field(1), state(c.Field(0).Uint())
}

// memberName is a field's name in a file.
func memberName(field string) string {
	field = strings.ReplaceAll(field, "ID", "Id")
	return strings.ToLower(field[:1]) + field[1:]
}

var membersOf sync.Map // of a struct's type: []string

// memberNames are the names in a file of the fields of a struct.
func memberNames(t reflect.Type) []string {
	if names, ok := membersOf.Load(t); ok {
		return names.([]string)
	}
	names := make([]string, t.NumField())
	for i := range names {
		names[i] = memberName(t.Field(i).Name)
	}
	membersOf.Store(t, names)
	return names
}

func (m millis) String() string {
	return time.UnixMilli(int64(m)).UTC().Format("2006-01-02T15:04:05.000Z")
}
