package modelgen

import (
	"slices"
	"strings"

	"github.com/jinzhu/inflection"
)

// What the rules of package inflection, those of Rails, get wrong. Its own table
// cannot be extended: it is bun's, which names tables by it.
var (
	// same are words without a plural, and singulars that look like one.
	same = strings.Fields("data metadata media news feedback staff software hardware atlas canvas gas lens")
	// ofF are the words in -ves whose singular ends in f.
	ofF = strings.Fields("shelves halves wolves elves calves scarves thieves leaves loaves sheaves hooves selves")
	// ofFe are those whose singular ends in fe.
	ofFe = strings.Fields("lives wives knives midwives")
	// ofE are the words in -ches and -xes whose singular ends in e.
	ofE = strings.Fields("caches niches aches headaches axes avalanches")
	// ofUs are the words in -uses whose singular ends in us.
	ofUs = strings.Fields("bonuses campuses viruses censuses choruses focuses buses statuses geniuses corpuses consensuses surpluses radiuses nexuses")
	// ofS are further words whose singular ends in s.
	ofS = strings.Fields("canvases atlases gases lenses aliases biases")
)

// singular returns the singular of an English word in lower case.
func singular(word string) string {
	switch {
	case slices.Contains(same, word), strings.HasSuffix(word, "ss"), strings.HasSuffix(word, "sis"), slices.Contains(ofUs, word+"es"):
		return word
	case slices.Contains(ofUs, word), slices.Contains(ofS, word):
		return strings.TrimSuffix(word, "es")
	case slices.Contains(ofE, word):
		return strings.TrimSuffix(word, "s")
	case slices.Contains(ofF, word):
		return strings.TrimSuffix(word, "ves") + "f"
	case slices.Contains(ofFe, word):
		return strings.TrimSuffix(word, "ves") + "fe"
	case strings.HasSuffix(word, "ves"):
		return strings.TrimSuffix(word, "s")
	}
	return inflection.Singular(word)
}

// plural returns the plural of an English word in lower case: the word of which
// singular makes it.
func plural(word string) string {
	if slices.Contains(same, word) {
		return word
	}
	for _, list := range [][]string{ofF, ofFe, ofE, ofUs, ofS} {
		for _, p := range list {
			if singular(p) == word {
				return p
			}
		}
	}
	return inflection.Plural(word)
}
