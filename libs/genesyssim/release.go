package genesyssim

import "slices"

// firstRelease is the oldest schema that can be simulated, and the one before all that lives says.
const firstRelease = "2020-02"

// life is when the analytics API had a member, by the month of the release. The newest release has what the records of
// package synth have.
type life struct {
	object      string // conversation, participant, session, flow, segment, evaluation
	name        string
	from, until string // in [from, until); "" is always
	like        string // it is gone from the newest schema: its value is that of this member beside it
	text        bool   // it was a text then, and is a number now
}

// lives is what has come and gone in the schema of conversation details, from the history of the vendor's client
// library. What stands nowhere has been there since the first release.
var lives = slices.Concat(
	came("session", map[string][]string{
		"2020-03": {"flowOutType"},
		"2020-07": {"requestedRoutings", "selectedAgentId", "selectedAgentRank", "usedRouting"},
		"2020-09": {"agentAssistantId", "proposedAgents"},
		"2020-10": {"flowInType"},
		"2020-11": {"acwSkipped", "assignerId"},
		"2021-03": {"activeSkillIds", "agentBullseyeRing", "removedSkillIds"},
		"2021-04": {"authenticated", "routingRing"},
		"2021-07": {"agentOwned"},
		"2021-08": {"deliveryStatus", "deliveryStatusChangeDate", "eligibleAgentCounts", "waitingInteractionCounts", "coachedParticipantId"},
		"2021-09": {"destinationAddresses"},
		"2022-01": {"extendedDeliveryStatus"},
		"2022-07": {"agentGroups"},
		"2022-09": {"bargedParticipantId"},
		"2022-10": {"bcc", "cc"},
		"2023-04": {"cleared"},
		"2023-07": {"routingRule", "routingRuleType"},
		"2024-06": {"detectedSpeechStart", "detectedSpeechEnd"},
		"2025-03": {"deliveryPushed"},
		"2025-09": {"engagementSource"},
		"2025-12": {"screenMonitoredUserId"},
		"2026-01": {"snippetRecording"},
		"2026-04": {"skillExpressionId"},
	}),
	came("conversation", map[string][]string{
		"2021-02": {"resolutions"},
		"2021-04": {"externalTag"},
		"2021-12": {"knowledgeBaseIds", "selfServed"},
		"2022-01": {"conversationInitiator"},
		"2022-02": {"customerParticipation"},
		"2023-05": {"conferenceStart"},
		"2025-05": {"originatingSocialMediaPublic"},
		"2025-06": {"inactivityTimeout"},
		"2026-03": {"associatedConversationId", "consultationConversationIds"},
		"2026-04": {"accessAttributes"},
	}),
	[]life{
		{object: "session", name: "monitoredSessionId", until: "2021-03", like: "peerId"},
		{object: "session", name: "bullseyeRing", from: "2021-03", until: "2021-04", like: "routingRing"},
		{object: "session", name: "routingRule", from: "2021-03", until: "2021-04", like: "routingRing"}, // a number then, a text when it came back
		{object: "session", name: "journeyActionMapVersion", until: "2021-04", text: true},
	},
)

func came(object string, members map[string][]string) (lives []life) {
	for release, names := range members {
		for _, name := range names {
			lives = append(lives, life{object: object, name: name, from: release})
		}
	}
	return lives
}

// Releases are the releases of which the schema differs from the one before, in order. Each is a month.
func Releases() []string {
	all := []string{firstRelease}
	for _, l := range lives {
		for _, at := range []string{l.from, l.until} {
			if at != "" {
				all = append(all, at)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func (l life) alive(release string) bool {
	return l.from <= release && (l.until == "" || release < l.until)
}

// backdate makes of an object of the newest schema what a release had.
func backdate(object string, m map[string]any, release string) {
	for _, l := range lives { // what is gone, from values that are still here
		if v, ok := m[l.like]; ok && l.object == object && l.like != "" && l.alive(release) {
			defer func() { m[l.name] = v }()
		}
	}
	for _, l := range lives {
		switch {
		case l.object != object || l.like != "":
		case l.text:
			if v, ok := m[l.name]; ok && l.alive(release) {
				m[l.name] = textOf(v)
			}
		case !l.alive(release):
			delete(m, l.name)
		}
	}
}
