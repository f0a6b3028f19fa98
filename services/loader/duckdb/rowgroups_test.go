package duckdb_test

import (
	"fmt"
	"testing"

	"github.com/maskrail/maskrail/services/loader/sink"
)

// The load of a large object writes no row group anew that was there before, and small ones share theirs.
func TestRowGroups(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		objects, rows, groups int
	}{
		"longer than a row group": {3, 131_072, 6}, // a full one and a short one each; merged they would be 4
		"small":                   {20, 10_000, 2}, // 122,880 rows fit the first
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setup(t)
			for i := range c.objects {
				s.load(object(t, s.dir, fmt.Sprintf(`SELECT 'acme' AS tenant_id, 'i' || (%d + range) AS interactionId, md5(range::VARCHAR) AS note FROM range(%d)`,
					i*c.rows, c.rows)), sink.Result{Loaded: int64(c.rows)})
			}
			s.expect(`SELECT count(DISTINCT row_group_id) FROM pragma_storage_info('interaction')`, fmt.Sprint(c.groups))
			s.expect(`SELECT count(DISTINCT interactionId) FROM interaction`, fmt.Sprint(c.objects*c.rows))
		})
	}
}
