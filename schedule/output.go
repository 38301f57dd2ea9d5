package schedule

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"sync"
	"time"
	"unicode/utf8"
)

// longestOutput is how many bytes of the output of a run are kept: the last ones.
const longestOutput = 16 << 10

// Logger returns the logger of the run to which the context of a task belongs: it logs as
// the runner does, with the name of the task, and what it logs is kept with the run, the
// last 16 KiB. Elsewhere it returns [slog.Default].
func Logger(ctx context.Context) *slog.Logger {
	if o, ok := ctx.Value(outputKey{}).(*output); ok {
		return o.log
	}
	return slog.Default()
}

// Due returns the instant for which the run was started to which the context of a task
// belongs, in UTC: the same however late it starts, and for no other run of the task.
// Elsewhere it is the zero time.
func Due(ctx context.Context) time.Time {
	if o, ok := ctx.Value(outputKey{}).(*output); ok {
		return o.due
	}
	return time.Time{}
}

// Output returns a writer to the output that is kept with the run to which the context of a
// task belongs, the last 16 KiB. What is written elsewhere is discarded.
func Output(ctx context.Context) io.Writer {
	if o, ok := ctx.Value(outputKey{}).(*output); ok {
		return o
	}
	return new(output)
}

// Keep returns a handler that logs with h, and keeps what is logged with the context of a
// task with its run, as [Logger] does: for the logger of an application, so that
// slog's InfoContext and the like are kept too.
func Keep(h slog.Handler) slog.Handler { return keeper{Handler: h} }

type outputKey struct{}

// output is the end of what a run wrote.
type output struct {
	log *slog.Logger
	due time.Time

	mu   sync.Mutex
	tail []byte
}

// withOutput returns the context of a run and its output.
func (r *Runner) withOutput(ctx context.Context, task string, due time.Time) (context.Context, *output) {
	o := &output{due: due.UTC()}
	handler := r.log().Handler()
	if _, ok := handler.(keeper); !ok {
		handler = Keep(handler)
	}
	ctx = context.WithValue(ctx, outputKey{}, o)
	o.log = slog.New(bound{handler, ctx}).With("task", task)
	return ctx, o
}

// Write adds p to the output.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.tail = append(o.tail, p[max(0, len(p)-longestOutput):]...)
	if surplus := len(o.tail) - longestOutput; surplus > 0 {
		o.tail = append(o.tail[:0], o.tail[surplus:]...)
	}
	return len(p), nil
}

// text returns the output. Where its beginning is cut off, it begins with a whole line if
// it can.
func (o *output) text() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	tail := o.tail
	if len(tail) == longestOutput {
		if i := bytes.IndexByte(tail, '\n'); i >= 0 && i < len(tail)-1 {
			tail = tail[i+1:]
		}
	}
	return string(bytes.ToValidUTF8(bytes.ReplaceAll(tail, []byte{0}, nil), []byte(string(utf8.RuneError))))
}

// keeper is the handler of [Keep]. text is the chain of attributes and groups for the lines
// that are kept.
type keeper struct {
	slog.Handler
	text func(slog.Handler) slog.Handler
}

// Handle logs a record, and keeps its line.
func (k keeper) Handle(ctx context.Context, record slog.Record) error {
	if o, ok := ctx.Value(outputKey{}).(*output); ok {
		line := slog.Handler(slog.NewTextHandler(o, nil))
		if k.text != nil {
			line = k.text(line)
		}
		_ = line.Handle(ctx, record)
	}
	return k.Handler.Handle(ctx, record)
}

// WithAttrs returns a handler with attributes.
func (k keeper) WithAttrs(attrs []slog.Attr) slog.Handler {
	return k.with(k.Handler.WithAttrs(attrs), func(h slog.Handler) slog.Handler { return h.WithAttrs(attrs) })
}

// WithGroup returns a handler with a group.
func (k keeper) WithGroup(name string) slog.Handler {
	return k.with(k.Handler.WithGroup(name), func(h slog.Handler) slog.Handler { return h.WithGroup(name) })
}

func (k keeper) with(h slog.Handler, add func(slog.Handler) slog.Handler) slog.Handler {
	before := k.text
	return keeper{h, func(h slog.Handler) slog.Handler {
		if before != nil {
			h = before(h)
		}
		return add(h)
	}}
}

// bound is a handler whose records belong to a run, whatever their context.
type bound struct {
	slog.Handler
	run context.Context
}

// Enabled reports whether a level is logged.
func (b bound) Enabled(_ context.Context, level slog.Level) bool {
	return b.Handler.Enabled(b.run, level)
}

// Handle logs a record.
func (b bound) Handle(_ context.Context, record slog.Record) error {
	return b.Handler.Handle(b.run, record)
}

// WithAttrs returns a handler with attributes.
func (b bound) WithAttrs(attrs []slog.Attr) slog.Handler {
	return bound{b.Handler.WithAttrs(attrs), b.run}
}

// WithGroup returns a handler with a group.
func (b bound) WithGroup(name string) slog.Handler {
	return bound{b.Handler.WithGroup(name), b.run}
}
