package masker

import "testing"

func TestTry(t *testing.T) {
	t.Parallel()
	p := testPlan(t, `
key: [id]
tenant: {path: tenant, known: [acme]}
fields:
  - {path: id, keep: true}
  - {path: tenant, keep: true}
  - {path: born, date: {truncate: year}, type: date}
  - {path: n, keep: true, type: int}
  - {path: gone, drop: true}
`)
	value := func(s string) *string { return &s }
	for _, tt := range []struct {
		path    string
		in, out *string
	}{
		{"born", value("1931-05-12"), value("1931-01-01")},
		{"born", nil, nil},
		{"n", value("12"), value("12")},
		{"gone", value("x"), nil},
	} {
		got, err := p.Try(t.Context(), tt.path, tt.in, nil)
		if err != nil {
			t.Fatal(err)
		}
		if (got == nil) != (tt.out == nil) || got != nil && *got != *tt.out {
			t.Errorf("%s: got %v, want %v", tt.path, got, tt.out)
		}
	}
	if _, err := p.Try(t.Context(), "born", value("31.12.1931"), nil); class(err) != ClassMalformed {
		t.Errorf("a date that is none: got %v", err)
	}
}
