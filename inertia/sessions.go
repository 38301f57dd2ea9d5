package inertia

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/kitgo/kit/session"
)

// Sessions is a [Store] in the visitor's session, for applications that have sessions:
// it needs the middleware of a [session.Manager] before [Renderer.Middleware].
type Sessions struct{}

const leftKey = session.Key[Left]("kit.left")

// Load returns what the session holds.
func (Sessions) Load(r *http.Request) (Left, error) { return leftKey.Get(r.Context()) }

// Save puts l into the session, or takes out what [Sessions.Load] returned: what another
// request has left meanwhile stays.
func (Sessions) Save(_ http.ResponseWriter, r *http.Request, l Left) error {
	if l.empty() {
		_, err := leftKey.Take(r.Context())
		return err
	}
	err := leftKey.Flash(r.Context(), l)
	if errors.Is(err, session.ErrTooLarge) {
		return fmt.Errorf("%w: %w", ErrTooLarge, err)
	}
	return err
}
