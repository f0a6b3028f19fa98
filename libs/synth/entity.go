package synth

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/maskrail/maskrail/libs/columnar"
)

// The kinds of record.
const (
	Interactions  = "interaction"  // flat
	Conversations = "conversation" // nested, about 8 kB as JSON
)

// Entities are the kinds of record, in the order of their names.
func Entities() []string { return slices.Sorted(maps.Keys(entities)) }

// entity makes one kind of record.
type entity struct {
	schema    func() *arrow.Schema
	batch     func(seed uint64, from, to int64) arrow.RecordBatch // the caller releases it
	record    func(seed uint64, i int64) reflect.Value            // nil for what is flat
	batchRows int64
	groupRows int // of a Parquet row group
}

var entities = map[string]entity{
	Interactions: {schema: Schema, batch: Batch, batchRows: 16_384, groupRows: columnar.DefaultRowGroupRows},
	// Some 130 MB of JSON a row group, as the smaller ones in the field have.
	Conversations: {schema: conversationSchema, batch: conversationBatch, record: conversationRecord, batchRows: 1024, groupRows: 16_384},
}

// entity is what f holds.
func (f File) entity() (entity, error) {
	e, ok := entities[f.Entity]
	if !ok {
		return entity{}, fmt.Errorf("entity %q is none of %v", f.Entity, Entities())
	}
	words, ok := prosaic[cmp.Or(f.Notes, Plain)]
	switch {
	case !ok:
		return entity{}, fmt.Errorf("notes %q are none of %v", f.Notes, Notes())
	case f.Entity != Interactions && f.Notes != "" && f.Notes != Plain:
		return entity{}, fmt.Errorf("a %s has no notes: %s notes are for entity %s", f.Entity, f.Notes, Interactions)
	case f.Entity == Interactions:
		e.batch = func(seed uint64, from, to int64) arrow.RecordBatch { return batch(seed, from, to, words) }
	}
	return e, nil
}

func conversationSchema() *arrow.Schema {
	return arrow.NewSchema(arrowFields(reflect.TypeFor[conversation]()), nil)
}

func conversationRecord(seed uint64, i int64) reflect.Value {
	return reflect.ValueOf(newConversation(seed, i)).Elem()
}

func conversationBatch(seed uint64, from, to int64) arrow.RecordBatch {
	b := array.NewRecordBuilder(memory.DefaultAllocator, conversationSchema())
	defer b.Release()
	for i := from; i < to; i++ {
		v := conversationRecord(seed, i)
		for c := range v.NumField() {
			appendArrow(b.Field(c), v.Field(c))
		}
	}
	return b.NewRecordBatch()
}
