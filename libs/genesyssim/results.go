package genesyssim

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"net/http"
	"strconv"
	"strings"
)

// maxPage is the most conversations of a page of results: what is over it is cut to it.
const maxPage = 10_000

// cursor says where a page begins. It is opaque to clients, and good for its job alone.
type cursor struct {
	job    string
	offset int
	serial int // tells pages apart that begin at one place
}

func (c cursor) String() string {
	text := fmt.Sprintf("%s.%d.%d", c.job, c.offset, c.serial)
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%s.%08x", text, checksum(text)))
}

func checksum(text string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(text))
	return h.Sum32()
}

func parseCursor(text string) (c cursor, ok bool) {
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return c, false
	}
	parts := strings.Split(string(b), ".")
	if len(parts) != 4 || fmt.Sprintf("%08x", checksum(strings.Join(parts[:3], "."))) != parts[3] {
		return c, false
	}
	c.job = parts[0]
	offset, err1 := strconv.ParseUint(parts[1], 10, 31)
	serial, err2 := strconv.ParseUint(parts[2], 10, 31)
	c.offset, c.serial = int(offset), int(serial)
	return c, err1 == nil && err2 == nil
}

// detailsResults answers GET …/jobs/{job}/results.
func (s *Sim) detailsResults(x *exchange) reply {
	j, refusal, ok := s.job(x)
	if !ok {
		return refusal
	}
	s.mu.Lock()
	state := j.state(s, x.now)
	s.mu.Unlock()
	switch state {
	case fulfilled:
	case expired:
		return x.refuse(http.StatusNotFound, "not.found", "The results of the job have expired.")
	default:
		return x.bad("The results are not available: the job is " + state)
	}
	size := x.number("pageSize", s.Jobs.Page)
	if size < 1 {
		return x.bad("pageSize must be a positive number")
	}
	at := cursor{job: j.id}
	if text := x.URL.Query().Get("cursor"); text != "" {
		if at, ok = parseCursor(text); !ok || at.job != j.id || at.offset > len(j.found) {
			return x.bad("Invalid cursor")
		}
	}
	return s.page(x, j, at, min(size, maxPage))
}

// page makes the page at the cursor: always the same bytes for the same size.
func (s *Sim) page(x *exchange, j *detailsJob, at cursor, size int) reply {
	end := min(at.offset+size, len(j.found))
	if most := s.most(x); most > 0 && end > most {
		return x.bad(fmt.Sprintf("pagination may not exceed %d results", most))
	}
	odd := s.oddPage(x, j, at)
	next := cursor{job: j.id, offset: end}
	from := at.offset
	switch odd {
	case Empty:
		from, end = at.offset, at.offset
		next = cursor{j.id, at.offset, at.serial + 1}
	case Duplicate:
		from = max(0, from-1)
	}
	repeat := x.isHit(Repeat)
	if repeat {
		next = at
	}
	body := []byte(`{"conversations":[`)
	for n, i := range j.found[from:end] {
		if n > 0 {
			body = append(body, ',')
		}
		d := s.world.detail(i)
		if f, ok := x.hit(Big); ok && n == 0 {
			d.Swell(cmp.Or(f.Bytes, 10<<20))
		}
		body = append(body, s.Drift.record(d.AppendJSON(nil, j.available, true), j.available)...)
	}
	body = append(body, `],`...)
	if end < len(j.found) || odd == Empty || repeat {
		text, _ := json.Marshal(next.String())
		body = append(append(append(body, `"cursor":`...), text...), ',')
	}
	body = append(body, `"dataAvailabilityDate":"`+written(j.available)+`"}`...)
	return reply{status: http.StatusOK, body: body}
}

// most is how many results a job may have, by configuration or fault; 0 is no limit.
func (s *Sim) most(x *exchange) int {
	if f, ok := x.hit(Cap); ok {
		return f.Rows
	}
	return s.Jobs.Rows
}

// oddPage is what a fault has made of this page, now or before: a page that is asked for again is the same.
func (s *Sim) oddPage(x *exchange, j *detailsJob, at cursor) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, kind := range []string{Empty, Duplicate} {
		if x.isHit(kind) {
			j.pages[at.String()] = kind
		}
	}
	return j.pages[at.String()]
}
