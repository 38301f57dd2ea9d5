// Package platforms has no code but tests: each file that kit docker:compose and kit
// deploy:init write is read with the platform's own types, and compared with what the
// application says of itself. It is a module of its own, so that those types are no
// dependency of the framework.
package platforms
