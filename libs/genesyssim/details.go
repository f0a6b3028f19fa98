package genesyssim

import (
	"net/http"
	"slices"
	"time"
)

// detailsJob is a conversation-details job. What it will give is settled when it is made.
type detailsJob struct {
	id                 string
	owner              string // token
	submitted          time.Time
	available          time.Time // as of when the data is
	found              []int64   // conversations, in order
	failed             string    // why it ends as FAILED
	finished           time.Time // when it reached its end
	cancelled, expired bool
	pages              map[string]string // what is odd about a page, by its cursor
}

// detailsBody is the body of a job, and of a query.
type detailsBody struct {
	Interval      string   `json:"interval"`
	Order         string   `json:"order"`
	OrderBy       string   `json:"orderBy"`
	Limit         int      `json:"limit"`
	StartOfDay    bool     `json:"startOfDayIntervalMatching"`
	Conversations []clause `json:"conversationFilters"`
	Segments      []clause `json:"segmentFilters"`
	Paging        struct {
		Size   int `json:"pageSize"`
		Number int `json:"pageNumber"`
	} `json:"paging"`
}

// createDetails answers POST …/details/jobs. It is not idempotent.
func (s *Sim) createDetails(x *exchange) reply {
	var b detailsBody
	if !x.decode(&b) {
		return x.bad("The request could not be understood by the server due to malformed syntax.")
	}
	span, ok := parseInterval(b.Interval)
	if !ok {
		return x.bad("The interval must be two instants of ISO 8601 with a slash between, the first before the second")
	}
	if s.Jobs.Interval > 0 && span.to.Sub(span.from) > s.Jobs.Interval {
		return x.bad("The interval of a job may not exceed " + s.Jobs.Interval.String())
	}
	if refusal, ok := s.chargeJob(x); !ok {
		return refusal
	}
	j := &detailsJob{
		id: s.newID("details"), owner: x.token.text, submitted: x.now, available: s.available(x.now),
		finished: x.now.Add(s.Jobs.Queued + s.Jobs.Running), pages: map[string]string{},
	}
	found, wrong := s.find(b, span, j.available, true)
	if wrong != "" {
		return x.bad(wrong)
	}
	if b.Limit > 0 {
		found = found[:min(b.Limit, len(found))]
	}
	j.found = found
	if f, ok := x.hit(Fail); ok {
		j.failed = f.message("The job failed for an internal reason.")
	}
	s.mu.Lock()
	s.details[j.id] = j
	s.mu.Unlock()
	return answer(http.StatusAccepted, map[string]string{"jobId": j.id})
}

// find are the conversations that a job or query is about, in its order. living matches by lifetime, otherwise by the
// UTC days of the start.
func (s *Sim) find(b detailsBody, span interval, at time.Time, living bool) (found []int64, wrong string) {
	if living && !b.StartOfDay {
		found = s.world.living(span.from, earliest(span.to, at))
	} else {
		span = span.days()
		found = s.world.starting(span.from, earliest(span.to, at))
	}
	match, wrong := s.filters(b, at)
	if wrong != "" {
		return nil, wrong
	}
	found = slices.DeleteFunc(found, func(i int64) bool { return !s.world.known(i, at) || match != nil && !match(i) })
	switch b.OrderBy {
	case "", "conversationStart", "segmentStart":
	case "segmentEnd", "conversationEnd":
		slices.SortStableFunc(found, func(a, b int64) int { return s.world.end(a).Compare(s.world.end(b)) })
	default:
		return nil, "orderBy must be conversationStart, segmentStart or segmentEnd"
	}
	switch b.Order {
	case "", "asc":
	case "desc":
		slices.Reverse(found)
	default:
		return nil, "order must be asc or desc"
	}
	return found, ""
}

// chargeJob holds a new job against the limits on jobs.
func (s *Sim) chargeJob(x *exchange) (reply, bool) {
	if s.Quota.JobsRate > 0 {
		if _, reset, ok := s.take("jobs "+x.token.text, x.now, s.Quota.JobsRate, time.Second); !ok {
			return x.tooMany("details.jobs.rate.per.second", s.Quota.JobsRate, reset), false
		}
	}
	if s.Quota.JobsOpen <= 0 {
		return reply{}, true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	open, first := 0, time.Duration(0)
	for _, j := range s.details {
		if j.owner == x.token.text && !j.done(s, x.now) {
			if left := j.finished.Sub(x.now); open == 0 || left < first {
				first = left
			}
			open++
		}
	}
	if open >= s.Quota.JobsOpen {
		return x.tooMany("details.jobs.concurrent.access.max", s.Quota.JobsOpen, first), false
	}
	return reply{}, true
}

// The states of a details job.
const (
	queued    = "QUEUED"
	pending   = "PENDING"
	fulfilled = "FULFILLED"
	failed    = "FAILED"
	cancelled = "CANCELLED"
	expired   = "EXPIRED"
)

func (j *detailsJob) state(s *Sim, now time.Time) string {
	switch {
	case j.cancelled:
		return cancelled
	case j.expired || !now.Before(j.expires(s)):
		return expired
	case now.Before(j.submitted.Add(s.Jobs.Queued)):
		return queued
	case now.Before(j.finished):
		return pending
	case j.failed != "":
		return failed
	}
	return fulfilled
}

func (j *detailsJob) expires(s *Sim) time.Time { return j.finished.Add(s.Jobs.Kept) }

func (j *detailsJob) done(s *Sim, now time.Time) bool {
	state := j.state(s, now)
	return state != queued && state != pending
}

// job is the one that the path names.
func (s *Sim) job(x *exchange) (*detailsJob, reply, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	j := s.details[x.PathValue("job")]
	if j != nil && x.isHit(Vanish) {
		delete(s.details, j.id)
		j = nil
	}
	if j == nil {
		return nil, x.refuse(http.StatusNotFound, "not.found", "The requested job does not exist."), false
	}
	if f, ok := x.hit(Fail); ok {
		j.failed, j.finished = f.message("The job failed for an internal reason."), x.now
	}
	if f, ok := x.hit(Stall); ok {
		j.finished = x.now.Add(f.Delay)
	}
	if x.isHit(Expire) {
		j.expired = true
	}
	return j, reply{}, true
}

// detailsStatus answers GET …/jobs/{job}.
func (s *Sim) detailsStatus(x *exchange) reply {
	j, refusal, ok := s.job(x)
	if !ok {
		return refusal
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	out := struct {
		State        string `json:"state"`
		ErrorMessage string `json:"errorMessage,omitempty"`
		Submitted    string `json:"submissionDate"`
		Completed    string `json:"completionDate,omitempty"`
		Expires      string `json:"expirationDate,omitempty"`
	}{State: j.state(s, x.now), Submitted: written(j.submitted)}
	if out.State == failed {
		out.ErrorMessage = j.failed
	}
	if j.done(s, x.now) && !j.cancelled {
		out.Completed, out.Expires = written(j.finished), written(j.expires(s))
	}
	return answer(http.StatusOK, out)
}

// cancelDetails answers DELETE …/jobs/{job}.
func (s *Sim) cancelDetails(x *exchange) reply {
	j, refusal, ok := s.job(x)
	if !ok {
		return refusal
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	j.cancelled = true
	return reply{status: http.StatusNoContent}
}

// availability answers GET …/jobs/availability.
func (s *Sim) availability(x *exchange) reply {
	at := s.available(x.now)
	if f, ok := x.hit(Earlier); ok {
		at = at.Add(-f.Delay)
	}
	return answer(http.StatusOK, map[string]string{"dataAvailabilityDate": written(at)})
}
