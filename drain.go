package kit

import (
	"context"
	"net"
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

// drain ends the server: load balancers get ShutdownDelay to notice that it is
// not ready, requests under way ShutdownTimeout to end.
func (s *server) drain(httpServer *http.Server, cancelRequests func()) {
	delay, timeout := s.app.Config.ShutdownDelay, s.app.Config.shutdownTimeout()
	s.log.Info("stopping", "delay", delay, "timeout", timeout)
	time.Sleep(delay)
	s.shutdown(httpServer, cancelRequests)
}

// lingering is how long connections that stay open may be used once more after another
// process has taken over.
const lingering = 5 * time.Second

// linger ends a server whose socket another process accepts from. The next answer on a
// connection that stays open asks the client to open another one, so that few of them are
// idle when the rest is closed: a client may send a request at that moment, which is lost.
func (s *server) linger(httpServer *http.Server, cancelRequests func()) {
	end := time.After(min(lingering, s.app.Config.shutdownTimeout()))
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for waiting := true; waiting && s.open.Load() > 0; {
		select {
		case <-look.C:
		case <-end:
			waiting = false
		}
	}
	s.shutdown(httpServer, cancelRequests)
}

// count keeps the number of open connections.
func (s *server) count(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		s.open.Add(1)
	case http.StateClosed, http.StateHijacked:
		s.open.Add(-1)
	case http.StateActive, http.StateIdle:
	}
}

// shutdown gives requests under way ShutdownTimeout to end.
func (s *server) shutdown(httpServer *http.Server, cancelRequests func()) {
	timeout := s.app.Config.shutdownTimeout()
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	if err := httpServer.Shutdown(ctx); err != nil {
		s.log.Warn("requests were still running after SHUTDOWN_TIMEOUT and have been cut", "timeout", timeout)
		cancelRequests()
		httpServer.Close()
	}
}
