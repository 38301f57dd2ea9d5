// Package auth knows who is signed in.
package auth

import (
	"context"
	"net/http"
	"net/url"

	"github.com/kitgo/kit/session"
	"github.com/kitgo/kit/web"
)

// UserID is the id of who is signed in.
const UserID = session.Key[int64]("user_id")

// SignIn makes the session that of a user, under a new token.
func SignIn(ctx context.Context, userID int64) error {
	if err := session.Renew(ctx); err != nil {
		return err
	}
	return UserID.Put(ctx, userID)
}

// Required sends visitors who are not signed in to the page where they can do that.
func Required(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		signedIn, err := UserID.Has(r.Context())
		switch {
		case err != nil:
			web.WriteError(w, r, err)
		case signedIn:
			next.ServeHTTP(w, r)
		default:
			target := "/sign-in"
			if r.Method == http.MethodGet {
				target += "?next=" + url.QueryEscape(r.URL.RequestURI())
			}
			if err := web.Redirect(w, r, target); err != nil {
				web.WriteError(w, r, err)
			}
		}
	})
}
