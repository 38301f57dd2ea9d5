package web

import "net/http"

// Redirect answers 303 See Other: the browser, and the Inertia client, then GET
// url, whatever the method of this request was.
func Redirect(w http.ResponseWriter, r *http.Request, url string) error {
	http.Redirect(w, r, url, http.StatusSeeOther)
	return nil
}
