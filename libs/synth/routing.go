package synth

import "fmt"

// ivr is the flow that asks the caller what it is about.
func (s *story) ivr() {
	p, x := s.leg("ivr")
	name := queues[s.queue].flow
	p.ParticipantName = is(name)
	if s.chance(50) {
		p.Attributes = map[string]text{"tenant_id": is(s.tenant), "ivr.menu.path": is(fmt.Sprintf("%d>%d", 1+s.IntN(5), 1+s.IntN(5)))}
	}
	x.Remote = is(s.place)
	from := s.now
	s.span(x, "ivr", 8, 70)
	x.Flow = s.flow(name, "INBOUNDCALL", from)
	x.Flow.EntryType, x.Flow.EntryReason = is("dnis"), is(s.ours)
	x.Flow.RecognitionFailureReason = when(s.chance(8), "NO_MATCH")
	x.Flow.IssuedCallback = when(s.medium == "callback", true)
	x.FlowInType, x.FlowOutType = is("dnis"), when(s.chance(60), "acd")
	s.measure(x, "nFlow", 1, "tFlow", int(s.now-from), "tFlowOut", int(s.now-from))
}

// workflow routes, or sends what the organisation has for the customer.
func (s *story) workflow() {
	p, x := s.leg("workflow")
	name := s.one("Nightly follow-up", "Mail triage", "Bot greeting")
	p.ParticipantName = is(name)
	from := s.now
	s.span(x, "ivr", 1, 20)
	x.Flow = s.flow(name, s.one("WORKFLOW", "INBOUNDEMAIL", "INBOUNDSHORTMESSAGE"), from)
	x.Flow.EntryType = is(s.one("agent", "flow", "direct"))
	x.Flow.EntryReason = is(s.one(s.number, s.address(), s.id("flow", 30)))
	s.measure(x, "nFlow", 1, "tFlow", int(s.now-from))
}

func (s *story) flow(name, kind string, from millis) *flow {
	f := &flow{
		FlowID: is(s.id("flow", 30)), FlowName: is(name), FlowType: is(kind), FlowVersion: is(fmt.Sprintf("%d.0", 1+s.IntN(60))),
		ExitReason: is("TRANSFER"), StartingLanguage: is("en-us"), EndingLanguage: is(s.one("en-us", "es-us")),
	}
	switch s.IntN(4) {
	case 0:
		f.TransferType, f.TransferTargetName, f.TransferTargetAddress = is("EXTERNAL"), is(s.fullName()), is(s.number)
	case 1:
		f.TransferType, f.TransferTargetName, f.TransferTargetAddress = is("USER"), is(agentName(s.agent)), is(fixedUUID("agent", s.agent))
	default:
		f.TransferType, f.TransferTargetName, f.TransferTargetAddress = is("ACD"), is(queues[s.queue].name), is(s.queueID())
	}
	if s.chance(30) {
		f.Outcomes = []outcome{{
			FlowOutcomeID: is(s.id("outcome", 40)), FlowOutcome: is(s.one("Balance told", "Order found", "Identity verified")),
			FlowOutcomeValue: is(s.one("SUCCESS", "FAILURE")), FlowOutcomeStartTimestamp: is(from), FlowOutcomeEndTimestamp: is(s.now),
		}}
	}
	return f
}

// acd is the wait in a queue.
func (s *story) acd() {
	p, x := s.leg("acd")
	p.ParticipantName = is(queues[s.queue].name)
	x.Remote = is(s.place)
	x.SelectedAgentID, x.SelectedAgentRank = when(s.chance(70), fixedUUID("agent", s.agent)), when(s.chance(15), int64(1+s.IntN(9)))
	x.ActiveSkillIDs = s.ids("skill", 60, 1+s.IntN(3))
	if s.chance(15) {
		x.RemovedSkillIDs = s.ids("skill", 60, s.IntN(2)) // may be empty
	}
	x.EligibleAgentCounts, x.WaitingInteractionCounts = []int64{int64(1 + s.IntN(40))}, []int64{int64(s.IntN(90))}
	x.RoutingRing = when(s.chance(30), int64(1+s.IntN(6)))
	x.RoutingRule, x.RoutingRuleType = when(s.chance(10), uuid(s.Rand)), when(s.chance(10), s.one("Predictive", "Standard"))
	x.SkillExpressionID = when(s.chance(5), s.id("expression", 9))
	if s.chance(25) {
		for rank := range int64(1 + s.IntN(4)) {
			x.ProposedAgents = append(x.ProposedAgents, proposedAgent{is(s.id("agent", 400)), is(rank + 1)})
		}
	}
	if s.chance(10) {
		x.AgentGroups = []agentGroup{{is(s.id("group", 25)), is(s.one("TEAM", "GROUP"))}}
	}
	from := s.now
	g := s.span(x, "interact", 3, 240)
	g.QueueID, g.DisconnectType = is(s.queueID()), is("transfer")
	g.RequestedRoutingSkillIDs = s.ids("skill", 60, 1+s.IntN(2))
	g.RequestedLanguageID = when(s.chance(30), s.id("language", 8))
	g.GroupID = when(s.chance(5), s.id("group", 25))
	if s.chance(8) {
		g.RequestedRoutingUserIDs = s.ids("agent", 400, 1)
		g.ScoredAgents = []scoredAgent{{is(s.id("agent", 400)), is(int64(s.IntN(100)))}, {is(s.id("agent", 400)), is(int64(s.IntN(100)))}}
	}
	s.measure(x, "nOffered", 1, "tWait", int(s.now-from), "tAcd", int(s.now-from))
	if s.now-from > 60_000 {
		s.measure(x, "nOverSla", 1)
	}
}

// consult is a third party that the agent calls.
func (s *story) consult() {
	other := customer(s.Rand)
	p, x := s.leg("external")
	p.ParticipantName = is(other.first + " " + other.last)
	x.Direction, x.Ani, x.Dnis = is("outbound"), is(s.ours), is(fmt.Sprintf("tel:+1%03d5550%03d", other.area, other.line))
	g := s.span(x, "interact", 10, 120)
	g.DisconnectType = is("transfer")
	g.SourceConversationID, g.SourceSessionID = s.c.ConversationID, s.c.Participants[0].Sessions[0].SessionID
	g.DestinationConversationID, g.DestinationSessionID = is(uuid(s.Rand)), is(uuid(s.Rand))
	s.measure(x, "nConsult", 1)
}
