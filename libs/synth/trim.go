package synth

// trimmed is a copy of the record with what is known alone: nothing in it was begun, ended or measured at a time that
// is not. What the copy shares with the record stays as it is.
func (d *Detail) trimmed(known func(millis) bool) *conversation {
	c := *d.c
	t := trimmer(known)
	t.stamp(&c.ConversationEnd)
	t.stamp(&c.ConferenceStart)
	if c.ConversationEnd.state != given {
		c.MediaStatsMinConversationMos, c.MediaStatsMinConversationRFactor = float{}, float{}
	}
	c.Participants = nil
	for _, p := range d.c.Participants {
		if kept := *p; t.participant(&kept) {
			c.Participants = append(c.Participants, &kept)
		}
	}
	c.Evaluations = kept(c.Evaluations, func(e *evaluation) bool { return t.stamp(&e.EventTime) })
	c.Surveys = kept(c.Surveys, t.survey)
	c.Resolutions = kept(c.Resolutions, func(r *resolution) bool { return t.stamp(&r.EventTime) })
	return &c
}

// trimmer says which times are known.
type trimmer func(millis) bool

// stamp takes a time out that is not known.
func (t trimmer) stamp(s *stamp) bool {
	if s.state == given && !t(s.value) {
		*s = stamp{}
		return false
	}
	return true
}

func (t trimmer) participant(p *participant) bool {
	sessions := p.Sessions
	p.Sessions = nil
	for _, x := range sessions {
		if kept := *x; t.session(&kept) {
			p.Sessions = append(p.Sessions, &kept)
		}
	}
	return len(p.Sessions) > 0
}

func (t trimmer) session(x *session) bool {
	x.Segments = kept(x.Segments, t.segment)
	if len(x.Segments) == 0 {
		return false
	}
	x.Metrics = kept(x.Metrics, func(m *metric) bool { return t.stamp(&m.EmitDate) })
	x.MediaEndpointStats = kept(x.MediaEndpointStats, func(e *endpointStats) bool { return t.stamp(&e.EventTime) })
	t.stamp(&x.DeliveryStatusChangeDate)
	t.stamp(&x.DetectedSpeechStart)
	t.stamp(&x.DetectedSpeechEnd)
	if x.Flow != nil {
		f := *x.Flow
		f.Outcomes = kept(f.Outcomes, func(o *outcome) bool { return t.stamp(&o.FlowOutcomeEndTimestamp) })
		x.Flow = &f
	}
	return true
}

// segment takes out of one that goes on what is said at its end.
func (t trimmer) segment(g *segment) bool {
	if !t.stamp(&g.SegmentStart) {
		return false
	}
	if !t.stamp(&g.SegmentEnd) {
		g.DisconnectType, g.ErrorCode = text{}, text{}
		g.SipResponseCodes, g.Q850ResponseCodes = nil, nil
		g.WrapUpCode, g.WrapUpNote, g.WrapUpTags, g.Properties = text{}, text{}, nil, nil
	}
	return true
}

func (t trimmer) survey(s *survey) bool {
	if !t.stamp(&s.EventTime) {
		return false
	}
	if !t.stamp(&s.SurveyCompletedDate) {
		s.SurveyStatus, s.SurveyPromoterScore, s.OSurveyTotalScore = is("Sent"), whole{}, float{}
	}
	return true
}

// kept are copies of the elements that keep leaves something of. What was empty stays so; what becomes empty is absent.
func kept[T any](from []T, keep func(*T) bool) []T {
	if len(from) == 0 {
		return from
	}
	var out []T
	for _, e := range from {
		if keep(&e) {
			out = append(out, e)
		}
	}
	return out
}
