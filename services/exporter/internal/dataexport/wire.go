package dataexport

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/services/exporter/internal/genesys"
	"github.com/maskrail/maskrail/services/exporter/internal/source"
)

const (
	jobsPath = "/api/v2/data/export"
	opCreate = "create export job"
	opList   = "list export jobs"
	opStatus = "look at export job"
	opDelete = "delete export job"
)

// The states of a job.
const (
	queued    = "QUEUED"
	running   = "RUNNING"
	completed = "COMPLETED"
	failed    = "FAILED"
	cancelled = "CANCELLED"
	expired   = "EXPIRED"
)

type dateRange struct {
	Type    string `json:"type"`
	Seconds int64  `json:"windowSizeSeconds"`
	End     string `json:"endTime"`
}

type destination struct {
	Type   string `json:"type"`
	Bucket string `json:"bucketName"`
	Region string `json:"region"`
	Prefix string `json:"keyPrefix"`
}

type condition struct {
	Field    string `json:"field"`
	Operator string `json:"operator"`
	Value    any    `json:"value"` // a text, or a list of them with IN
}

type order struct {
	Entity      string      `json:"entityType"`
	DateRange   dateRange   `json:"dateRange"`
	Destination destination `json:"destination"`
	Filters     []condition `json:"filters"`
	Format      string      `json:"format"`
	Fields      []string    `json:"fields,omitempty"`
}

// order is what the provider is asked for. Its spans are of whole seconds before their end: one of a window that is not
// begins a little sooner, and what it then has twice is one row at its key.
func (s *Source) order(w objref.Window, prefix string) order {
	o := order{
		Entity:      s.config.Entity,
		DateRange:   dateRange{"FIFO", int64((w.To.Sub(w.From) + time.Second - 1) / time.Second), w.To.UTC().Format("2006-01-02T15:04:05.000Z")},
		Destination: destination{"AWS_S3", s.config.Bucket, s.config.Region, prefix},
		Filters:     []condition{}, Format: s.config.Format, Fields: s.config.Fields,
	}
	for _, f := range s.config.Filters {
		c := condition{f.Field, f.Operator, f.Values}
		if f.Operator != "IN" {
			c.Value = f.Values[0]
		}
		o.Filters = append(o.Filters, c)
	}
	return o
}

// create begins a job. It is not idempotent.
func (s *Source) create(ctx context.Context, o order) (id string, err error) {
	var says struct {
		ID string `json:"id"`
	}
	if err := s.client.Do(ctx, genesys.Call{Op: opCreate, Method: http.MethodPost, Path: jobsPath, Body: o}, &says); err != nil {
		return "", err
	}
	return says.ID, genesys.CheckID(opCreate, says.ID)
}

// job is one as the provider tells of it.
type job struct {
	ID      string   `json:"id"`
	State   string   `json:"state"`
	Rows    int64    `json:"recordCount"`
	Objects []object `json:"objects"`
}

type object struct {
	Bucket string `json:"bucketName"`
	Key    string `json:"key"`
	Rows   int64  `json:"recordCount"`
}

func (s *Source) status(ctx context.Context, id string) (job, error) {
	var j job
	call := genesys.Call{Op: opStatus, Method: http.MethodGet, Path: jobsPath + "/" + id, Gone: source.ErrRestart}
	return j, s.client.Do(ctx, call, &j)
}

// alive are the ids of the jobs that write under the prefix, or have, in the provider's order.
func (s *Source) alive(ctx context.Context, prefix string) ([]string, error) {
	var says struct {
		Jobs []struct {
			ID          string      `json:"id"`
			State       string      `json:"state"`
			Destination destination `json:"destination"`
		} `json:"jobs"`
	}
	err := s.client.Do(ctx, genesys.Call{Op: opList, Method: http.MethodGet, Path: jobsPath, Most: 64 << 20}, &says)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, j := range says.Jobs {
		if j.Destination.Bucket != s.config.Bucket || j.Destination.Prefix != prefix {
			continue
		}
		if j.State == queued || j.State == running || j.State == completed {
			if err := genesys.CheckID(opList, j.ID); err != nil {
				return nil, err
			}
			ids = append(ids, j.ID)
		}
	}
	return ids, nil
}

// remove deletes a job. One that is gone is no error.
func (s *Source) remove(ctx context.Context, id string) error {
	err := s.client.Do(ctx, genesys.Call{Op: opDelete, Method: http.MethodDelete, Path: jobsPath + "/" + id}, nil)
	if status := genesys.Status(err); status == http.StatusNotFound || status == http.StatusGone {
		return nil
	}
	return err
}

// keys are those of the objects, when all lie where they were ordered and have the rows that the job says.
func (s *Source) check(j job, prefix string) error {
	rows := j.Rows
	for _, o := range j.Objects {
		if o.Bucket != s.config.Bucket || !strings.HasPrefix(o.Key, prefix) || len(o.Key) == len(prefix) || o.Rows < 0 {
			return fmt.Errorf("%s: %w: an object lies elsewhere than it was ordered: see that the provider honours keyPrefix", opStatus, source.ErrRefused)
		}
		rows -= o.Rows
	}
	if rows != 0 {
		return fmt.Errorf("%s: %w: its objects have other rows in all than it says", opStatus, source.ErrRestart)
	}
	return nil
}
