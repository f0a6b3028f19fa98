package columnar

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/extensions"
)

// anyValue is the declared type of any JSON.
var anyValue = func() arrow.DataType {
	t, err := extensions.NewJSONType(arrow.BinaryTypes.String)
	if err != nil {
		panic(err)
	}
	return t
}()

func fieldsOf(t arrow.DataType, names string) []arrow.Field {
	var fields []arrow.Field
	for name := range strings.FieldsSeq(names) {
		fields = append(fields, arrow.Field{Name: name, Type: t, Nullable: true})
	}
	return fields
}

func listOf(fields ...arrow.Field) arrow.DataType { return arrow.ListOf(arrow.StructOf(fields...)) }

// conversationColumns declare a record of a contact centre: participants, their
// sessions, and what happened in them.
func conversationColumns() []Column {
	text := arrow.BinaryTypes.String
	metrics := listOf(arrow.Field{Name: "emitDate", Type: millis}, arrow.Field{Name: "name", Type: text}, arrow.Field{Name: "value", Type: arrow.PrimitiveTypes.Int64})
	segments := listOf(append(fieldsOf(millis, "segmentStart segmentEnd"), append(fieldsOf(text, "segmentType queueId disconnectType wrapUpCode wrapUpNote subject"),
		arrow.Field{Name: "conference", Type: arrow.FixedWidthTypes.Boolean}, arrow.Field{Name: "requestedRoutingSkillIds", Type: arrow.ListOf(text)})...)...)
	flow := arrow.StructOf(fieldsOf(text, "flowId flowName flowType entryReason transferTargetName")...)
	sessions := listOf(append(fieldsOf(text, "sessionId mediaType direction ani dnis sessionDnis edgeId protocolCallId provider remote peerId selectedAgentId usedRouting"),
		arrow.Field{Name: "recording", Type: arrow.FixedWidthTypes.Boolean}, arrow.Field{Name: "requestedRoutings", Type: arrow.ListOf(text)},
		arrow.Field{Name: "metrics", Type: metrics}, arrow.Field{Name: "segments", Type: segments}, arrow.Field{Name: "flow", Type: flow})...)
	participants := listOf(append(fieldsOf(text, "participantId participantName purpose externalContactId userId teamId"),
		arrow.Field{Name: "attributes", Type: arrow.MapOf(text, text)}, arrow.Field{Name: "sessions", Type: sessions})...)
	return []Column{
		{"conversationId", nil}, {"conversationStart", millis}, {"conversationEnd", millis}, {"originatingDirection", nil},
		{"divisionIds", arrow.ListOf(text)}, {"externalTag", nil}, {"mediaStatsMinConversationMos", arrow.PrimitiveTypes.Float64},
		{"participants", participants}, {"evaluations", anyValue},
	}
}

