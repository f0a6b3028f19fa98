package synth

import (
	"math/rand/v2"
	"time"
)

// divisions is how many divisions an owner has.
const divisions = 6

// Org is a contact centre that several tenants share, of which records are made at the time that the caller says and
// which go on changing afterwards. A queue and a division belong to one tenant; no record stays open for ever. Record i
// is always the same for equal arguments.
type Org struct {
	Seed    uint64
	Tenants []string // at least one
}

// Interaction makes the flat record i, begun at start.
func (o Org) Interaction(i int64, start time.Time) Interaction {
	r := rand.New(rand.NewPCG(o.Seed^0x666c6174, uint64(i)))
	row := interaction(r, customer(r), start.UTC().Truncate(time.Millisecond), o.Tenants, prosaic[Plain])
	row.QueueID = fixedUUID("queue of "+row.TenantID, r.IntN(len(queues)))
	return row
}

// Conversation makes the nested record i, begun at start.
func (o Org) Conversation(i int64, start time.Time) *Detail {
	s := newStory(conversationRand(o.Seed, i), start, o.Tenants, &o)
	d := &Detail{c: s.tell(), Tenant: s.tenant}
	if s.chance(12) {
		d.revise(s)
	}
	return d
}

// ConversationID is the id of record i, whenever it starts: much faster than the record.
func (o Org) ConversationID(i int64) string {
	s := newStory(conversationRand(o.Seed, i), time.Time{}, o.Tenants, &o)
	return s.begin()
}

// Queues are the ids of all queues, and whose each is.
func (o Org) Queues() map[string]string { return o.owners("queue", len(queues)) }

// Divisions are the ids of all divisions, and whose each is.
func (o Org) Divisions() map[string]string { return o.owners("division", divisions) }

func (o Org) owners(kind string, n int) map[string]string {
	ids := make(map[string]string, n*len(o.Tenants))
	for _, tenant := range o.Tenants {
		for i := range n {
			ids[fixedUUID(kind+" of "+tenant, i)] = tenant
		}
	}
	return ids
}

// owned is the kind of configuration object that only this tenant has.
func (s *story) owned(kind string) string {
	if s.org == nil {
		return kind
	}
	return kind + " of " + s.tenant
}

func (s *story) queueID() string { return fixedUUID(s.owned("queue"), s.queue) }
