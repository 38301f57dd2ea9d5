package typegen

import (
	"cmp"
	"go/constant"
	"go/types"
	"slices"
	"strings"
)

// enum returns the values of a type that has constants, as TypeScript has them: of one
// whose values are text, or numbers that are not flags. Numbers count only in packages
// of the application.
func (c *converter) enum(t *types.Named) []string {
	basic, ok := t.Underlying().(*types.Basic)
	scope := t.Obj().Pkg()
	if !ok || scope == nil {
		return nil
	}
	isText := basic.Info()&types.IsString != 0
	if !isText && (basic.Info()&types.IsInteger == 0 || !c.app[scope]) {
		return nil
	}
	var values []constant.Value
	for _, name := range scope.Scope().Names() {
		k, ok := scope.Scope().Lookup(name).(*types.Const)
		if ok && types.Identical(k.Type(), t) && name != "_" {
			values = append(values, k.Val())
		}
	}
	if len(values) == 0 || !isText && (len(values) == 1 || flags(values)) {
		return nil
	}
	slices.SortFunc(values, func(a, b constant.Value) int {
		if isText {
			return strings.Compare(constant.StringVal(a), constant.StringVal(b))
		}
		x, _ := constant.Int64Val(a)
		y, _ := constant.Int64Val(b)
		return cmp.Compare(x, y)
	})
	var list []string
	for _, v := range values {
		if isText {
			list = append(list, quote(constant.StringVal(v)))
		} else {
			list = append(list, v.ExactString())
		}
	}
	return slices.Compact(list)
}

// flags reports whether values are bits that are combined: three or more, each a power
// of two but for a zero.
func flags(values []constant.Value) bool {
	bits := 0
	for _, v := range values {
		n, _ := constant.Int64Val(v)
		if n < 0 || n&(n-1) != 0 {
			return false
		}
		if n > 0 {
			bits++
		}
	}
	return bits > 2
}