// conversations writes n records of about 8 kB, of shapes that differ.
func conversations(n int) []byte {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `{"conversationId":"7c2f0d1e-5a34-4b8f-9a51-%012d","conversationStart":"2026-03-09T13:04:11.482Z","conversationEnd":"2026-03-09T13:17:45.020Z","originatingDirection":"inbound","divisionIds":["0b8a2f6e-1111-4c3d-8e2f-5a6b7c8d9e0f"],`, i)
		if i%3 == 0 {
			fmt.Fprintf(&b, `"externalTag":"CASE-%07d J.Okafor",`, i)
		}
		fmt.Fprintf(&b, `"mediaStatsMinConversationMos":4.%d,"participants":[`, 311158090508609+i)
		for p := range 4 + i%2 {
			if p > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, `{"participantId":"a1f6b2c3-0001-4000-8000-%012d","purpose":"%s",`, i+p, []string{"customer", "ivr", "acd", "agent", "agent"}[p])
			if p == 0 {
				fmt.Fprintf(&b, `"participantName":"+1415555%04d","attributes":{"tenant_id":"TENANT_A","context.customerName":"Jane Okafor","Email Address":"jane.okafor%d@example.com","memberNo":"078-05-1120","LOB":"claims","crmPayload":"{\"name\":\"Jane Okafor\",\"phone\":\"(415) 555-0142\"}"},`, i%10000, i)
			}
			fmt.Fprintf(&b, `"sessions":[{"sessionId":"b0000000-0000-4000-8000-%012d","mediaType":"voice","direction":"inbound","ani":"tel:+1415555%04d","dnis":"tel:+18005550100","edgeId":"c0000000-0000-4000-8000-000000000001","provider":"Edge","remote":"San José, California","requestedRoutings":["Standard"],`, i, i%10000)
			if p == 1 {
				b.WriteString(`"flow":{"flowId":"10000000-0000-4000-8000-000000000001","flowName":"Claims Main IVR","flowType":"INBOUNDCALL","entryReason":"tel:+18005550100","transferTargetName":"Claims-EN"},`)
			}
			b.WriteString(`"metrics":[`)
			for m := range 6 {
				if m > 0 {
					b.WriteByte(',')
				}
				fmt.Fprintf(&b, `{"emitDate":"2026-03-09T13:04:%02d.000Z","name":"%s","value":%d}`, m, []string{"nConnected", "tAnswered", "tAcw", "tHandle", "nOffered", "tAcd"}[m], 1000*m+i%977)
			}
			b.WriteString(`],"segments":[`)
			for s := range 3 {
				if s > 0 {
					b.WriteByte(',')
				}
				fmt.Fprintf(&b, `{"segmentStart":"2026-03-09T13:04:11.482Z","segmentEnd":"2026-03-09T13:17:45.020Z","segmentType":"interact","queueId":"f0000000-0000-4000-8000-%012d","disconnectType":"peer",`, s)
				if s == 2 {
					b.WriteString(`"wrapUpCode":"40000000-0000-4000-8000-000000000001","wrapUpNote":"Mrs Okafor paid by card, call back on 415.555.0142 after the \"review\" of the claim;\non holiday until then","requestedRoutingSkillIds":["20000000-0000-4000-8000-000000000001"],`)
				}
				b.WriteString(`"conference":false}`)
			}
			b.WriteString(`]}]}`)
		}
		fmt.Fprintf(&b, `],"evaluations":[{"evaluationId":"50000000-0000-4000-8000-%012d","evaluatorId":"e0000000-0000-4000-8000-0000000000ff","oTotalScore":88,"released":true}]}`+"\n", i)
	}
	return []byte(b.String())
}

// BenchmarkJSON measures the passes over a file apart, both together, and the writing.
func BenchmarkJSON(b *testing.B) {
	flat := manyRows(b, 100_000)
	files := map[string]struct {
		text    []byte
		columns []Column
	}{
		"flat":   {writeAll(b, flat, 100_000, WriteOptions{Format: FormatJSONL}), declared(flat.Schema())},
		"nested": {conversations(2000), conversationColumns()},
	}
	for name, f := range files {
		o := Options{Format: FormatJSONL, Columns: f.columns, Limits: DefaultLimits()}
		b.Run(name+"/names", func(b *testing.B) {
			b.SetBytes(int64(len(f.text)))
			b.ReportAllocs()
			for b.Loop() {
				_, err := scanJSONNames(track(source(f.text)), newJSONTree(f.columns), o)
				must(b, err)
			}
		})
		b.Run(name+"/rows", func(b *testing.B) {
			root := newJSONTree(f.columns)
			longest, err := scanJSONNames(track(source(f.text)), root, o)
			must(b, err)
			b.SetBytes(int64(len(f.text)))
			b.ReportAllocs()
			for b.Loop() {
				text, err := openStream(track(source(f.text)), CodecNone, o.Limits)
				must(b, err)
				rows := newJSONRows(newJSONFrames(text, jsonBuffer), root, o, longest)
				r := &textReader{text: text, out: rows.out, readRow: rows.read}
				must(b, drainReader(b, r))
			}
		})
		b.Run(name+"/both", func(b *testing.B) {
			b.SetBytes(int64(len(f.text)))
			b.ReportAllocs()
			for b.Loop() {
				r, err := Open(source(f.text), o)
				must(b, err)
				must(b, drainReader(b, r))
			}
		})
		b.Run(name+"/write", func(b *testing.B) {
			batch := readAll(b, f.text, o)
			b.SetBytes(int64(len(f.text)))
			b.ReportAllocs()
			for b.Loop() {
				w, err := NewWriter(io.Discard, batch.Schema(), WriteOptions{Format: FormatJSONL})
				must(b, err)
				must(b, writeSlices(w, batch))
				must(b, w.Close())
			}
		})
	}
}

func drainReader(t testing.TB, r Reader) error {
	defer r.Close()
	for {
		batch, err := r.Next(t.Context())
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		batch.Release()
	}
}
