package synth

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// Schema is the shape of a file of interactions.
func Schema() *arrow.Schema {
	text, stamp := arrow.BinaryTypes.String, &arrow.TimestampType{Unit: arrow.Millisecond, TimeZone: "UTC"}
	types := []struct {
		name string
		t    arrow.DataType
	}{
		{"interactionId", text}, {"tenant_id", text}, {"direction", text}, {"channel", text}, {"language", text},
		{"startTime", stamp}, {"endTime", stamp}, {"durationMs", arrow.PrimitiveTypes.Int64},
		{"queueId", text}, {"agentId", text}, {"phoneNumber", text}, {"emailAddress", text}, {"externalId", text},
		{"firstName", text}, {"lastName", text}, {"cardNumber", text}, {"ssn", text},
		{"dateOfBirth", arrow.FixedWidthTypes.Date32}, {"wrapUpCode", text}, {"notes", text},
	}
	fields := make([]arrow.Field, len(types))
	for i, c := range types {
		fields[i] = arrow.Field{Name: c.name, Type: c.t, Nullable: true}
	}
	return arrow.NewSchema(fields, nil)
}

// Batch makes rows [from, to) of the seed, with plain notes; the caller releases it.
func Batch(seed uint64, from, to int64) arrow.RecordBatch {
	return batch(seed, from, to, prosaic[Plain])
}

func batch(seed uint64, from, to int64, words prose) arrow.RecordBatch {
	b := array.NewRecordBuilder(memory.DefaultAllocator, Schema())
	defer b.Release()
	b.Reserve(int(to - from))
	for i := from; i < to; i++ {
		appendRow(b, row(seed, i, words))
	}
	return b.NewRecordBatch()
}

func appendRow(b *array.RecordBuilder, r Interaction) {
	text := func(col int, v string) {
		if v == "" {
			b.Field(col).AppendNull()
			return
		}
		b.Field(col).(*array.StringBuilder).Append(v)
	}
	for i, v := range []string{r.InteractionID, r.TenantID, r.Direction, r.Channel, r.Language} {
		text(i, v)
	}
	b.Field(5).(*array.TimestampBuilder).Append(arrow.Timestamp(r.Start.UnixMilli()))
	b.Field(6).(*array.TimestampBuilder).Append(arrow.Timestamp(r.End.UnixMilli()))
	b.Field(7).(*array.Int64Builder).Append(r.DurationMs)
	for i, v := range []string{r.QueueID, r.AgentID, r.PhoneNumber, r.EmailAddress, r.ExternalID, r.FirstName, r.LastName, r.CardNumber, r.SSN} {
		text(8+i, v)
	}
	b.Field(17).(*array.Date32Builder).Append(arrow.Date32FromTime(r.DateOfBirth))
	text(18, r.WrapUpCode)
	text(19, r.Notes)
}
