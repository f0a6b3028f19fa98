package mutation

import (
	"bytes"
	"encoding/binary"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	"github.com/maskrail/maskrail/libs/attest"
	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/canary"
)

// lists changes the texts in each list of a column.
func (m *masking) lists(name string, change func(row int, all []string) []string) {
	m.t.Helper()
	at := m.at(name)
	old := m.columns[at].(*array.List)
	texts := old.ListValues().(*array.String)
	b := array.NewListBuilderWithField(memory.DefaultAllocator, old.DataType().(*arrow.ListType).ElemField())
	defer b.Release()
	values := b.ValueBuilder().(*array.StringBuilder)
	for row := range old.Len() {
		from, to := old.ValueOffsets(row)
		var all []string
		for i := from; i < to; i++ {
			all = append(all, texts.Value(int(i)))
		}
		b.Append(true)
		for _, text := range change(row, all) {
			values.Append(text)
		}
	}
	m.columns[at] = b.NewArray()
}

// entries sets what stands under a key of one map.
func (m *masking) entries(name string, row int, key, value string) {
	m.t.Helper()
	at := m.at(name)
	old := m.columns[at].(*array.Map)
	keys, items := old.Keys().(*array.String), old.Items().(*array.String)
	b := array.NewMapBuilderWithType(memory.DefaultAllocator, old.DataType().(*arrow.MapType))
	defer b.Release()
	for r := range old.Len() {
		b.Append(true)
		from, to := old.ValueOffsets(r)
		for i := int(from); i < int(to); i++ {
			b.KeyBuilder().(*array.StringBuilder).Append(keys.Value(i))
			text := items.Value(i)
			if r == row && keys.Value(i) == key {
				text = value
			}
			b.ItemBuilder().(*array.StringBuilder).Append(text)
		}
	}
	m.columns[at] = b.NewArray()
}

// column adds a column of one text.
func (m *masking) column(name, text, treatment string) {
	b := array.NewStringBuilder(memory.DefaultAllocator)
	defer b.Release()
	for range rows {
		b.Append(text)
	}
	m.columns = append(m.columns, b.NewArray())
	m.schema = arrow.NewSchema(append(m.schema.Fields(), arrow.Field{Name: name, Type: arrow.BinaryTypes.String, Nullable: true}), nil)
	m.says.Columns = append(m.says.Columns, attest.Column{Name: name, Type: "utf8", Treatment: treatment})
}

// swap exchanges two columns, and what is said of them.
func (m *masking) swap(a, b string) {
	i, j := m.at(a), m.at(b)
	fields := m.schema.Fields()
	fields[i], fields[j] = fields[j], fields[i]
	m.columns[i], m.columns[j] = m.columns[j], m.columns[i]
	m.says.Columns[i], m.says.Columns[j] = m.says.Columns[j], m.says.Columns[i]
	m.schema = arrow.NewSchema(fields, nil)
}

// write makes the file with another writer than the masker's, which can be told to do what a masker must not.
func (m *masking) write(prepare func(*pqarrow.FileWriter)) {
	m.t.Helper()
	var out bytes.Buffer
	w, err := pqarrow.NewFileWriter(m.schema, &out,
		parquet.NewWriterProperties(parquet.WithStats(false), parquet.WithCompression(compress.Codecs.Zstd)), pqarrow.DefaultWriterProps())
	m.must(err)
	batch := array.NewRecordBatch(m.schema, m.columns, int64(m.columns[0].Len()))
	defer batch.Release()
	m.must(w.Write(batch))
	if prepare != nil {
		prepare(w)
	}
	m.must(w.Close())
	m.body, m.kept = out.Bytes(), true
}

// dictionary leaves a text in the dictionary of a column that no row has.
func (m *masking) dictionary(name, text string) {
	m.t.Helper()
	at := m.at(name)
	entries, indices := array.NewStringBuilder(memory.DefaultAllocator), array.NewInt32Builder(memory.DefaultAllocator)
	defer entries.Release()
	defer indices.Release()
	for row := range rows {
		entries.Append(m.value(name, row))
		indices.Append(int32(row))
	}
	entries.Append(text)
	typ := &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}
	m.columns[at] = array.NewDictionaryArray(typ, indices.NewArray(), entries.NewArray())
	fields := m.schema.Fields()
	fields[at].Type = typ
	m.schema = arrow.NewSchema(fields, nil)
	m.write(nil)
}

// footer leaves key-value metadata.
func (m *masking) footer(key, value string) {
	m.t.Helper()
	m.write(func(w *pqarrow.FileWriter) { m.must(w.AppendKeyValueMetadata(key, value)) })
}

// gap leaves bytes between the last chunk and the footer.
func (m *masking) gap(text string) {
	m.write(nil)
	const tail = 8 // the footer's length and the magic
	at := len(m.body) - tail - int(binary.LittleEndian.Uint32(m.body[len(m.body)-tail:]))
	m.body = append(append(bytes.Clone(m.body[:at]), text...), m.body[at:]...)
}

// storeMetadata leaves something beside the bytes.
func (m *masking) storeMetadata(key, value string) {
	m.after = func() {
		_, err := m.world.store.Put(m.t.Context(), blob.Location{Bucket: m.buckets.Masked, Key: m.ref.Object.Key}, bytes.NewReader(m.body), int64(len(m.body)),
			blob.PutOptions{Metadata: map[string]string{key: value}})
		m.must(err)
	}
}

// brokenCanary is that of a masker that passes notes as they are.
func (m *masking) brokenCanary() {
	m.t.Helper()
	bucket := m.buckets.Masked
	st, err := m.Trust.Verify(m.get(bucket, m.says.Canary.Key), attest.Masker, canary.StatementType)
	m.must(err)
	about, parts, err := canary.Read(st)
	m.must(err)
	for i, p := range parts {
		c := &masking{world: m.world, body: m.get(bucket, p.Key)}
		c.canaries()
		c.text("notes", func(row int, text *string) *string {
			if row == 0 {
				return new("my name is Quintana Belvedere")
			}
			return text
		})
		c.write(nil)
		m.put(bucket, p.Key, c.body)
		parts[i].SHA256 = digest(c.body)
	}
	envelope, err := about.Sign(m.signer, parts)
	m.must(err)
	m.put(bucket, m.says.Canary.Key, envelope)
	m.says.Canary = &attest.Beside{Key: m.says.Canary.Key, SHA256: digest(envelope)}
}
