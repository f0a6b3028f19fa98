package duckdb

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/libs/stage"
)

// DuckDB casts a struct by its members' names, at any depth, in ALTER TABLE as in INSERT: it does not look at their
// order, gives NULL to a member that the value does not have, and leaves out, without a word, a member that the type
// does not have. So before rows go into a column, its type has every member of theirs.

// widen is the type that holds the values of both: the table's, and after its members those that the object brings.
// Upper and lower case are the same, as SQL has it. Where a part of the two is not of one type there is none, and
// conflict says where.
func widen(table, object shape) (shape, *conflict) {
	if table.base != object.base {
		return shape{}, &conflict{table: table, object: object}
	}
	wide := shape{table.base, slices.Clone(table.parts)}
	for i, p := range object.parts {
		if table.base == structs {
			i = slices.IndexFunc(wide.parts, func(have part) bool { return strings.EqualFold(have.name, p.name) })
		}
		if i < 0 {
			wide.parts = append(wide.parts, p)
			continue
		}
		merged, c := widen(wide.parts[i].shape, p.shape)
		if c != nil {
			switch table.base {
			case structs:
				c.path = slices.Insert(c.path, 0, policy.Step{Name: p.name})
			case lists:
				c.path = slices.Insert(c.path, 0, policy.Step{List: true})
			}
			return shape{}, c
		}
		wide.parts[i].shape = merged
	}
	return wide, nil
}

// conflict is a part of a column that cannot have one type.
type conflict struct {
	path          policy.Path // from the column on; a map's path is also its values'
	table, object shape
}

// column widens a column of the table where the object's has more members.
func (l *load) column(ctx context.Context, table, object column) error {
	wide, c := widen(table.shape, object.shape)
	if c != nil {
		path := slices.Insert(c.path, 0, policy.Step{Name: object.name})
		return stage.Reject(objref.Reason{Class: "schema-conflict", Field: path.String(), Detail: fmt.Sprintf(
			"is %s in the object and %s in table %s; give the field a `type:` in the policy, or reload the table", c.object.base, c.table.base, l.Line.Entity)})
	}
	if wide.String() == table.String() {
		return nil
	}
	_, err := l.tx.ExecContext(ctx, `ALTER TABLE main.`+identifier(l.Line.Entity)+` ALTER COLUMN `+identifier(table.name)+` SET DATA TYPE `+wide.String())
	return l.s.fail("add members to column "+table.name, err)
}

// members refuses structs whose members DuckDB cannot tell apart or name. It gives one that another one equals without
// regard to case a name of its own making, under which the value would be found by nobody, or by the other's.
func (l *load) members(ctx context.Context, columns []column) error {
	rows, err := l.tx.QueryContext(ctx, `SELECT name FROM parquet_schema(`+literal(l.File)+`)`)
	if err != nil {
		return l.s.fail("read the object's schema", err)
	}
	defer rows.Close()
	inFile := map[string]int{}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return l.s.fail("read the object's schema", err)
		}
		inFile[name]++
	}
	if err := rows.Err(); err != nil {
		return l.s.fail("read the object's schema", err)
	}
	if inFile[""] > 0 {
		return stage.Reject(objref.Reason{Class: "schema-conflict", Detail: "the object has a column or a member without a name; name it in the source, or drop it in the policy"})
	}
	for _, c := range columns {
		inFile[c.name]--
	}
	for _, c := range columns {
		var made bool
		c.members(func(name string) {
			inFile[name]--
			made = made || inFile[name] < 0
		})
		if made {
			return stage.Reject(objref.Reason{Class: "schema-conflict", Field: c.name, Detail: "has a struct with two members that differ " +
				"by upper and lower case alone, which SQL does not tell apart; rename or drop one in the policy"})
		}
	}
	return nil
}
