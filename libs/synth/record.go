package synth

// conversation is a detail record as the contact centre's analytics API gives it, schema of 2026. A member's name in
// a file is the field's with a small first letter and Id for ID; the order is that of the fields. A nil list, map or
// pointer is absent.
type conversation struct {
	ConversationID, ConversationInitiator                          text
	ConversationStart, ConversationEnd, ConferenceStart            stamp
	InactivityTimeout                                              stamp
	OriginatingDirection                                           text
	OriginatingSocialMediaPublic, CustomerParticipation            flag
	SelfServed                                                     flag
	DivisionIDs, KnowledgeBaseIDs, AccessAttributes                []string
	AssociatedConversationID                                       text
	ConsultationConversationIDs                                    []string
	ExternalTag                                                    text
	MediaStatsMinConversationMos, MediaStatsMinConversationRFactor float
	Participants                                                   []*participant
	Evaluations                                                    []evaluation
	Surveys                                                        []survey
	Resolutions                                                    []resolution
}

type participant struct {
	ParticipantID, ParticipantName, Purpose, FlaggedReason    text
	UserID, TeamID, ExternalContactID, ExternalOrganizationID text
	ScreenRecording                                           flag
	Attributes                                                map[string]text
	Sessions                                                  []*session
}

type session struct {
	SessionID, MediaType, MessageType, Direction, Provider, EngagementSource text

	// Who is at the other end. Which of a pair is the customer depends on the direction and on the participant.
	Ani, Dnis, SessionDnis, Remote, RemoteNameDisplayable, ProtocolCallID text
	AddressFrom, AddressTo, AddressSelf, AddressOther                     text
	Cc, Bcc, DestinationAddresses                                         []string
	CallbackNumbers                                                       []string
	CallbackUserName                                                      text
	CallbackScheduledTime                                                 stamp
	Authenticated                                                         flag

	PeerID, EdgeID, RoomID, MediaBridgeID, ScriptID, AgentAssistantID                                      text
	CobrowseRole, CobrowseRoomID, ScreenShareAddressSelf, ScreenShareRoomID, VideoAddressSelf, VideoRoomID text
	SharingScreen, Recording, SnippetRecording                                                             flag
	MediaCount, TimeoutSeconds                                                                             whole
	DeliveryStatus, ExtendedDeliveryStatus                                                                 text
	DeliveryStatusChangeDate                                                                               stamp
	DeliveryPushed, Cleared, SkipEnabled, AcwSkipped                                                       flag
	DetectedSpeechStart, DetectedSpeechEnd                                                                 stamp

	AssignerID, SelectedAgentID, ScreenMonitoredUserID                text
	SelectedAgentRank                                                 whole
	MonitoredParticipantID, CoachedParticipantID, BargedParticipantID text
	RequestedRoutings                                                 []string
	UsedRouting, RoutingRule, RoutingRuleType, SkillExpressionID      text
	RoutingRing                                                       whole
	AgentBullseyeRing                                                 whole
	AgentOwned                                                        flag
	ActiveSkillIDs, RemovedSkillIDs                                   []string
	EligibleAgentCounts, WaitingInteractionCounts                     []int64
	ProposedAgents                                                    []proposedAgent
	AgentGroups                                                       []agentGroup

	OutboundCampaignID, OutboundContactID, OutboundContactListID, DispositionAnalyzer, DispositionName text
	JourneyActionID, JourneyActionMapID                                                                text
	JourneyActionMapVersion                                                                            whole
	JourneyCustomerID, JourneyCustomerIDType, JourneyCustomerSessionID, JourneyCustomerSessionIDType   text
	FlowInType, FlowOutType                                                                            text

	Flow               *flow
	MediaEndpointStats []endpointStats
	Metrics            []metric
	Segments           []segment
}

type proposedAgent struct {
	ProposedAgentID text
	AgentRank       whole
}

type agentGroup struct{ AgentGroupID, AgentGroupType text }

type flow struct {
	FlowID, FlowName, FlowType, FlowVersion, EntryType, EntryReason, ExitReason text
	TransferType, TransferTargetName, TransferTargetAddress                     text
	StartingLanguage, EndingLanguage, RecognitionFailureReason                  text
	IssuedCallback                                                              flag
	Outcomes                                                                    []outcome
}

type outcome struct {
	FlowOutcomeID, FlowOutcome, FlowOutcomeValue       text
	FlowOutcomeStartTimestamp, FlowOutcomeEndTimestamp stamp
}

type endpointStats struct {
	EventTime                                                                                                          stamp
	Codecs                                                                                                             []string
	MinMos, MinRFactor                                                                                                 float
	MaxLatencyMs, ReceivedPackets, DiscardedPackets, DuplicatePackets, InvalidPackets, OverrunPackets, UnderrunPackets whole
}

type metric struct {
	EmitDate stamp
	Name     text
	Value    whole // milliseconds of a t..., a count of an n...
}

type segment struct {
	SegmentStart, SegmentEnd                                                               stamp
	SegmentType, QueueID, GroupID, DisconnectType, ErrorCode, RequestedLanguageID          text
	RequestedRoutingSkillIDs, RequestedRoutingUserIDs                                      []string
	ScoredAgents                                                                           []scoredAgent
	SourceConversationID, SourceSessionID, DestinationConversationID, DestinationSessionID text
	SipResponseCodes, Q850ResponseCodes                                                    []int64
	AudioMuted, VideoMuted, Conference                                                     flag
	Subject, WrapUpCode, WrapUpNote                                                        text
	WrapUpTags                                                                             []string
	Properties                                                                             []property
}

type scoredAgent struct {
	ScoredAgentID text
	AgentScore    whole
}

type property struct{ Property, PropertyType, Value text }

type evaluation struct {
	EvaluationID, CalibrationID, ContextID, FormID, FormName, EvaluationStatus text
	AssigneeID, EvaluatorID, UserID, QueueID                                   text
	EventTime                                                                  stamp
	AssigneeApplicable, Released, Rescored, Deleted, SystemSubmitted           flag
	OTotalScore, OTotalCriticalScore                                           float
}

type survey struct {
	SurveyID, SurveyFormID, SurveyFormContextID, SurveyFormName, SurveyStatus, SurveyType text
	UserID, QueueID                                                                       text
	EventTime, SurveyCompletedDate                                                        stamp
	SurveyPartialResponse                                                                 flag
	SurveyPromoterScore                                                                   whole
	OSurveyTotalScore                                                                     float
}

type resolution struct {
	EventTime           stamp
	UserID, QueueID     text
	NNextContactAvoided whole
}
