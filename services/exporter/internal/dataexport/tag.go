package dataexport

import (
	"context"
	"fmt"
	"net/http"

	"github.com/maskrail/maskrail/services/exporter/internal/genesys"
	"github.com/maskrail/maskrail/services/exporter/internal/source"
)

const (
	fieldsPath = "/api/v2/interactionlogs/customfields"
	opTag      = "provision tenant_id"
)

// customField is a field that an organisation adds to its interactions.
type customField struct {
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	DataType    string `json:"dataType"`
	EntityType  string `json:"entityType"`
}

// tenantTag is the field by which rows are told apart.
var tenantTag = customField{
	Name: "tenant_id", Description: "Owner of the interaction", DataType: "STRING", EntityType: "INTERACTIONLOG",
}

// Provision gives interactions the field tenant_id, unless they have it. created tells which. A field of this name that is
// no text is source.ErrRefused: it must be renamed first.
func (s *Source) Provision(ctx context.Context) (created bool, err error) {
	there, err := s.tagged(ctx)
	if err != nil || there {
		return false, err
	}
	err = s.client.Do(ctx, genesys.Call{Op: opTag, Method: http.MethodPost, Path: fieldsPath, Body: tenantTag, Again: true}, nil)
	if genesys.Status(err) == http.StatusConflict { // somebody was faster, or our own request whose answer was lost
		there, err = s.tagged(ctx)
		if err == nil && !there {
			err = fmt.Errorf("%s: %w: the provider says that the field exists, and does not list it", opTag, source.ErrRefused)
		}
		return false, err
	}
	return err == nil, err
}

// tagged reports whether interactions have the field.
func (s *Source) tagged(ctx context.Context) (bool, error) {
	var says struct {
		Fields []customField `json:"customFields"`
	}
	if err := s.client.Do(ctx, genesys.Call{Op: opTag, Method: http.MethodGet, Path: fieldsPath}, &says); err != nil {
		return false, err
	}
	for _, f := range says.Fields {
		if f.Name != tenantTag.Name {
			continue
		}
		if f.DataType != tenantTag.DataType || f.EntityType != tenantTag.EntityType {
			return false, fmt.Errorf("%s: %w: interactions have a field of this name that is not of type STRING on INTERACTIONLOG: rename it", opTag, source.ErrRefused)
		}
		return true, nil
	}
	return false, nil
}
