// Package metrics answers /_kit/metrics for Prometheus and whatever reads its text
// format: of requests, of the database's connections, of the scheduled tasks, of the Go
// runtime and the process.
//
//	m := metrics.New(app)
//	app.Metrics = m
//	app.Middleware = append(app.Middleware, m.Requests)
//
// It is a package of its own because of what it adds to the binary, which only those pay
// who import it.
package metrics

import (
	"net/http"
	"runtime/debug"
	"time"

	"github.com/kitgo/kit"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics is what is measured of an application. Its Registry takes more.
type Metrics struct {
	*prometheus.Registry
	handler  http.Handler
	requests *prometheus.HistogramVec
	flying   prometheus.Gauge
}

// New measures an application from now on. The handler that it returns answers scrapes.
func New(app *kit.App) *Metrics {
	m := &Metrics{
		Registry: prometheus.NewRegistry(),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "http_server_request_duration_seconds", Help: "How long requests took, until the answer was written.",
			Buckets: []float64{.005, .01, .025, .05, .075, .1, .25, .5, .75, 1, 2.5, 5, 7.5, 10}, // those of OpenTelemetry's conventions
		}, []string{"method", "route", "status"}),
		flying: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "http_server_active_requests", Help: "Requests under way.",
		}),
	}
	m.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		m.requests, m.flying, build(app), &tasks{app: app, born: time.Now()},
	)
	if app.DB != nil {
		m.MustRegister(collectors.NewDBStatsCollector(app.DB.SQL(), app.DB.Name()))
	}
	m.handler = promhttp.HandlerFor(m.Registry, promhttp.HandlerOpts{Registry: m.Registry})
	return m
}

// ServeHTTP answers a scrape.
func (m *Metrics) ServeHTTP(w http.ResponseWriter, r *http.Request) { m.handler.ServeHTTP(w, r) }

// build tells which program this is, as a label of a metric that is always 1.
func build(app *kit.App) prometheus.Collector {
	labels := prometheus.Labels{"name": app.Config.AppName, "environment": app.Config.Environment, "version": "unknown"}
	if info, ok := debug.ReadBuildInfo(); ok {
		labels["version"] = info.Main.Version
	}
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "kit_build_info", Help: "The program.", ConstLabels: labels}, func() float64 { return 1 })
}
