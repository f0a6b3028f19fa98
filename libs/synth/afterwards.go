package synth

// day is in milliseconds.
const day = 24 * 3_600_000

// afterwards adds what comes days later: how the agent did, what the customer thought of it, and whether it helped.
func (s *story) afterwards() {
	agent, queue := is(fixedUUID("agent", s.agent)), is(s.queueID())
	later := func() stamp { return is(s.now + millis(1+s.IntN(9))*day) }
	if s.chance(30) {
		form := s.IntN(6)
		done := s.chance(80)
		s.c.Evaluations = []evaluation{{
			EvaluationID: is(uuid(s.Rand)), ContextID: is(fixedUUID("formcontext", form)), FormID: is(fixedUUID("form", form)),
			FormName: is(s.one("QA voice v3", "Compliance 2026")), EvaluationStatus: is(map[bool]string{true: "FINISHED", false: "PENDING"}[done]),
			EvaluatorID: is(s.id("evaluator", 12)), AssigneeID: is(s.id("evaluator", 12)), AssigneeApplicable: is(s.chance(50)), UserID: agent, QueueID: queue, EventTime: later(),
			Released: is(done), Rescored: when(s.chance(20), true), Deleted: is(false), SystemSubmitted: when(s.chance(20), s.chance(50)),
			CalibrationID: when(s.chance(15), uuid(s.Rand)), OTotalScore: when(done, float64(s.IntN(201))/2), OTotalCriticalScore: when(done, float64(s.IntN(101))),
		}}
	} else if s.chance(20) {
		s.c.Evaluations = []evaluation{} // there, and empty
	}
	if s.chance(20) {
		form := s.IntN(4)
		done := s.chance(60)
		x := survey{
			SurveyID: is(uuid(s.Rand)), SurveyFormID: is(fixedUUID("surveyform", form)), SurveyFormContextID: is(fixedUUID("surveycontext", form)),
			SurveyFormName: is("After the call"), SurveyStatus: is(map[bool]string{true: "Finished", false: "Sent"}[done]), SurveyType: is(s.one("Web", "Voice")),
			UserID: agent, QueueID: queue, EventTime: later(), SurveyPartialResponse: when(s.chance(20), true),
		}
		if done {
			x.SurveyCompletedDate, x.SurveyPromoterScore, x.OSurveyTotalScore = later(), is(int64(s.IntN(11))), is(float64(s.IntN(101)))
		}
		s.c.Surveys = []survey{x}
	}
	if s.chance(15) {
		s.c.Resolutions = []resolution{{EventTime: later(), UserID: agent, QueueID: queue, NNextContactAvoided: is(int64(s.IntN(2)))}}
	}
}
