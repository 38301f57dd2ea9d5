// Package schedule measures the scheduler: how late tasks start, how many runs schedulers
// begin in a second, what it costs to have many entries, and the history of a million runs.
package schedule
