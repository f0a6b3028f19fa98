package analytics

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/maskrail/maskrail/services/exporter/internal/source"
)

// state is what a task needs to go on after a crash.
type state struct {
	// Asked is when the job was, or was about to be, asked for. Without Job its id was never learnt.
	Asked    time.Time `json:"asked,omitzero"`
	Job      string    `json:"job,omitempty"`
	Pages    int       `json:"pages,omitempty"`    // that are put
	Cursor   string    `json:"cursor,omitempty"`   // of the next page
	PageSize int       `json:"pageSize,omitempty"` // where it had to be smaller than configured
	Count    counts    `json:"count,omitzero"`
	Query    bool      `json:"query,omitempty"` // by query and not by job
	Done     bool      `json:"done,omitempty"`
}

func readState(b []byte) (s state, err error) {
	if len(b) == 0 {
		return s, nil
	}
	if json.Unmarshal(b, &s) != nil {
		return s, fmt.Errorf("read what the task has saved: %w", source.ErrRestart)
	}
	return s, nil
}

func (s state) bytes() ([]byte, error) {
	b, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("write the state of the task: %w", err)
	}
	return b, nil
}
