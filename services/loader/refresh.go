package loader

import (
	"errors"
	"net/http"

	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/run"
)

// refreshed is the body of GET /refresh/{run}.
type refreshed struct {
	run.Report
	Reasons map[string]int `json:"reasons,omitempty"` // rejected and dead objects among those listed, by class
}

// refresh tells how far a run is in this environment: 202 until it is sealed and every object ended, 409 when one was
// rejected or given up, 200 when all is in the sandbox, 404 when there is no such run.
func (l *Loader) refresh(w http.ResponseWriter, r *http.Request) {
	report, err := l.report(r, r.PathValue("run"))
	switch {
	case errors.Is(err, run.ErrNotFound):
		app.WriteJSON(w, http.StatusNotFound, map[string]string{"error": "no such run"})
	case err != nil:
		l.deps.Telemetry.Log().ErrorContext(r.Context(), "refresh cannot be told", "error", err.Error())
		app.WriteJSON(w, http.StatusServiceUnavailable, map[string]string{"error": "the run's manifest or states cannot be read now; the log says why"})
	default:
		app.WriteJSON(w, report.HTTPStatus(), report)
	}
}

func (l *Loader) report(r *http.Request, id string) (refreshed, error) {
	m, err := run.Read(r.Context(), l.deps.Store, l.c.Buckets.Raw, id)
	if err != nil {
		return refreshed{}, err
	}
	states, err := l.states(r.Context())
	if err != nil {
		return refreshed{}, err
	}
	s, err := run.Status(r.Context(), m, states, l.c.Environment)
	if err != nil {
		return refreshed{}, err
	}
	return refreshed{Report: s, Reasons: reasons(s.Stopped)}, nil
}

func reasons(stopped []run.Stopped) map[string]int {
	if len(stopped) == 0 {
		return nil
	}
	by := map[string]int{}
	for _, s := range stopped {
		class := string(objref.Dead)
		if s.Reason != nil && s.Reason.Class != "" {
			class = s.Reason.Class
		}
		by[class]++
	}
	return by
}
