package schedule

import "time"

// overdue is how late a run may begin before somebody should look.
const overdue = 2 * time.Minute

// Late returns the first instant after since at which the entry was due, if its run should
// have begun more than two minutes before now. Entries of other environments and those
// with conditions in Go are never late.
func (e *Entry) Late(since, now time.Time) (due time.Time, late bool) {
	if !e.Here() || len(e.conditions) > 0 {
		return time.Time{}, false
	}
	due, ok := e.Next(since)
	if !ok || !due.Add(e.behaviour.jitter+overdue).Before(now) {
		return time.Time{}, false
	}
	return due, true
}
