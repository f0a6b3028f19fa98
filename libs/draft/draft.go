package draft

import (
	"fmt"
	"slices"
	"strings"

	"github.com/maskrail/maskrail/libs/classify"
	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/libs/survey"
)

// Draft is a policy in the making. Mend changes it where it turns out not to fit.
type Draft struct {
	Entity, Name, Region string
	Delimiter            rune // of CSV; 0 for the default

	Fields []Proposal
	Key    string // column; empty for none
	Tenant string // column, or path in the record with a list or map in it; empty for none

	columns []survey.Column
	by      *classify.Classifier
}

// New drafts a policy for what a survey saw; it must have collapsed objects of open keys.
func New(entity string, s *survey.Survey, by *classify.Classifier, region string) *Draft {
	d := &Draft{Entity: entity, Name: strings.ReplaceAll(entity, "_", "-") + "-draft", Region: region, columns: s.Columns, by: by}
	d.Tenant = d.tenant()
	for _, c := range s.Columns {
		o := c.Judge(by)
		p := Proposal{Path: c.Path.String(), Treatment: treat(o, c.Whole, d.Tenant != ""), Why: why(o), steps: c.Path}
		if o.Class == classify.DOB && (c.Type == "date" || c.Sample != nil && c.Sample.Fits() == "date") {
			p.Treatment = "date: {truncate: year}"
		}
		if p.Treatment == keep && c.Sample != nil && c.Type == "string" {
			p.Type = c.Sample.Fits()
		}
		d.Fields = append(d.Fields, p)
	}
	d.keepTenant()
	d.Key = d.key()
	return d
}

// tenantNames are what columns of the owner of a row are called, by their letters.
var tenantNames = []string{"tenantid", "tenant", "tenantname", "tenantkey"}

// tenant finds the column of the owner, at the top or in an object of open keys.
func (d *Draft) tenant() string {
	for _, name := range tenantNames {
		for _, c := range d.columns {
			if len(c.Path) == 1 && classify.Letters(c.Path[0].Name) == name && !c.Whole {
				return c.Path.String()
			}
		}
	}
	for _, name := range tenantNames {
		for _, c := range d.columns {
			for _, k := range c.Keys {
				if c.Type == "map" && classify.Letters(k) == name {
					return append(slices.Clone(c.Path), policy.Step{Name: k}).String()
				}
			}
		}
	}
	return ""
}

// keepTenant gives the owner's column the treatment that a policy needs there.
func (d *Draft) keepTenant() {
	for i := range d.Fields {
		f := &d.Fields[i]
		switch key, inside := strings.CutPrefix(d.Tenant, f.Path); {
		case d.Tenant == "":
		case f.Path == d.Tenant:
			f.Treatment, f.Type, f.Why = keep, "", "the owner of the row"
		case inside && (key[0] == '.' || key[0] == '[') && f.Treatment == drop:
			f.Treatment, f.Why = "map: {default: drop}", "open keys; the tenant is one of them"
		}
	}
}

// key finds a column that identifies rows: random and different in each.
func (d *Draft) key() string {
	best, rank := "", 0
	for _, c := range d.columns {
		if len(c.Path) != 1 || c.Whole || c.Sample == nil || !c.Sample.Unique() || c.Sample.Nulls() > 0 {
			continue
		}
		o := c.Judge(d.by)
		words := classify.Words(c.Path[0].Name)
		if len(words) == 0 || words[len(words)-1] != "id" || o.Class != classify.UUID && o.Class != classify.Identifier {
			continue
		}
		r := 1
		if slices.Contains(words, d.Entity) || len(words) == 1 {
			r = 2
		}
		if o.Class == classify.UUID {
			r += 2
		}
		if r > rank {
			best, rank = c.Path.String(), r
		}
	}
	for i := range d.Fields {
		if d.Fields[i].Path == best && rank >= 3 { // random, so it says nothing about a person
			d.Fields[i].Treatment, d.Fields[i].Why = keep, d.Fields[i].Why+"; the key"
		}
	}
	return best
}

// YAML writes the policy.
func (d *Draft) YAML() []byte {
	var b strings.Builder
	fmt.Fprintf(&b, `# A draft, made from names and samples of values: read it line by line before you use it. What stands behind a field is what it
# probably holds, how sure that is (0 to 1), and by which sign. What is not surely harmless is taken away: give it back where
# you know better.
apiVersion: maskrail.io/v1
kind: Policy
metadata: {name: %s, version: 1}
entity: %s
`, d.Name, d.Entity)
	if d.Key != "" {
		fmt.Fprintf(&b, "key: [%s]\n", scalar(d.Key))
	} else {
		b.WriteString("# key: [...]  # no column was found that identifies rows; loading needs one\n")
	}
	switch steps, err := policy.ParsePath(d.Tenant); {
	case d.Tenant == "" || err != nil:
		b.WriteString("# tenant: {path: ..., required: true}  # no column was found that names the owner of a row; loading needs one\n")
	case len(steps) == 1:
		fmt.Fprintf(&b, "tenant: {path: %s, required: true}  # name the tenants under contract: known: [...]\n", scalar(d.Tenant))
	default:
		fmt.Fprintf(&b, "tenant: {paths: [%s], as: tenant_id, required: true}  # name the tenants under contract: known: [...]\n", scalar(d.Tenant))
	}
	fmt.Fprintf(&b, "region: %s\nunknown: quarantine\n", d.Region)
	if d.Delimiter != 0 {
		fmt.Fprintf(&b, "source: {csv: {delimiter: %q}}\n", string(d.Delimiter))
	}
	b.WriteString("fields:\n")
	for _, f := range d.Fields {
		b.WriteString(f.line("  ") + "\n")
	}
	return []byte(b.String())
}

// Mend takes back what does not fit: the type or treatment of a field, or everything at and below a path. It is false when
// there is nothing left to take back.
func (d *Draft) Mend(path, because string) bool {
	for i := range d.Fields {
		f := &d.Fields[i]
		if f.Path != path {
			continue
		}
		switch {
		case f.Type != "":
			f.Type = ""
		case f.Treatment != redact && f.Treatment != drop:
			f.Treatment = redact
		case f.Treatment == redact:
			f.Treatment = drop
		default:
			return false
		}
		f.Why += "; " + because
		return true
	}
	steps, err := policy.ParsePath(path)
	if err != nil {
		return false
	}
	first := -1
	rest := slices.DeleteFunc(slices.Clone(d.Fields), func(f Proposal) bool {
		below := len(f.steps) > len(steps) && slices.Equal(f.steps[:len(steps)], steps)
		if below && first < 0 {
			first = slices.IndexFunc(d.Fields, func(g Proposal) bool { return g.Path == f.Path })
		}
		return below
	})
	if first < 0 {
		return false
	}
	d.Fields = slices.Insert(rest, first, Proposal{Path: steps.String(), Treatment: drop, Why: because, steps: steps})
	return true
}

// WithoutTenant gives the owner up, and the scope of tokens with it.
func (d *Draft) WithoutTenant() bool {
	if d.Tenant == "" {
		return false
	}
	d.Tenant = ""
	for i := range d.Fields {
		f := &d.Fields[i]
		if strings.HasPrefix(f.Treatment, "token: {") && !strings.Contains(f.Treatment, "scope:") {
			f.Treatment = strings.TrimSuffix(f.Treatment, "}") + ", scope: environment}"
		}
	}
	return true
}

// WithoutKey gives the key up.
func (d *Draft) WithoutKey() bool {
	had := d.Key != ""
	d.Key = ""
	return had
}
