package masker

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/maskrail/maskrail/libs/policy"
)

func TestZip3(t *testing.T) {
	t.Parallel()
	tests := []struct{ in, want string }{
		{"94103", "941"}, {"94103-1234", "941"}, {" 02139 ", "021"}, {"\u00a002139", "021"}, {"00501", "005"}, {"99950", "999"}, {"", ""}, {"null", "null"},
		{"94103-", "000"}, {"94103-123", "000"}, {"94103-12345", "000"}, {"94103-12a4", "000"}, {"94103--1234", "000"}, {"94103 1234", "000"}, {"-94103", "000"},
		{"941031234", "000"}, // may be a social security number
		{"2139", "000"}, {"941", "000"}, {"941034", "000"}, {"00500", "000"}, {"00000", "000"}, {" ", "000"}, {"unknown", "000"}, {"SW1A 1AA", "000"}, {"D-80331", "000"},
		{"９４１０３", "000"}, {"9410３", "000"}, {"94103\x00", "000"}, {"9.4e4", "000"}, {"+9410", "000"},
	}
	var in, want []string
	for _, tt := range tests {
		in, want = append(in, tt.in), append(want, tt.want)
	}
	for _, of := range textTypes {
		got, err := treatColumn(t, policy.Zip3{}, arrayOf(t, of, in...))
		if err != nil {
			t.Fatal(err)
		}
		for i, text := range written(t, got) {
			if text != want[i] {
				t.Errorf("%q as %s: got %q, want %q", in[i], of, text, want[i])
			}
		}
	}
}

func TestZip3Numbers(t *testing.T) {
	t.Parallel()
	in := []string{"94103", "2139", "501", "500", "0", "null"}
	want := []string{"941", "021", "005", "000", "000", "null"}
	for _, of := range []arrow.DataType{arrow.PrimitiveTypes.Int32, arrow.PrimitiveTypes.Int64, arrow.PrimitiveTypes.Uint32, arrow.PrimitiveTypes.Uint64, arrow.PrimitiveTypes.Float64} {
		got, err := treatColumn(t, policy.Zip3{}, arrayOf(t, of, in...))
		if err != nil {
			t.Fatal(err)
		}
		if texts := written(t, got); !slices.Equal(texts, want) {
			t.Errorf("%s: got %q, want %q", of, texts, want)
		}
	}
	got, err := treatColumn(t, policy.Zip3{}, arrayOf(t, arrow.PrimitiveTypes.Int64, "-94103", "941031234", "9223372036854775807"))
	if err != nil {
		t.Fatal(err)
	}
	if texts := written(t, got); !slices.Equal(texts, []string{"000", "000", "000"}) {
		t.Errorf("numbers that are no ZIP codes: got %q", texts)
	}
	for _, of := range []arrow.DataType{arrow.FixedWidthTypes.Boolean, arrow.FixedWidthTypes.Date32, arrow.ListOf(arrow.BinaryTypes.String)} {
		if _, ok := (zip3{}).output(of); ok {
			t.Errorf("ZIP codes are taken from a column of %s", of)
		}
	}
}

// TestZip3Restricted goes through all codes: the seventeen prefixes of the rule do not appear, all others do.
func TestZip3Restricted(t *testing.T) {
	t.Parallel()
	restricted := strings.Fields("036 059 063 102 203 556 692 790 821 823 830 831 878 879 884 890 893")
	for code := 501; code < 100_000; code += 7 {
		text := fmt.Sprintf("%05d", code)
		want := text[:3]
		if slices.Contains(restricted, want) {
			want = "000"
		}
		got, err := zip3{}.rewrite(nil, place{}, nil, []byte(text))
		if err != nil || string(got) != want {
			t.Fatalf("%s: got %s %v, want %s", text, got, err, want)
		}
	}
}
