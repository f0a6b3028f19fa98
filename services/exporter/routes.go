package exporter

import (
	"cmp"
	"fmt"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/maskrail/maskrail/libs/columnar"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/stage"
	"github.com/maskrail/maskrail/libs/tenant"
	"github.com/maskrail/maskrail/services/exporter/internal/export"
	"github.com/maskrail/maskrail/services/exporter/internal/source"
)

// Route says what lies in a folder of the raw bucket, as far as the objects do not say it themselves. Of the routes whose
// prefix a key has, the longest counts, and a key without a route names its entity by its first segment. Objects of export
// runs have run, entity and tenant from their key, and of a route no more than Ignore and TimeOrdered.
type Route struct {
	// Prefix is the folder, such as "connect/ctr/"; "" is the whole bucket.
	Prefix string `yaml:"prefix"`
	// Entity is what the objects hold; "" is the first segment of the key.
	Entity string `yaml:"entity"`
	// Tenant is whose all the rows of an object are: a name, or "{name}" for the value of the Hive partition name=value in
	// the key, which is percent-decoded. Rows of another tenant stop the object. "" leaves it to the rows.
	Tenant string `yaml:"tenant"`
	// Tenants are the values that the partition may have; empty allows any that could be a name.
	Tenants []string `yaml:"tenants"`
	// Format is csv, jsonl or parquet; "" is what content and name say. JSON objects may stand one a line, one after the
	// other, or in one array, and text may be compressed with gzip or zstd: that the content always says.
	Format string `yaml:"format"`
	// Dialect is that of CSV, by its name in source.dialects of the policy; "" is the policy's source.csv.
	Dialect string `yaml:"dialect"`
	// Ignore are patterns for the last segment of keys, with * ? and [a-z]: what fits is not announced.
	Ignore []string `yaml:"ignore"`
	// TimeOrdered says that of two objects the later one has the greater key, as keys that begin with a date do. The sweep
	// then lists only what came of late, and all of it once a day.
	TimeOrdered bool `yaml:"timeOrdered"`
}

// routes are sorted by prefix, the longest first.
type routes []Route

func newRoutes(all []Route) routes {
	return slices.SortedStableFunc(slices.Values(all), func(a, b Route) int { return cmp.Compare(len(b.Prefix), len(a.Prefix)) })
}

// of is the route of the key, the zero Route where it has none.
func (r routes) of(key string) Route {
	for _, route := range r {
		if strings.HasPrefix(key, route.Prefix) {
			return route
		}
	}
	return Route{}
}

// ignores reports a key that fits one of the patterns.
func (r Route) ignores(key string) bool {
	return slices.ContainsFunc(r.Ignore, func(pattern string) bool {
		fits, _ := path.Match(pattern, path.Base(key))
		return fits
	})
}

// nobody is what Hive writes where the value of a partition is null.
const nobody = "__HIVE_DEFAULT_PARTITION__"

var partitionName = regexp.MustCompile(`^\{([^{}/=]+)\}$`)

// owner is whose the object of the key is, objref.Several when the rows say it. The error is a rejection whose reason does
// not show the key.
func (s *Service) owner(r Route, key string) (string, error) {
	name := partitionName.FindStringSubmatch(r.Tenant)
	if name == nil {
		return cmp.Or(r.Tenant, objref.Several), nil
	}
	reject := func(class, detail string) (string, error) {
		return "", stage.Reject(objref.Reason{Class: class, Detail: fmt.Sprintf("the partition %s of the key %s", name[1], detail)})
	}
	raw, times := partition(key, name[1])
	owner, err := url.PathUnescape(raw)
	switch {
	case times == 0, raw == "", raw == nobody:
		return reject(source.ClassTenantMissing, "names no tenant, and the object's route takes it from there")
	case times > 1:
		return reject(source.ClassTenantConflict, "is there more than once")
	case err != nil || owner == objref.Several:
		return reject(source.ClassTenantMalformed, "cannot be the name of a tenant")
	case len(r.Tenants) > 0 && !slices.Contains(r.Tenants, owner):
		return reject(source.ClassTenantUnknown, "has none of the values that the object's route allows")
	case len(r.Tenants) > 0:
		return owner, nil
	}
	if wrong := s.names.Refuse([]byte(owner)); wrong != "" {
		return reject(source.ClassTenantMalformed, wrong+": if it is a tenant, list those there are in tenants of the route")
	}
	return owner, nil
}

