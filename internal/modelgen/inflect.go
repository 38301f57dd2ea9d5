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
	// singulars are further words that look like a plural: most of them abbreviations.
	singulars = strings.Fields(`
		aes aws cms css ddos dns dos fps gis gps https ios js lms mms nas os pos rss saas sas sms sos tls ups vps
		chaos christmas corps cosmos iris kudos pelvis tennis abdomen acumen omen ramen regimen specimen`)
	// irregular are singulars, each with its plural.
	irregular = [][2]string{
		{"foot", "feet"}, {"tooth", "teeth"}, {"goose", "geese"}, {"criterion", "criteria"}, {"phenomenon", "phenomena"}, {"alumnus", "alumni"},
	}
	// ofUm are the words in -ta and -ia whose singular ends in um.
	ofUm = strings.Fields("bacteria strata errata stadia gymnasia symposia memoranda")
	// ofF are the words in -ves whose singular ends in f.
	ofF = strings.Fields("shelves halves wolves elves calves scarves thieves leaves loaves sheaves hooves selves")
	// ofFe are those whose singular ends in fe.
	ofFe = strings.Fields("lives wives knives midwives")
	// ofE are the words in -ches, -xes and -ies whose singular ends in e.
	ofE = strings.Fields("caches niches aches headaches axes avalanches brownies calories dies genies hoodies lies pies rookies selfies smoothies ties zombies")
	// ofUs are the words in -uses whose singular ends in us.
	ofUs = strings.Fields(`
		bonuses campuses viruses censuses choruses focuses buses statuses geniuses corpuses consensuses surpluses radiuses nexuses
		apparatuses cactuses caucuses circuses hiatuses minuses octopuses pluses prospectuses stimuluses walruses`)
	// ofS are further words whose singular ends in s.
	ofS = strings.Fields("canvases atlases gases lenses aliases biases irises")
	// regular are those that have no more than an s or es, and of which the rules make more.
	regular = strings.Fields("heroes potatoes echoes vetoes humans germans romans ottomans shamans talismans quotas betas deltas fiestas pastas encyclopedias")
)

// singular returns the singular of an English word in lower case.
func singular(word string) string {
	for _, pair := range irregular {
		if word == pair[0] || word == pair[1] {
			return pair[0]
		}
	}
	switch {
	case slices.Contains(same, word), slices.Contains(singulars, word), strings.HasSuffix(word, "ss"), strings.HasSuffix(word, "sis"),
		slices.Contains(ofUs, word+"es"), slices.Contains(ofS, word+"es"),
		(strings.HasSuffix(word, "ta") || strings.HasSuffix(word, "ia")) && !slices.Contains(ofUm, word):
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
	return tableOf(word)
}

// tableOf returns the plural of a word in lower case as tables have it, which is the
// word itself when it is a plural. It is bun's where that is English.
func tableOf(word string) string {
	for _, pair := range irregular {
		if word == pair[0] {
			return pair[1]
		}
	}
	for _, list := range [][]string{ofF, ofFe, ofE, ofUs, ofS, regular} {
		for _, p := range list {
			if singular(p) == word {
				return p
			}
		}
	}
	if singular(word) != word {
		return word
	}
	return inflection.Plural(word)
}
