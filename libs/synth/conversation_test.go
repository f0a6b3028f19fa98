package synth

import (
	"encoding/json"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// sample is how many records the properties below are looked for in.
const sample = 2000

// registry is every path of the record, as a policy writes it.
func registry(t *testing.T) []string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "conversation-paths.txt"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Fields(string(data))
}

// census counts what is at each path: values, nulls, and what is there and empty.
type census struct{ values, nulls, empty map[string]int }

func (c census) visit(path string, v any) {
	switch v := v.(type) {
	case nil:
		c.nulls[path]++
	case map[string]any:
		open := path == "participants[].attributes"
		if open {
			c.values[path]++
			path = "attribute"
		}
		if len(v) == 0 {
			c.empty[path]++
		}
		for name, member := range v {
			switch {
			case open:
				c.visit(path, member)
			case path == "":
				c.visit(name, member)
			default:
				c.visit(path+"."+name, member)
			}
		}
	case []any:
		if len(v) == 0 {
			c.empty[path]++
		}
		for _, e := range v {
			c.visit(path+"[]", e)
		}
	default:
		c.values[path]++
		if v == "" {
			c.empty[path]++
		}
	}
}

func TestConversationHasEveryPath(t *testing.T) {
	t.Parallel()
	c := census{map[string]int{}, map[string]int{}, map[string]int{}}
	bytes := 0
	for i := range int64(sample) {
		text := appendJSON(nil, conversationRecord(1, i))
		bytes += len(text) + 1
		var v any
		if err := json.Unmarshal(text, &v); err != nil {
			t.Fatalf("record %d: %v", i, err)
		}
		c.visit("", v)
	}
	delete(c.values, "attribute")
	want := registry(t)
	if len(want) != 210 {
		t.Errorf("the registry has %d paths", len(want))
	}
	got := slices.Sorted(maps.Keys(c.values))
	for _, p := range want {
		if c.values[p] == 0 {
			t.Errorf("no record has %s", p)
		}
	}
	for _, p := range got {
		if !slices.Contains(want, p) {
			t.Errorf("%s is in no registry", p)
		}
	}
	if mean := bytes / sample; mean < 6_000 || mean > 10_000 {
		t.Errorf("a record has %d bytes on average", mean)
	}
	for _, p := range []string{"participants[].participantName", "participants[].sessions[].segments[].segmentEnd", "externalTag", "attribute"} {
		if c.nulls[p] == 0 {
			t.Errorf("%s is never null", p)
		}
	}
	for _, p := range []string{"participants[].participantName", "participants[].sessions[].segments[].wrapUpNote", "participants[].sessions[].cc", "evaluations", "attribute"} {
		if c.empty[p] == 0 {
			t.Errorf("%s is never empty", p)
		}
	}
}

func TestConversationSchemaIsTheRegistry(t *testing.T) {
	t.Parallel()
	var got []string
	var visit func(path string, d arrow.DataType)
	visit = func(path string, d arrow.DataType) {
		switch d := d.(type) {
		case *arrow.StructType:
			for _, f := range d.Fields() {
				visit(path+"."+f.Name, f.Type)
			}
		case *arrow.ListType:
			visit(path+"[]", d.Elem())
		default:
			got = append(got, path)
		}
	}
	for _, f := range conversationSchema().Fields() {
		visit(f.Name, f.Type)
	}
	slices.Sort(got)
	if want := registry(t); !slices.Equal(got, want) {
		t.Errorf("the schema's %d leaves are not the registry's %d", len(got), len(want))
	}
}

// What a masker must get right is in the data: the customer on both sides, the tenant, names of every kind, notes that
// came after the end.
func TestConversationIsProductionShaped(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	for i := range int64(sample) {
		c := newConversation(1, i)
		tenants := map[string]bool{}
		for _, p := range c.Participants {
			if v, ok := p.Attributes["tenant_id"]; ok && (p.Purpose.value == "customer" || p.Purpose.value == "ivr") {
				tenants[v.value] = true
			}
			seen["purpose "+p.Purpose.value]++
			x := p.Sessions[0]
			seen["medium "+x.MediaType.value]++
			if x.MediaType.value == "voice" && p.Purpose.value == "customer" {
				ours, side := x.Dnis, x.Direction.value
				if side == "outbound" {
					ours = x.Ani
				}
				if !strings.HasPrefix(ours.value, "tel:+1800555") {
					t.Errorf("record %d: %s: the organisation's number is not on its side", i, side)
				}
				seen[side]++
			}
			if p.Purpose.value == "customer" {
				switch name := p.ParticipantName.value; {
				case strings.ContainsAny(name, "<"):
					seen["name with address"]++
				case strings.Trim(name, "+0123456789") == "":
					seen["name of digits"]++
				case slices.Contains(localities, name):
					seen["name of a place"]++
				default:
					seen["name"]++
				}
			}
			for _, g := range x.Segments {
				if g.SegmentType.value == "wrapup" && g.SegmentEnd.state == given && g.SegmentEnd.value > c.ConversationEnd.value+3_600_000 {
					seen["late wrap-up"]++
				}
				if strings.Contains(g.WrapUpNote.value, "555") || strings.Contains(g.WrapUpNote.value, "@example") {
					seen["note with something in it"]++
				}
			}
		}
		if len(tenants) != 1 {
			t.Errorf("record %d: %d tenants", i, len(tenants))
		}
		if c.ConversationEnd.state == absent {
			seen["open"]++
		}
	}
	for _, what := range []string{
		"purpose customer", "purpose agent", "purpose acd", "purpose ivr", "purpose workflow", "purpose external", "purpose outbound",
		"medium voice", "medium callback", "medium email", "medium message", "medium cobrowse", "medium screenshare", "medium video",
		"inbound", "outbound", "name", "name of digits", "name of a place", "name with address", "late wrap-up", "note with something in it", "open",
	} {
		if seen[what] < sample/200 {
			t.Errorf("%s: %d of %d records", what, seen[what], sample)
		}
	}
}

