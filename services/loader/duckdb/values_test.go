package duckdb_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/extensions"
	driver "github.com/duckdb/duckdb-go/v2"
)

// sameCell says how cell i of an array of package columnar differs from what DuckDB has for it. Floats are compared by
// their bits, everything else exactly.
func sameCell(col arrow.Array, i int, v any) error {
	if col.IsNull(i) || v == nil {
		if col.IsNull(i) && v == nil {
			return nil
		}
		return fmt.Errorf("null is %t here, %t in duckdb", col.IsNull(i), v == nil)
	}
	switch a := col.(type) {
	case *array.Map:
		return sameMap(a, i, v)
	case array.ListLike:
		return sameList(a, i, v)
	case *array.Struct:
		return sameStruct(a, i, v)
	}
	return sameLeaf(col, i, v)
}

func sameList(a array.ListLike, i int, v any) error {
	list, ok := v.([]any)
	from, to := a.ValueOffsets(i)
	if !ok || int64(len(list)) != to-from {
		return fmt.Errorf("a list of %d is %T in duckdb, %v", to-from, v, v)
	}
	for j, e := range list {
		if err := sameCell(a.ListValues(), int(from)+j, e); err != nil {
			return fmt.Errorf("element %d: %w", j, err)
		}
	}
	return nil
}

func sameStruct(a *array.Struct, i int, v any) error {
	members, ok := v.(map[string]any)
	if !ok || len(members) != a.NumField() {
		return fmt.Errorf("a struct of %d is %T in duckdb, %v", a.NumField(), v, v)
	}
	for j, f := range a.DataType().(*arrow.StructType).Fields() {
		member, ok := members[f.Name]
		if !ok {
			return fmt.Errorf("duckdb has no member %s", f.Name)
		}
		if err := sameCell(a.Field(j), i, member); err != nil {
			return fmt.Errorf("member %s: %w", f.Name, err)
		}
	}
	return nil
}

func sameMap(a *array.Map, i int, v any) error {
	m, ok := v.(driver.OrderedMap)
	from, to := a.ValueOffsets(i)
	if !ok || int64(m.Len()) != to-from {
		return fmt.Errorf("a map of %d is %T in duckdb, %v", to-from, v, v)
	}
	keys, values := m.Keys(), m.Values()
	for j := range keys {
		if err := errors.Join(sameCell(a.Keys(), int(from)+j, keys[j]), sameCell(a.Items(), int(from)+j, values[j])); err != nil {
			return fmt.Errorf("entry %d: %w", j, err)
		}
	}
	return nil
}

func sameLeaf(col arrow.Array, i int, v any) error {
	var same bool
	switch a := col.(type) {
	case *array.Boolean:
		same = v == a.Value(i)
	case *array.Float16:
		f, ok := v.(float32)
		same = ok && math.Float32bits(f) == math.Float32bits(a.Value(i).Float32())
	case *array.Float32:
		f, ok := v.(float32)
		same = ok && math.Float32bits(f) == math.Float32bits(a.Value(i))
	case *array.Float64:
		f, ok := v.(float64)
		same = ok && math.Float64bits(f) == math.Float64bits(a.Value(i))
	case *array.Decimal128:
		same = sameDecimal(a.Value(i).BigInt(), a.DataType().(*arrow.Decimal128Type).Scale, v)
	case *array.Decimal256:
		same = sameDecimal(a.Value(i).BigInt(), a.DataType().(*arrow.Decimal256Type).Scale, v)
	case *array.Timestamp:
		at, ok := v.(time.Time)
		same = ok && at.Equal(a.Value(i).ToTime(a.DataType().(*arrow.TimestampType).Unit))
	case *array.Date32:
		at, ok := v.(time.Time)
		same = ok && at.Equal(a.Value(i).ToTime())
	case *array.Time32:
		same = sameClock(a.Value(i).ToTime(a.DataType().(*arrow.Time32Type).Unit), v)
	case *array.Time64:
		same = sameClock(a.Value(i).ToTime(a.DataType().(*arrow.Time64Type).Unit), v)
	case *array.String:
		same = v == a.Value(i) || sameJSON(a.Value(i), v)
	case *array.Binary:
		same = sameBytes(a.Value(i), v)
	case *array.FixedSizeBinary:
		same = sameBytes(a.Value(i), v)
	case *extensions.UUIDArray:
		u := a.Value(i)
		same = sameBytes(u[:], v)
	default: // an integer
		if !arrow.IsInteger(col.DataType().ID()) {
			return fmt.Errorf("no comparison for %s", col.DataType())
		}
		same = fmt.Sprint(v) == col.ValueStr(i)
	}
	if !same {
		return fmt.Errorf("%s %s is %T %v in duckdb", col.DataType(), col.ValueStr(i), v, v)
	}
	return nil
}

// sameJSON compares a document that the driver has parsed.
func sameJSON(text string, v any) bool {
	var doc any
	return json.Unmarshal([]byte(text), &doc) == nil && reflect.DeepEqual(doc, v)
}

func sameDecimal(value *big.Int, scale int32, v any) bool {
	switch d := v.(type) {
	case driver.Decimal:
		return int32(d.Scale) == scale && d.Value.Cmp(value) == 0
	case float64: // of more digits than DuckDB's decimals have
		want, _ := new(big.Rat).SetFrac(value, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil)).Float64()
		return math.Abs(d-want) <= math.Abs(want)*1e-14
	}
	return false
}

func sameClock(t time.Time, v any) bool {
	at, ok := v.(time.Time)
	layout := "15:04:05.999999999"
	return ok && at.UTC().Format(layout) == t.UTC().Format(layout)
}

func sameBytes(b []byte, v any) bool {
	switch d := v.(type) {
	case []byte:
		return bytes.Equal(b, d)
	case driver.UUID:
		return bytes.Equal(b, d[:])
	case string:
		return string(b) == d
	case driver.Interval: // months, days and milliseconds, little endian
		months, days, millis := binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint32(b[4:]), binary.LittleEndian.Uint32(b[8:])
		return len(b) == 12 && int64(months) == int64(d.Months) && int64(days) == int64(d.Days) && int64(millis) == d.Micros/1000
	}
	return false
}
