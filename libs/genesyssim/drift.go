package genesyssim

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Drift is how the schema changes as time goes on.
type Drift struct {
	// Release is the schema of conversation details at first: one of Releases, the newest when it is empty. Upgrades are
	// when others take its place, in order.
	Release  string    `yaml:"release"`
	Upgrades []Upgrade `yaml:"upgrades"`
	// Changes come on top of it, in order.
	Changes []Change `yaml:"changes"`
	// SchemaLag is how long the schema endpoint takes to tell of a change.
	SchemaLag time.Duration `yaml:"schemaLag"`
}

// Upgrade is a release that takes effect.
type Upgrade struct {
	At      time.Time `yaml:"at"`
	Release string    `yaml:"release"`
}

// Change is a change that the vendor's history does not have.
type Change struct {
	At time.Time `yaml:"at"`
	// Path is the member: of the flat interaction its name, of a conversation a path such as
	// participants[].sessions[].ani. Entity is interaction or conversation.
	Entity string `yaml:"entity"`
	Path   string `yaml:"path"`
	// Do is add, remove, rename, text, number, list or object. The last four are another type with the same content: a
	// list of the value, an object with it as its value. An interaction is flat and can be neither list nor object.
	Do string `yaml:"do"`
	// To is the new name of a rename. Like is the member beside it that an added one has the values of: a number of the
	// customer under a name that says nothing of it; without it the value is a constant.
	To   string `yaml:"to"`
	Like string `yaml:"like"`
}

func (d Drift) validate() error {
	var errs []error
	known := Releases()
	for _, r := range append([]Upgrade{{Release: d.Release}}, d.Upgrades...) {
		if r.Release != "" && !slices.Contains(known, r.Release) {
			errs = append(errs, fmt.Errorf("drift: release: want one of %s", strings.Join(known, ", ")))
		}
	}
	for i, c := range d.Changes {
		if err := c.validate(); err != nil {
			errs = append(errs, fmt.Errorf("drift: change %d: %w", i+1, err))
		}
	}
	return errors.Join(errs...)
}

func (c Change) validate() error {
	flat := c.Entity == interactionEntity
	switch {
	case !flat && c.Entity != conversationEntity:
		return errors.New("entity: want interaction or conversation")
	case c.Path == "":
		return errors.New("path: must name a member")
	case !slices.Contains([]string{"add", "remove", "rename", "text", "number", "list", "object"}, c.Do):
		return errors.New("do: want add, remove, rename, text, number, list or object")
	case flat && (c.Do == "list" || c.Do == "object"):
		return fmt.Errorf("do: an interaction is flat and has no %s", c.Do)
	case (c.Do == "rename") != (c.To != ""):
		return errors.New("to: is the new name of a rename, and of nothing else")
	}
	return nil
}

const (
	interactionEntity  = "interaction"
	conversationEntity = "conversation"
)

// release is the one in effect at a time; "" is the newest.
func (d Drift) release(at time.Time) string {
	release := d.Release
	for _, u := range d.Upgrades {
		if !at.Before(u.At) {
			release = u.Release
		}
	}
	return release
}

// changes are those of an entity that have come at a time.
func (d Drift) changes(entity string, at time.Time) (come []Change) {
	for _, c := range d.Changes {
		if c.Entity == entity && !at.Before(c.At) {
			come = append(come, c)
		}
	}
	return come
}

// record makes of a conversation of the newest schema what it looks like at a time. The members of a record that was
// touched are in the order of their names.
func (d Drift) record(record []byte, at time.Time) []byte {
	release, changes := d.release(at), d.changes(conversationEntity, at)
	if release == "" && len(changes) == 0 {
		return record
	}
	decoder := json.NewDecoder(bytes.NewReader(record))
	decoder.UseNumber()
	var c map[string]any
	if decoder.Decode(&c) != nil { // it is our own
		return record
	}
	if release != "" {
		backdate("conversation", c, release)
		for _, p := range objects(c["participants"]) {
			for _, x := range objects(p["sessions"]) {
				backdate("session", x, release)
			}
		}
	}
	for _, change := range changes {
		change.apply(c, strings.Split(change.Path, "."))
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if encoder.Encode(c) != nil {
		return record
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// objects are the elements of a list that are objects.
func objects(v any) (found []map[string]any) {
	list, _ := v.([]any)
	for _, e := range list {
		if m, ok := e.(map[string]any); ok {
			found = append(found, m)
		}
	}
	return found
}

// apply changes the member at the path in all objects that have it.
func (c Change) apply(m map[string]any, path []string) {
	if name, list := strings.CutSuffix(path[0], "[]"); len(path) > 1 {
		if list {
			for _, e := range objects(m[name]) {
				c.apply(e, path[1:])
			}
		} else if e, ok := m[name].(map[string]any); ok {
			c.apply(e, path[1:])
		}
		return
	}
	name := path[0]
	v, there := m[name]
	switch {
	case c.Do == "add" && c.Like == "":
		m[name] = added
	case c.Do == "add":
		if v, ok := m[c.Like]; ok {
			m[name] = v
		}
	case !there:
	case c.Do == "remove":
		delete(m, name)
	case c.Do == "rename":
		delete(m, name)
		m[c.To] = v
	default:
		m[name] = converted(v, c.Do)
	}
}

// added is the value of a member that is like no other.
const added = "tier-2"

// converted is a value in another type.
func converted(v any, to string) any {
	switch {
	case v == nil:
		return nil
	case to == "text":
		return textOf(v)
	case to == "number":
		switch v := v.(type) {
		case string:
			return int64(len(v))
		case time.Time:
			return v.UnixMilli()
		}
		return v
	case to == "list":
		return []any{v}
	}
	return map[string]any{"value": v}
}

func textOf(v any) string {
	if t, ok := v.(time.Time); ok {
		return written(t)
	}
	return fmt.Sprint(v)
}

// fields are the columns of the flat form at a time.
func (d Drift) fields(at time.Time) []field {
	fields := slices.Clone(flatFields)
	for _, c := range d.changes(interactionEntity, at) {
		find := func(name string) int {
			return slices.IndexFunc(fields, func(f field) bool { return f.name == name })
		}
		i := find(c.Path)
		switch {
		case c.Do == "add" && i < 0:
			f := field{c.Path, kindText, func(Interaction) any { return added }}
			if like := find(c.Like); like >= 0 {
				f.kind, f.of = fields[like].kind, fields[like].of
			}
			fields = append(fields, f)
		case i < 0:
		case c.Do == "remove":
			fields = slices.Delete(fields, i, i+1)
		case c.Do == "rename":
			fields[i].name = c.To
		case c.Do == "text" || c.Do == "number":
			of := fields[i].of
			fields[i].of = func(r Interaction) any { return converted(of(r), c.Do) }
			fields[i].kind = map[string]kind{"text": kindText, "number": kindInteger}[c.Do]
		}
	}
	return fields
}

// version is that of the flat schema at a time: each change makes a new one.
func (d Drift) version(at time.Time) int { return 188 + len(d.changes(interactionEntity, at)) }
