package e2e

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/maskrail/maskrail/libs/columnar"
)

// origins are Parquet files by many writers, which package columnar has for its own tests.
const origins = "../../../libs/columnar/testdata/parquet/*.parquet"

// refusedOrigins have damaged pages, which are found when they are read (true), or a type that the format has and Arrow has
// not.
var refusedOrigins = map[string]bool{
	"negative_page_size.parquet": true, "num_values_exceeds_data.parquet": true,
	"repeated_no_annotation.parquet": false, "variant.parquet": false,
}

// TestMaskOrigins masks a file of every origin and lets DuckDB say that nothing else has changed: every column that is
// kept has the same values in the same rows.
func TestMaskOrigins(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(origins)
	if err != nil || len(files) < 20 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	key := keyFile(t)
	for _, path := range files {
		name := filepath.Base(path)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			policy, out := filepath.Join(dir, "policy.yaml"), filepath.Join(dir, "out.parquet")
			text, columns := "apiVersion: maskrail.io/v1\nkind: Policy\nmetadata: {name: all, version: 1}\nentity: all\nunknown: drop\nfields: []\n", []string(nil)
			damaged, refused := refusedOrigins[name]
			if damaged || !refused {
				text, columns = keepAll(t, path)
			}
			if err := os.WriteFile(policy, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			r := maskrail(t, "mask", "--policy", policy, "--key-file", key, "--out", out, path)
			if refused {
				if r.code != 1 || !strings.Contains(r.stderr, "refused") {
					t.Errorf("exit code %d\n%s", r.code, r.stderr)
				}
				return
			}
			r.ok(t)
			// Arrow reads places as the bytes that they are, and DuckDB does not compare the two.
			columns = slices.DeleteFunc(columns, func(c string) bool { return c == `"geometry"` })
			if len(columns) == 0 {
				return // of open maps alone, which the policy drops
			}
			same(t, path, out, strings.Join(columns, ", "))
		})
	}
}

// same wants the rows of two files to be equal, in their order.
func same(t *testing.T, a, b, columns string) {
	t.Helper()
	rows := func(path string) string {
		return fmt.Sprintf("(SELECT row_number() OVER () AS n, %s FROM %s('%s'))", columns, reader(path), path)
	}
	for _, pair := range [][2]string{{a, b}, {b, a}} {
		q := fmt.Sprintf("SELECT count(*) FROM (SELECT * FROM %s EXCEPT ALL SELECT * FROM %s)", rows(pair[0]), rows(pair[1]))
		if n := one(t, "", q); n != "0" {
			t.Errorf("%s rows of %s are not in %s", n, filepath.Base(pair[0]), filepath.Base(pair[1]))
		}
	}
}

func reader(path string) string {
	if strings.HasSuffix(path, ".parquet") {
		return "read_parquet"
	}
	return "read_json_auto"
}

// keepAll is a policy that keeps every value of a Parquet file but for open maps, and the columns without such.
func keepAll(t *testing.T, path string) (policy string, columns []string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	r, err := columnar.Open(bytes.NewReader(data), columnar.Options{Format: columnar.FormatParquet})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var b strings.Builder
	b.WriteString("apiVersion: maskrail.io/v1\nkind: Policy\nmetadata: {name: all, version: 1}\nentity: all\nfields:\n")
	for _, f := range r.Schema().Fields() {
		if !keepField(&b, quoted(f.Name), f.Type) {
			columns = append(columns, `"`+strings.ReplaceAll(f.Name, `"`, `""`)+`"`)
		}
	}
	return b.String(), columns
}

// keepField writes the fields of one value, and reports whether an open map is in it.
func keepField(b *strings.Builder, path string, t arrow.DataType) (open bool) {
	switch t := t.(type) {
	case *arrow.ListType:
		return keepField(b, path+"[]", t.Elem())
	case *arrow.StructType:
		for _, f := range t.Fields() {
			open = keepField(b, path+quoted(f.Name), f.Type) || open
		}
		return open
	case *arrow.MapType:
		fmt.Fprintf(b, "  - {path: '%s', drop: true}\n", path)
		return true
	}
	fmt.Fprintf(b, "  - {path: '%s', keep: true}\n", path)
	return false
}

// quoted is the step to a member of any name.
func quoted(name string) string {
	return `["` + strings.ReplaceAll(strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(name), "'", "''") + `"]`
}

// TestConversationFormats: the same conversations in every format and framing are masked to the same rows, and DuckDB
// reads them, be they Parquet or JSON Lines.
func TestConversationFormats(t *testing.T) {
	t.Parallel()
	policy, err := filepath.Abs("../../../policies/genesys-conversation.yaml")
	if err != nil {
		t.Fatal(err)
	}
	key, dir := keyFile(t), t.TempDir()
	var inputs []string
	for _, name := range []string{"a.parquet", "a.jsonl", "b.json", "c.jsonl.gz", "d.json.zst"} {
		in := filepath.Join(dir, name)
		maskrail(t, "synth", "--entity", "conversation", "--rows", "300", "--seed", "5", "--out", in).ok(t)
		inputs = append(inputs, in)
	}
	lines, err := os.ReadFile(inputs[1])
	if err != nil {
		t.Fatal(err)
	}
	joined := filepath.Join(dir, "firehose.json") // objects without line breaks between them
	if err := os.WriteFile(joined, bytes.ReplaceAll(lines, []byte("\n"), nil), 0o600); err != nil {
		t.Fatal(err)
	}
	var parquet, jsonl []string
	for i, in := range append(inputs, joined) {
		for _, ending := range []string{".parquet", ".jsonl"} {
			out := filepath.Join(dir, fmt.Sprintf("masked%d%s", i, ending))
			maskrail(t, "mask", "--policy", policy, "--key-file", key, "--out", out, in).ok(t)
			if ending == ".parquet" {
				parquet = append(parquet, out)
			} else {
				jsonl = append(jsonl, out)
			}
		}
	}
	for i := range parquet {
		if n := one(t, "", "SELECT count(*) FROM read_parquet(?)", parquet[i]); n != "300" {
			t.Errorf("%s has %s rows", parquet[i], n)
		}
		same(t, parquet[0], parquet[i], "*")
		a, err := os.ReadFile(jsonl[0])
		if err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(jsonl[i])
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(a, b) {
			t.Errorf("%s and %s differ", jsonl[0], jsonl[i])
		}
	}
	const ids = `conversationId, tenant_id, participants[1].participantName, participants[1].sessions[1].ani`
	same(t, parquet[0], jsonl[0], ids)
}
