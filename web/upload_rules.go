package web

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/kitgo/kit/internal/fields"
)

// fileRules are what the tag file says about the uploads of a field:
//
//	Photo *web.Upload `json:"photo" file:"max=5MB,types=image/png image/jpeg"`
//
// Sizes are in bytes, KB, MB or GB, which are powers of 1024 here. A type may be
// image/*. An empty file is a mistake, unless min=0 allows it.
type fileRules struct {
	min, max         int64 // max is 0 when there is none
	minText, maxText string
	types            []string
}

// fileRulesOf reads the tag of a field; nil for one that is no file.
func fileRulesOf(f fields.Field) (*fileRules, error) {
	tag, ok := f.Tag.Lookup("file")
	t := f.Type
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Array || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	if t != uploadType {
		if ok {
			return nil, fmt.Errorf("the tag file is for web.Upload, not for %v", f.Type)
		}
		return nil, nil
	}
	rules := &fileRules{min: 1}
	for term := range strings.SplitSeq(tag, ",") {
		name, arg, _ := strings.Cut(strings.TrimSpace(term), "=")
		var err error
		switch name {
		case "":
		case "min":
			rules.min, err = bytesOf(arg)
			rules.minText = arg
		case "max":
			rules.max, err = bytesOf(arg)
			rules.maxText = arg
		case "types":
			rules.types = strings.Fields(arg)
		default:
			err = fmt.Errorf("there is no such rule")
		}
		if err != nil {
			return nil, fmt.Errorf("the file rule %s: %w", term, err)
		}
	}
	return rules, nil
}

// bytesOf reads a size: 512, 100KB, 5MB.
func bytesOf(text string) (int64, error) {
	number, unit := text, int64(1)
	for i, name := range []string{"KB", "MB", "GB"} {
		if n, ok := strings.CutSuffix(text, name); ok {
			number, unit = n, 1<<(10*(i+1))
		}
	}
	n, err := strconv.ParseInt(strings.TrimSpace(number), 10, 64)
	if err != nil || n < 0 || n > 1<<40/unit {
		return 0, fmt.Errorf("%q is no size such as 500KB or 5MB", text)
	}
	return n * unit, nil
}

// wrongType reports a file of a type that is not allowed.
func (r *fileRules) wrongType(mediaType string) *mistake {
	if r == nil || len(r.types) == 0 {
		return nil
	}
	mediaType, _, _ = strings.Cut(mediaType, ";")
	for _, t := range r.types {
		if family, ok := strings.CutSuffix(t, "/*"); t == mediaType || ok && strings.HasPrefix(mediaType, family+"/") {
			return nil
		}
	}
	return &mistake{"file.types", map[string]any{"types": r.types}}
}

// wrongSize reports a file that is too large, too small or empty.
func (r *fileRules) wrongSize(size int64) *mistake {
	switch {
	case r == nil:
	case r.max > 0 && size > r.max:
		return &mistake{"file.max", map[string]any{"max": r.maxText}}
	case size == 0 && r.min > 0:
		return &mistake{rule: "file.empty"}
	case size < r.min:
		return &mistake{"file.min", map[string]any{"min": r.minText}}
	}
	return nil
}
