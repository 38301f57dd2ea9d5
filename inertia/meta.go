package inertia

import "time"

// meta is what the page object says about props.
type meta struct {
	Shared    []string               `json:"sharedProps,omitempty"`
	Deferred  map[string][]string    `json:"deferredProps,omitempty"`
	Rescued   []string               `json:"rescuedProps,omitempty"`
	Merge     []string               `json:"mergeProps,omitempty"`
	Prepend   []string               `json:"prependProps,omitempty"`
	DeepMerge []string               `json:"deepMergeProps,omitempty"`
	MatchOn   []string               `json:"matchPropsOn,omitempty"`
	Scroll    map[string]scrollState `json:"scrollProps,omitempty"`
	Once      map[string]onceState   `json:"onceProps,omitempty"`
}

// onceState is what the protocol says of a once prop. The time is in milliseconds
// since 1970.
type onceState struct {
	Prop      string `json:"prop"`
	ExpiresAt *int64 `json:"expiresAt"`
}

func (m *meta) deferTo(group, path string) {
	if m.Deferred == nil {
		m.Deferred = map[string][]string{}
	}
	m.Deferred[group] = append(m.Deferred[group], path)
}

func (m *meta) scrollAt(path string, state scrollState) {
	if m.Scroll == nil {
		m.Scroll = map[string]scrollState{}
	}
	m.Scroll[path] = state
}

func (m *meta) remember(key, path string, keep time.Duration) {
	state := onceState{Prop: path}
	if keep > 0 {
		end := time.Now().Add(keep).UnixMilli()
		state.ExpiresAt = &end
	}
	if m.Once == nil {
		m.Once = map[string]onceState{}
	}
	m.Once[key] = state
}
