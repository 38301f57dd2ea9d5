package kit

import (
	"cmp"
	"time"
)

// The probes of every application. What kit docker:compose and kit deploy:init write
// asks them.
const (
	healthPath = "/_kit/health"
	livePath   = "/_kit/live"
	readyPath  = "/_kit/ready"

	metricsPath = "/_kit/metrics"
)

// deployment is what a platform has to know of the application: about --json has it, and
// the kit command writes the files of platforms from that.
type deployment struct {
	Host            string `json:"host"`
	Port            int    `json:"port"`
	Health          string `json:"health"`
	Live            string `json:"live"`
	Ready           string `json:"ready"`
	Metrics         string `json:"metrics"` // empty when the application has none
	Database        string `json:"database"`
	ConnectTimeout  int64  `json:"connect_timeout_ms"`
	MigrateTimeout  int64  `json:"migrate_lock_timeout_ms"`
	ShutdownDelay   int64  `json:"shutdown_delay_ms"`
	ShutdownTimeout int64  `json:"shutdown_timeout_ms"`
	NeedsKey        bool   `json:"needs_key"` // APP_KEY, in production
	Roles           []role `json:"roles"`
}

// role is one kind of process that the application consists of.
type role struct {
	Name    string   `json:"name"`
	Command []string `json:"command"`
	// Check is the command that tells whether the role works.
	Check []string `json:"check"`
}

// deployment returns nil when there is no application to ask.
func (p *program) deployment(app *App) *deployment {
	if app == nil {
		return nil
	}
	tasks, err := app.Tasks()
	if err != nil {
		return nil // the configuration's check has said it
	}
	cfg := app.Config
	d := &deployment{
		Host: cfg.Host, Port: cfg.Port,
		Health: healthPath, Live: livePath, Ready: readyPath,
		Database:        string(app.DB.Dialect()),
		ConnectTimeout:  cmp.Or(cfg.Database.ConnectTimeout, 30*time.Second).Milliseconds(),
		MigrateTimeout:  cmp.Or(cfg.MigrateLockTimeout, 10*time.Minute).Milliseconds(),
		ShutdownDelay:   cfg.ShutdownDelay.Milliseconds(),
		ShutdownTimeout: cfg.shutdownTimeout().Milliseconds(),
		NeedsKey:        app.Sessions != nil || app.Pages != nil && app.Pages.NeedsKey(),
		Roles:           []role{{"web", []string{"serve"}, []string{"health"}}},
	}
	if app.Metrics != nil {
		d.Metrics = metricsPath
	}
	if len(tasks.Entries()) > 0 {
		d.Roles = append(d.Roles, role{"scheduler", []string{"schedule:work"}, []string{"schedule:check"}})
	}
	return d
}
