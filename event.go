package medallion

import "time"

// EventLogPath is where a lake's event log lies, under the lake's prefix. It is a Delta table in the shape of Delta Live Tables' event log, so that queries
// on details:flow_progress.data_quality.expectations work as they are.
const EventLogPath = "_medallion/event_log"

// Event is a row of the event log: the columns of Delta Live Tables' own, in its order. What there is nothing to say about is NULL.
type Event struct {
	ID            string
	Sequence      EventSequence
	Origin        EventOrigin
	Timestamp     time.Time
	Message       string
	Level         string // INFO, WARN, ERROR or METRICS
	MaturityLevel string // STABLE
	Error         *EventError
	Details       string // JSON: an object with one member, named by EventType
	EventType     string // create_update, flow_definition, flow_progress or update_progress
}

// EventSequence orders the events of one run.
type EventSequence struct {
	DataPlaneID       *EventDataPlane
	ControlPlaneSeqNo int64
}

// EventDataPlane is NULL: there is no service beside the process.
type EventDataPlane struct {
	Instance *string
	SeqNo    *int64
}

// EventOrigin says what an event is about.
type EventOrigin struct {
	Cloud               *string
	Region              *string
	OrgID               *int64
	PipelineID          *string
	PipelineName        string
	ClusterID           *string
	UpdateID            string // the run's id
	MaintenanceID       *string
	TableID             *string
	DatasetName         *string // the table
	FlowID              *string
	FlowName            *string
	BatchID             *int64
	RequestID           *string
	UcResourceID        *string
	Host                *string
	MaterializationName *string
}

// EventError is what went wrong.
type EventError struct {
	Exceptions []EventException // the errors that wrap one another, outermost first
	Fatal      bool
}

// EventException is one error in the chain.
type EventException struct {
	ClassName string // the error's Go type
	Message   string
	Stack     []EventFrame // the table's declaration
}

// EventFrame is a place in the user's program.
type EventFrame struct {
	DeclaringClass *string
	MethodName     *string
	FileName       string
	LineNumber     int64
}