// partition is the value of the last folder name=value in the key, and how many there are.
func partition(key, name string) (value string, times int) {
	folders := strings.Split(key, "/")
	for _, folder := range folders[:len(folders)-1] {
		if v, ok := strings.CutPrefix(folder, name+"="); ok {
			value = v
			times++
		}
	}
	return value, times
}

// formats are what a route may say, and what it means.
var formats = map[string]columnar.Format{
	"": "", "csv": columnar.FormatCSV, "json": columnar.FormatJSONL, "jsonl": columnar.FormatJSONL, "parquet": columnar.FormatParquet,
}

// checkRoutes tells wrong of every field of a route that is.
func (c Config) checkRoutes(wrong func(field, format string, args ...any)) {
	for i, r := range c.Routes {
		fault := func(field, format string, args ...any) {
			wrong(fmt.Sprintf("routes[%d].%s", i, field), format, args...)
		}
		switch {
		case r.Prefix != "" && !strings.HasSuffix(r.Prefix, "/"):
			fault("prefix", "want a folder, with / at its end, or nothing for the whole bucket")
		case strings.HasPrefix(r.Prefix, "/"), ours(r.Prefix):
			fault("prefix", "want a folder of the bucket that does not begin with / or _")
		case slices.ContainsFunc(c.Routes[:i], func(o Route) bool { return o.Prefix == r.Prefix }):
			fault("prefix", "another route has it")
		}
		if r.Entity != "" && !plausible(r.Entity) {
			fault("entity", "want lower-case letters, digits and _, beginning with a letter")
		} else if r.Entity != "" && len(c.Entities) > 0 && !slices.Contains(c.Entities, r.Entity) {
			fault("entity", "want one of entities, or add it there")
		}
		inKey := partitionName.MatchString(r.Tenant)
		switch {
		case !inKey && strings.ContainsAny(r.Tenant, "{}"):
			fault("tenant", "want a name, or {name} for the partition name=value of the key")
		case !inKey && r.Tenant != "" && noTenant(r.Tenant) != "":
			fault("tenant", "%s", noTenant(r.Tenant))
		}
		if len(r.Tenants) > 0 && !inKey {
			fault("tenants", "are the values of a partition: want tenant: \"{name}\" beside them")
		}
		for j, name := range r.Tenants {
			if reason := noTenant(name); reason != "" {
				fault("tenants", "name %d %s", j+1, reason)
			}
		}
		format, known := formats[r.Format]
		if !known {
			fault("format", "want csv, jsonl or parquet, or nothing for what the content says")
		}
		if r.Dialect != "" && format != columnar.FormatCSV {
			fault("dialect", "is one of CSV: want format: csv beside it")
		}
		for j, pattern := range r.Ignore {
			if _, err := path.Match(pattern, ""); err != nil || pattern == "" || strings.Contains(pattern, "/") {
				fault("ignore", "pattern %d: want one for the last segment of a key, such as *_metadata.json", j+1)
			} else if c.exportsTo(r) && slices.ContainsFunc(export.Names, func(name string) bool { fits, _ := path.Match(pattern, name); return fits }) {
				fault("ignore", "pattern %d fits what sources export, too, and would hide it: name it more closely, or give the folder that it is about a route of its own", j+1)
			}
		}
	}
}

// exportsTo reports that objects of a source may have the route.
func (c Config) exportsTo(r Route) bool {
	return slices.ContainsFunc(c.Sources, func(s Source) bool {
		return slices.ContainsFunc(s.delivers(), func(entity string) bool { return strings.HasPrefix(source.Prefix(entity, ""), r.Prefix) })
	})
}

// noTenant says why an operator's word cannot be the name of a tenant.
func noTenant(name string) string {
	if name == objref.Several {
		return "means several tenants: want the name of one"
	}
	return tenant.Names{}.Refuse([]byte(name))
}
