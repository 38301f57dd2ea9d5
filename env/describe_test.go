package env_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/kitgo/kit/env"
)

type connections struct {
	Size int `env:"POOL_SIZE" default:"10"`
}

type described struct {
	URL      string        `env:"DATABASE_URL,required"`
	Port     int           `env:"SERVER_PORT" fallback:"PORT" default:"8080"`
	Timeout  time.Duration `env:"TIMEOUT" default:"30s"`
	Level    string        `env:"LEVEL" default:"info"`
	Pool     connections
	APIKey   string `env:"STRIPE_API_KEY"`
	Keyboard string `env:"KEYBOARD"`
	PIN      string `env:"PIN" secret:"true"`
	Key      string `env:"PRIMARY_KEY" secret:"false"`
	Left     string `env:"-"`
	None     string `env:"NOT_SET"`
}

func TestDescribe(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{".env": "LEVEL=debug\nTIMEOUT=5s\nPIN=1234\n", ".env.testing": "LEVEL=warn\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got := env.Describe[described](env.Files(dir, map[string]string{
		"APP_ENV": "testing", "DATABASE_URL": "postgres://app:hu:sh@db/app?sslpassword=x", "PORT": "9000",
		"STRIPE_API_KEY": "sk_live", "KEYBOARD": "de", "PRIMARY_KEY": "id", "POOL_SIZE": "many",
	}))
	want := []env.Variable{
		{Name: "DATABASE_URL", Value: "postgres://app:***@db/app?sslpassword=***", Source: "environment", Required: true},
		{Name: "SERVER_PORT", Value: "9000", Source: "environment (PORT)"},
		{Name: "TIMEOUT", Value: "5s", Source: ".env"},
		{Name: "LEVEL", Value: "warn", Source: ".env.testing"},
		{Name: "POOL_SIZE", Value: "many", Source: "environment"},
		{Name: "STRIPE_API_KEY", Value: "***", Source: "environment", Secret: true},
		{Name: "KEYBOARD", Value: "de", Source: "environment"},
		{Name: "PIN", Value: "***", Source: ".env", Secret: true},
		{Name: "PRIMARY_KEY", Value: "id", Source: "environment"},
		{Name: "NOT_SET", Source: "unset"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
