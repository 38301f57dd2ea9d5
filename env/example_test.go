package env_test

import (
	"fmt"
	"time"

	"github.com/kitgo/kit/env"
)

func ExampleLoad() {
	type Config struct {
		Port  int           `env:"SERVER_PORT" default:"8080"`
		Pause time.Duration `env:"PAUSE" default:"1m"`
	}

	cfg, err := env.Load[Config](env.Files(".", map[string]string{"PAUSE": "90"}))
	fmt.Println(cfg.Port, cfg.Pause, err)

	_, err = env.Load[Config](env.Files(".", map[string]string{"SERVER_PORT": "80a"}))
	fmt.Println(err)
	// Output:
	// 8080 1m30s <nil>
	// SERVER_PORT="80a" is not a whole number
}