var (
	addresses = regexp.MustCompile(`@([A-Za-z0-9.-]+)`)
	examples  = regexp.MustCompile(`(^|\.)example\.(com|net|org)$`)
	dialled   = regexp.MustCompile(`\+[0-9][0-9 ]{9,}`)
	fiction   = regexp.MustCompile(`^\+(1[0-9]{3}55501[0-9]{2}|442079460[0-9]{3})`)
	octets    = regexp.MustCompile(`\b[0-9]{1,3}(\.[0-9]{1,3}){3}\b`)
)

// Nothing in a record reaches anybody: RFC 2606, RFC 5737, and numbers that are kept for fiction.
func TestConversationIsReserved(t *testing.T) {
	t.Parallel()
	nets := []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("203.0.113.0/24")}
	found := map[string]int{}
	for i := range int64(sample / 4) {
		text := string(appendJSON(nil, conversationRecord(2, i)))
		for _, m := range addresses.FindAllStringSubmatch(text, -1) {
			domain := strings.TrimRight(m[1], ".")
			found["address"]++
			if _, err := netip.ParseAddr(domain); err != nil && !examples.MatchString(domain) {
				t.Fatalf("record %d: domain %q is not reserved", i, domain)
			}
		}
		for _, ip := range octets.FindAllString(text, -1) {
			found["ip"]++
			a, err := netip.ParseAddr(ip)
			if err != nil || !slices.ContainsFunc(nets, func(n netip.Prefix) bool { return n.Contains(a) }) {
				t.Fatalf("record %d: %q is not reserved", i, ip)
			}
		}
		for _, n := range dialled.FindAllString(text, -1) {
			found["number"]++
			if !fiction.MatchString(strings.ReplaceAll(n, " ", "")) {
				t.Fatalf("record %d: number %q is not reserved", i, n)
			}
		}
	}
	if len(found) != 3 {
		t.Errorf("found only %v", found)
	}
}

func TestConversationFilesAreDeterministic(t *testing.T) {
	t.Parallel()
	const rows = 70 // more than are made at a time
	dir := t.TempDir()
	sizes := map[string]int{}
	for _, ending := range []string{".jsonl", ".jsonl.gz", ".jsonl.zst", ".json", ".json.gz", ".json.zst", ".parquet"} {
		var first []byte
		for range 2 {
			path := filepath.Join(dir, "c"+ending)
			var told int64
			if err := Write(t.Context(), File{Path: path, Entity: Conversations, Seed: 5, Rows: rows}, func(n int64) { told = n }); err != nil {
				t.Fatal(err)
			}
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if told != rows || first != nil && string(first) != string(data) {
				t.Errorf("%s: %d rows, or equal seeds made different files", ending, told)
			}
			first = data
		}
		sizes[ending] = len(first)
	}
	for _, packed := range []string{".jsonl.gz", ".jsonl.zst", ".json.gz", ".json.zst"} {
		if plain := strings.TrimSuffix(packed, filepath.Ext(packed)); sizes[packed]*2 > sizes[plain] {
			t.Errorf("%s: not compressed: %v", packed, sizes)
		}
	}
}

func TestConversationEmptyFiles(t *testing.T) {
	t.Parallel()
	for ending, want := range map[string]string{".jsonl": "", ".json": "[\n\n]\n"} {
		path := filepath.Join(t.TempDir(), "c"+ending)
		if err := Write(t.Context(), File{Path: path, Entity: Conversations, Seed: 5}, nil); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", ending, got, err)
		}
	}
}

func TestConversationsDoNotDependOnTheirNumber(t *testing.T) {
	t.Parallel()
	few, many := conversationBatch(1, 0, 8), conversationBatch(1, 5, 20)
	defer few.Release()
	defer many.Release()
	a, b, c := few.NewSlice(7, 8), many.NewSlice(2, 3), many.NewSlice(3, 4)
	defer a.Release()
	defer b.Release()
	defer c.Release()
	if !array.RecordEqual(a, b) || array.RecordEqual(a, c) {
		t.Error("record 7 depends on the records around it, or is another's twin")
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		file File
		says string
	}{
		"entity":       {File{Path: "x.csv", Entity: "call"}, "conversation interaction"},
		"nested csv":   {File{Path: "x.csv.gz", Entity: Conversations}, ".json"},
		"no ending":    {File{Path: "x", Entity: Conversations}, ".parquet"},
		"notes":        {File{Path: "x.csv", Entity: Interactions, Notes: "long"}, "plain rich"},
		"no notes":     {File{Path: "x.jsonl", Entity: Conversations, Notes: Rich}, "interaction"},
		"packed twice": {File{Path: "x.parquet.gz", Entity: Conversations}, ".parquet"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := c.file.Check(); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("check: %v, want it to say %q", err, c.says)
			}
		})
	}
}
