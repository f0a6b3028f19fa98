package source_test

import (
	"testing"

	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/services/exporter/internal/source"
)

const id = "01JQ8Z3V5T7M9K2N4P6R8S0W1X"

func TestKeys(t *testing.T) {
	t.Parallel()
	tests := map[string]source.Place{
		"interaction/run=" + id + "/0001.jsonl.zst":                     {"interaction", id, objref.Several, "0001.jsonl.zst"},
		"interaction/run=" + id + "/tenant=acme/0001.jsonl.zst":         {"interaction", id, "acme", "0001.jsonl.zst"},
		"interaction/run=" + id + "/tenant=A=20=26=20B/0001.parquet":    {"interaction", id, "A & B", "0001.parquet"},
		"interaction/run=" + id + "/by/provider/part-0.parquet":         {"interaction", id, objref.Several, "by/provider/part-0.parquet"},
		"conversation/run=" + id + "/tenant=a/tenant=b/part-0.jsonl.gz": {"conversation", id, "a", "tenant=b/part-0.jsonl.gz"},
	}
	for key, want := range tests {
		got, ok := source.ParseKey(key)
		if !ok || got != want || got.Key() != key {
			t.Errorf("%s is read as %+v, %v, with the key %s", key, got, ok, got.Key())
		}
	}
}

func TestKeysOfNoRun(t *testing.T) {
	t.Parallel()
	for _, key := range []string{
		"", "/", "interaction", "interaction/a.csv", "interaction/run=" + id, "interaction/run=" + id + "/", "/run=" + id + "/a",
		"interaction/run=2026-03-09/a.csv", "interaction/run=17/a.csv", "interaction/run=/a.csv",
		"interaction/run=01jq8z3v5t7m9k2n4p6r8s0w1x/a.csv",          // in lower case
		"interaction/run=81JQ8Z3V5T7M9K2N4P6R8S0W1X/a.csv",          // later than a ULID can be
		"interaction/run=" + id + "X/a.csv",                         // longer
		"interaction/dt=1/run=" + id + "/a.csv",                     // deeper
		"interaction/Run=" + id + "/a.csv",                          //
		"interaction/run=" + id + "/tenant=acme",                    // no object below
		"interaction/run=" + id + "/tenant=acme/",                   //
		"interaction/run=" + id + "/tenant=/a.csv",                  //
		"interaction/run=" + id + "/tenant=_/a.csv",                 // of nobody
		"interaction/run=" + id + "/tenant==5F/a.csv",               // "_" means several
		"interaction/run=" + id + "/tenant=A%20B/a.csv",             // another way to write names
		"interaction/run=" + id + "/tenant=caf=c3=a9/a.csv",         //
		"interaction/run=" + id + "/tenant=2125550147 Smith/a.csv",  //
		"connect/ctr/2026/03/09/13/ctr-1-2026-03-09-13-04-11-a1b2c", //
	} {
		if got, ok := source.ParseKey(key); ok {
			t.Errorf("%s is read as %+v", key, got)
		}
	}
}

func FuzzParseKey(f *testing.F) {
	f.Add("interaction/run=" + id + "/tenant=acme/0001.jsonl.zst")
	f.Add("a/run=" + id + "/x")
	f.Fuzz(func(t *testing.T, key string) {
		if p, ok := source.ParseKey(key); ok && p.Key() != key {
			t.Errorf("%q is read as %+v, whose key is %q", key, p, p.Key())
		}
	})
}
