package web

import "context"

// NonceOf returns the nonce that the Content-Security-Policy of the answer to the
// request of ctx allows for scripts and styles, or "".
func NonceOf(ctx context.Context) string {
	if s := scopeOf(ctx); s != nil {
		return s.nonce
	}
	return ""
}
