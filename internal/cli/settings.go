package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/env"
	"github.com/kitgo/kit/internal/scaffold"
)

// about is what an application says of itself: the part of about --json that counts
// here.
type about struct {
	Checks []struct {
		Name   string `json:"name"`
		Status string `json:"status"`
		Detail string `json:"detail"`
		Advice string `json:"advice"`
	} `json:"checks"`
	Variables  []variable `json:"variables"`
	Deployment *struct {
		Port            int    `json:"port"`
		Health          string `json:"health"`
		Live            string `json:"live"`
		Ready           string `json:"ready"`
		Metrics         string `json:"metrics"`
		Database        string `json:"database"`
		ConnectTimeout  int64  `json:"connect_timeout_ms"`
		MigrateTimeout  int64  `json:"migrate_lock_timeout_ms"`
		ShutdownDelay   int64  `json:"shutdown_delay_ms"`
		ShutdownTimeout int64  `json:"shutdown_timeout_ms"`
		NeedsKey        bool   `json:"needs_key"`
		Roles           []struct {
			Name    string   `json:"name"`
			Command []string `json:"command"`
			Check   []string `json:"check"`
		} `json:"roles"`
	} `json:"deployment"`
}

type variable struct {
	Name     string `json:"name"`
	Value    string `json:"value"`
	Source   string `json:"source"`
	Required bool   `json:"required"`
	Secret   bool   `json:"secret"`
	Own      bool   `json:"own"`
}

// set reports that somebody has given the variable a value.
func (v variable) set() bool { return v.Source != env.Unset && v.Source != env.Default }

// ask builds the application and asks it about itself, as it is set up here.
func (p *project) ask(ctx context.Context, s steps) (*about, error) {
	var answer string
	err := s.do("asking "+p.name()+" for its settings", func(output io.Writer) error {
		binary, err := p.buildForRun(ctx, output)
		if err != nil {
			return err
		}
		out, err := (tool{dir: p.dir}).command(ctx, binary, "about", "--json").Output()
		// A broken setting is in the answer, with exit code 78.
		if exit, ok := errors.AsType[*exec.ExitError](err); err != nil && (!ok || len(out) == 0) {
			if ok {
				_, _ = output.Write(exit.Stderr)
			}
			return failed(ctx, p.name()+" about", nil, err)
		}
		answer = string(out)
		return nil
	})
	if err != nil {
		return nil, err
	}
	var a about
	if err := json.Unmarshal([]byte(answer), &a); err != nil {
		return nil, fmt.Errorf("reading what %s about --json says: %w", p.name(), err)
	}
	for _, c := range a.Checks {
		if c.Status == "failed" {
			return nil, &console.Error{Code: console.BadConfig, Message: c.Detail, Advice: c.Advice}
		}
	}
	if a.Deployment == nil || len(a.Deployment.Roles) == 0 {
		return nil, &console.Error{
			Message: "the application does not say what a platform has to know of it: its version of Kit is too old",
			Advice:  "update it: go get " + kitModule + "@latest",
		}
	}
	return &a, nil
}

// elsewhere are Kit's variables that every platform sets in its own way, or that are
// for development.
var elsewhere = []string{
	"APP_ENV", "SERVER_HOST", "SERVER_PORT", "DATABASE_URL", "REDIS_URL", "TRUSTED_PROXIES",
	"LOG_LEVEL", "LOG_FORMAT", "DB_LOGGING", "SHUTDOWN_DELAY", "SHUTDOWN_TIMEOUT", "SESSION_SECURE",
}

// deployment turns the answer into what the files of platforms are made from.
func (a *about) deployment(name string) scaffold.Deployment {
	d := a.Deployment
	milliseconds := func(n int64) time.Duration { return time.Duration(n) * time.Millisecond }
	result := scaffold.Deployment{
		Binary: name, Port: d.Port, Health: d.Health, Live: d.Live, Ready: d.Ready, Metrics: d.Metrics,
		Database:       d.Database,
		ConnectTimeout: milliseconds(d.ConnectTimeout), StartTimeout: milliseconds(d.ConnectTimeout + d.MigrateTimeout),
		ShutdownDelay: milliseconds(d.ShutdownDelay), ShutdownTimeout: milliseconds(d.ShutdownTimeout),
	}
	if result.Port == 0 {
		result.Port = defaultPort // 0 is any free port, which no platform can know
	}
	for _, r := range d.Roles {
		result.Roles = append(result.Roles, scaffold.Role{Name: r.Name, Command: r.Command, Check: r.Check})
	}
	for _, v := range a.Variables {
		key := v.Name == scaffold.KeyVariable
		switch {
		case v.Name == "REDIS_URL":
			result.Redis = v.set()
		case slices.Contains(elsewhere, v.Name):
		case key && (d.NeedsKey || v.set()):
			result.Secrets = append(result.Secrets, scaffold.Secret{Name: v.Name, Required: true})
		case v.Own && (v.Secret || v.Required) || v.set() && (v.Secret || strings.Contains(v.Value, "***")):
			result.Secrets = append(result.Secrets, scaffold.Secret{Name: v.Name, Required: v.Required})
		case v.set():
			result.Settings = append(result.Settings, scaffold.Setting{Name: v.Name, Value: v.Value})
		}
	}
	return result
}

// defaultPort is where an application serves when nothing else is said.
const defaultPort = 8080

// port returns the port of the settings, without asking the application.
func (p *project) port() (int, error) {
	settings, err := env.Load[struct {
		Port int `env:"SERVER_PORT" fallback:"PORT" default:"8080"`
	}](env.OS(p.dir))
	if err != nil {
		return 0, err
	}
	if settings.Port == 0 {
		return defaultPort, nil
	}
	return settings.Port, nil
}

// checkPort refuses a port that the user of the image may not bind, as on Kubernetes.
func checkPort(port int) error {
	if port >= 1024 {
		return nil
	}
	return &console.Error{
		Code:    console.BadConfig,
		Message: fmt.Sprintf("SERVER_PORT=%d may not be bound by the image's user, who has no rights", port),
		Advice:  fmt.Sprintf("set SERVER_PORT to a port above 1023, such as 8080; what is in front of the image can still listen at %d", port),
	}
}
