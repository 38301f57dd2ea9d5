package web

import (
	"net/http"
	"strconv"
	"strings"
)

// Accepts returns that of the offered media types which the client likes best, by its
// Accept header (RFC 9110, section 12.5.1); of equals the first. A client that says
// nothing gets the first. It is "" if the client takes none: answer 406, or the first
// all the same.
//
//	switch web.Accepts(r, "text/html", "text/csv") {
//	case "text/csv":
func Accepts(r *http.Request, offers ...string) string {
	values := r.Header["Accept"]
	if len(values) == 0 && len(offers) > 0 {
		return offers[0]
	}
	best, quality := "", 0.0
	for _, offer := range offers {
		if q, _ := accepted(values, offer); q > quality {
			best, quality = offer, q
		}
	}
	return best
}

// accepted returns the quality that the client gives to a media type, from 0 to 1, and
// whether it named that type itself, not only a wildcard.
func accepted(accept []string, offer string) (quality float64, named bool) {
	family, _, _ := strings.Cut(offer, "/")
	specific := -1
	for _, line := range accept {
		for item := range strings.SplitSeq(line, ",") {
			media, parameters, _ := strings.Cut(item, ";")
			rank := 0
			switch media = strings.TrimSpace(media); {
			case strings.EqualFold(media, offer):
				rank = 2
			case len(media) == len(family)+2 && strings.EqualFold(media[:len(family)], family) && media[len(family):] == "/*":
				rank = 1
			case media != "*/*":
				continue
			}
			if rank > specific {
				specific, quality, named = rank, qualityOf(parameters), rank == 2
			}
		}
	}
	return quality, named
}

// qualityOf returns the q of the parameters of a media range; 1 without one.
func qualityOf(parameters string) float64 {
	for p := range strings.SplitSeq(parameters, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(p), "=")
		if strings.EqualFold(name, "q") {
			q, err := strconv.ParseFloat(value, 64)
			if err != nil || !(q >= 0 && q <= 1) {
				return 0
			}
			return q
		}
	}
	return 1
}
