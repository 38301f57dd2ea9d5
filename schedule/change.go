package schedule

import "time"

// Change is what a change of the clock does to an instant at which an entry is due.
type Change string

const (
	// NoChange means that the clock changes neither out nor in.
	NoChange Change = ""
	// Gap means that the entry is due then because the clock skips its time.
	Gap Change = "gap"
	// Fold means that the clock shows the entry's time twice; this is the first time.
	Fold Change = "fold"
)

// Change returns what a change of the clock does to t, at which the entry is due. An entry
// of every hour goes by real time: nothing happens to it.
func (e *Entry) Change(t time.Time) Change {
	if e.cron.everyHour {
		return NoChange
	}
	if _, jumped := e.cron.dueIn(t, e.loc); jumped {
		return Gap
	}
	local := t.In(e.loc)
	_, end := local.ZoneBounds()
	if end.IsZero() {
		return NoChange
	}
	_, before := local.Zone()
	_, after := end.Zone()
	// The clock is set back at end: it shows the last of what was before again.
	if back := time.Duration(before-after) * time.Second; back > 0 && end.Sub(local) <= back {
		return Fold
	}
	return NoChange
}
