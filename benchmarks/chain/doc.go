// Package chain measures what Kit's default chain costs, beside net/http, chi, echo and
// gin that do the same work: request id, a log line, recovery, the client's address,
// security headers, protection against writes from other sites, a limit of the body, and
// compression for who asks for it.
package chain
