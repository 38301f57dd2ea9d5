package schedule

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/kitgo/kit/internal/place"
)

// pingTimeout bounds one ping.
const pingTimeout = 10 * time.Second

// pings are the addresses that are asked for around a run.
type pings struct{ before, after, succeeded, failed []string }

// PingBefore asks for an address, with GET, when the task starts. Pings are for services
// that watch whether tasks run. The task does not wait for them, they may take 10 seconds,
// and one that fails is only logged.
func (e *Entry) PingBefore(address string) *Entry {
	return e.addPing("PingBefore", &e.behaviour.pings.before, address, place.Caller())
}

// ThenPing asks for an address when the run has ended, however it did, as
// [Entry.PingBefore] does.
func (e *Entry) ThenPing(address string) *Entry {
	return e.addPing("ThenPing", &e.behaviour.pings.after, address, place.Caller())
}

// PingOnSuccess asks for an address when the run has succeeded.
func (e *Entry) PingOnSuccess(address string) *Entry {
	return e.addPing("PingOnSuccess", &e.behaviour.pings.succeeded, address, place.Caller())
}

// PingOnFailure asks for an address when the run has failed, after all attempts.
func (e *Entry) PingOnFailure(address string) *Entry {
	return e.addPing("PingOnFailure", &e.behaviour.pings.failed, address, place.Caller())
}

func (e *Entry) addPing(by string, list *[]string, address string, at place.Place) *Entry {
	if u, err := url.Parse(address); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		// The address may be a secret of the service.
		e.schedule.fail(at, "task %q: %s: the address must begin with http:// or https://", e.name, by)
		return e
	}
	*list = append(*list, address)
	return e
}

// pinging sends the pings of a run, those of its end after those of its beginning.
type pinging struct {
	runner *Runner
	ctx    context.Context
	entry  *Entry
	before sync.WaitGroup
}

func (r *Runner) ping(ctx context.Context, e *Entry) *pinging {
	p := &pinging{runner: r, ctx: context.WithoutCancel(ctx), entry: e}
	for _, address := range e.behaviour.pings.before {
		p.before.Go(func() { p.send(address) })
	}
	return p
}

// ended sends the other pings and waits for all.
func (p *pinging) ended(failed bool) {
	p.before.Wait()
	b := &p.entry.behaviour.pings
	list := b.succeeded
	if failed {
		list = b.failed
	}
	var all sync.WaitGroup
	for _, address := range append(list[:len(list):len(list)], b.after...) {
		all.Go(func() { p.send(address) })
	}
	all.Wait()
}

func (p *pinging) send(address string) {
	if err := p.runner.get(p.ctx, address); err != nil {
		host := ""
		if u, parseErr := url.Parse(address); parseErr == nil {
			host = u.Host
		}
		p.runner.log().Warn("a ping failed", "task", p.entry.name, "host", host, "error", err)
	}
}

// get asks for an address. The error does not say which: it may hold a secret.
func (r *Runner) get(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, pingTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return err
	}
	request.Header.Set("User-Agent", "kit-schedule")
	client := r.HTTP
	if client == nil {
		client = http.DefaultClient
	}
	response, err := client.Do(request)
	if err != nil {
		if e, ok := errors.AsType[*url.Error](err); ok {
			err = e.Err
		}
		return err
	}
	defer response.Body.Close()
	_, _ = io.CopyN(io.Discard, response.Body, 64<<10) // so that the connection can be used again
	if response.StatusCode >= 400 {
		return fmt.Errorf("answered %s", response.Status)
	}
	return nil
}
