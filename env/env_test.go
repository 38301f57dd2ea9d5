package env_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/kitgo/kit/env"
)

type pool struct {
	Max int `env:"DB_MAX" default:"10"`
}

type base2 struct {
	Ratio float64 `env:"RATIO" default:"0.5"`
}

type plain struct {
	URL     string        `env:"DATABASE_URL,required"`
	Port    int           `env:"SERVER_PORT" fallback:"PORT" default:"8080"`
	Timeout time.Duration `env:"TIMEOUT" default:"30s"`
	Debug   bool          `env:"DEBUG"`
	Pool    pool
}

func TestLoad(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		process map[string]string
		files   map[string]string
		want    plain
		err     string
	}{
		"defaults": {
			process: map[string]string{"DATABASE_URL": "sqlite://x"},
			want:    plain{URL: "sqlite://x", Port: 8080, Timeout: 30 * time.Second, Pool: pool{10}},
		},
		"the process wins over the file of the environment, and that over .env": {
			process: map[string]string{"APP_ENV": "staging", "DATABASE_URL": "process"},
			files: map[string]string{
				".env":         "DATABASE_URL=base\nSERVER_PORT=1\nTIMEOUT=1s\n",
				".env.staging": "DATABASE_URL=staging\nSERVER_PORT=2\n",
				".env.other":   "SERVER_PORT=3\n",
			},
			want: plain{URL: "process", Port: 2, Timeout: time.Second, Pool: pool{10}},
		},
		"the environment's name may stand in .env": {
			files: map[string]string{".env": "APP_ENV=testing\nDATABASE_URL=a", ".env.testing": "DATABASE_URL=b"},
			want:  plain{URL: "b", Port: 8080, Timeout: 30 * time.Second, Pool: pool{10}},
		},
		"set to nothing is not set": {
			process: map[string]string{"DATABASE_URL": "x", "SERVER_PORT": "", "DEBUG": ""},
			files:   map[string]string{".env": "SERVER_PORT=9000\n"},
			want:    plain{URL: "x", Port: 8080, Timeout: 30 * time.Second, Pool: pool{10}},
		},
		"the fallback is used when the variable is not set": {
			process: map[string]string{"DATABASE_URL": "x", "PORT": "5000"},
			want:    plain{URL: "x", Port: 5000, Timeout: 30 * time.Second, Pool: pool{10}},
		},
		"the variable wins over its fallback": {
			process: map[string]string{"DATABASE_URL": "x", "PORT": "5000", "SERVER_PORT": "6000"},
			want:    plain{URL: "x", Port: 6000, Timeout: 30 * time.Second, Pool: pool{10}},
		},
		"durations may be seconds": {
			process: map[string]string{"DATABASE_URL": "x", "TIMEOUT": "90"},
			want:    plain{URL: "x", Port: 8080, Timeout: 90 * time.Second, Pool: pool{10}},
		},
		"quotes in files": {
			files: map[string]string{".env": "DATABASE_URL=\"a b\" # comment\n"},
			want:  plain{URL: "a b", Port: 8080, Timeout: 30 * time.Second, Pool: pool{10}},
		},
		"missing":                         {err: "DATABASE_URL is not set"},
		"empty":                           {process: map[string]string{"DATABASE_URL": ""}, err: "DATABASE_URL is not set"},
		"not a number":                    {process: map[string]string{"DATABASE_URL": "x", "SERVER_PORT": "80a"}, err: `SERVER_PORT="80a" is not a whole number`},
		"a fallback that is not a number": {process: map[string]string{"DATABASE_URL": "x", "PORT": "80a"}, err: `PORT="80a" is not a whole number`},
		"not a duration":                  {process: map[string]string{"DATABASE_URL": "x", "TIMEOUT": "soon"}, err: `TIMEOUT="soon" is not a duration such as 30s, 5m or a number of seconds`},
		"not a boolean":                   {process: map[string]string{"DATABASE_URL": "x", "DEBUG": "maybe"}, err: `DEBUG="maybe" is not true or false`},
		"a mistake in a nested struct":    {process: map[string]string{"DATABASE_URL": "x", "DB_MAX": "many"}, err: `DB_MAX="many" is not a whole number`},
		"all mistakes at once":            {process: map[string]string{"DEBUG": "maybe"}, err: "DATABASE_URL is not set\nDEBUG=\"maybe\" is not true or false"},
		"a file that is no .env file":     {files: map[string]string{".env": "what is this\n"}, err: ".env cannot be understood"},
		"an environment that is a path":   {process: map[string]string{"APP_ENV": "../x"}, err: `APP_ENV="../x" is not a name`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for file, text := range tt.files {
				if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			got, err := env.Load[plain](env.Files(dir, tt.process))
			if tt.err != "" {
				if err == nil || err.Error() != tt.err {
					t.Fatalf("error = %v, want %s", err, tt.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestLoadEmbeddedAndNamedStructs(t *testing.T) {
	t.Parallel()
	got, err := env.Load[struct {
		Plain plain
		Extra base2
	}](env.Files(t.TempDir(), map[string]string{"DATABASE_URL": "x", "RATIO": "0.25"}))
	if err != nil || got.Plain.URL != "x" || got.Extra.Ratio != 0.25 {
		t.Errorf("Load = %+v, %v", got, err)
	}
}

func TestUnreadableFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, ".env"), 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := env.Load[plain](env.Files(dir, nil))
	if err == nil || !strings.HasPrefix(err.Error(), ".env cannot be") {
		t.Errorf("error = %v", err)
	}
}
