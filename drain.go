package kit

import (
	"context"
	"net/http"
	"time"
)

// waitForBoot lets a start that was cut short roll back what its migration did so far,
// for at most ShutdownTimeout: a migration may ignore that it should stop.
func (s *server) waitForBoot(booted <-chan error) {
	timeout := s.app.Config.shutdownTimeout()
	select {
	case err := <-booted:
		if err != nil {
			s.log.Info("the start was cut short", "error", err)
		}
	case <-time.After(timeout):
		s.log.Warn("a migration was still running after SHUTDOWN_TIMEOUT and has been cut", "timeout", timeout)
	}
}

// drain ends the server: load balancers get ShutdownDelay to notice that it is not ready,
// then no connection is accepted any more, and requests under way get ShutdownTimeout to
// end.
func (s *server) drain(stop func(idle time.Duration)) {
	delay, timeout := s.app.Config.ShutdownDelay, s.app.Config.shutdownTimeout()
	s.log.Info("stopping", "delay", delay, "timeout", timeout)
	time.Sleep(delay)
	stop(idleWhenStopping)
}

// How long connections on which nothing is asked may be used once more. The next answer
// tells the client to open another one, so that few of them are idle when the rest is
// closed: a client may send a request at that moment, which is lost. Who stops for good
// does not keep people waiting; who has handed over has time.
const (
	idleWhenStopping = 200 * time.Millisecond
	idleWhenReplaced = 5 * time.Second
)

// shutdown gives requests under way ShutdownTimeout to end. Nothing may be accepted any
// more.
func (s *server) shutdown(httpServer *http.Server, cancelRequests func(), idle time.Duration) {
	timeout := s.app.Config.shutdownTimeout()
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	s.connections.settle(ctx, idle)
	if err := httpServer.Shutdown(ctx); err != nil {
		s.log.Warn("requests were still running after SHUTDOWN_TIMEOUT and have been cut", "timeout", timeout)
		cancelRequests()
		httpServer.Close()
	}
}
