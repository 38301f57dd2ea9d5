package main

import "github.com/kitgo/kit"

// Config is read from the environment and from .env files.
type Config struct {
	kit.Config
}
