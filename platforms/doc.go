// Package platforms has no code but tests: each file that kit docker:compose and kit
// deploy:init write is read with the platform's own types, and compared with what the
// application says of itself; and certificates are got from the authority that Let's
// Encrypt tests clients with. It is a module of its own, so that all of that is no
// dependency of the framework.
package platforms
