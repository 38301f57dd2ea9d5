package inertia

import (
	"encoding"
	"reflect"
	"sort"
	"strconv"
)

// key is a key of a map and its name in JSON.
type key struct {
	name  string
	value reflect.Value
}

// keysOf returns the keys of a map in the order of [json.Marshal]; nil if it is no
// object in JSON, and of a nil map.
func keysOf(m reflect.Value) []key {
	if m.IsNil() {
		return nil
	}
	keys := make([]key, 0, m.Len())
	for entry := m.MapRange(); entry.Next(); {
		k := entry.Key()
		name, ok := nameOf(k)
		if !ok {
			return nil
		}
		keys = append(keys, key{name, k})
	}
	sort.Slice(keys, func(i, j int) bool { return keys[i].name < keys[j].name })
	return keys
}

func nameOf(k reflect.Value) (string, bool) {
	if k.Kind() == reflect.String {
		return k.String(), true
	}
	if text, ok := k.Interface().(encoding.TextMarshaler); ok {
		name, err := text.MarshalText()
		return string(name), err == nil
	}
	switch {
	case k.CanInt():
		return strconv.FormatInt(k.Int(), 10), true
	case k.CanUint():
		return strconv.FormatUint(k.Uint(), 10), true
	default:
		return "", false
	}
}
