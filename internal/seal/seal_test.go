package seal_test

import (
	"bytes"
	"testing"

	"github.com/kitgo/kit/internal/seal"
)

var (
	oldKey = bytes.Repeat([]byte{1}, 32)
	newKey = bytes.Repeat([]byte{2}, 32)
)

func box(t testing.TB, purpose string, key []byte, previous ...[]byte) *seal.Box {
	t.Helper()
	b, err := seal.New(purpose, key, previous...)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestOnlyTheSameBoxOpens(t *testing.T) {
	t.Parallel()
	sealed := box(t, "a", oldKey).Seal([]byte("secret"))
	tests := map[string]struct {
		box   *seal.Box
		text  string
		opens bool
	}{
		"the same":           {box(t, "a", oldKey), sealed, true},
		"a new key":          {box(t, "a", newKey), sealed, false},
		"a replaced key":     {box(t, "a", newKey, oldKey), sealed, true},
		"another purpose":    {box(t, "b", oldKey), sealed, false},
		"nothing":            {box(t, "a", oldKey), "", false},
		"a part":             {box(t, "a", oldKey), sealed[:20], false},
		"not base64":         {box(t, "a", oldKey), "%%%", false},
		"with padding":       {box(t, "a", oldKey), sealed + "==", false},
		"something in front": {box(t, "a", oldKey), "A" + sealed, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			plain, ok := tt.box.Open(tt.text)
			if ok != tt.opens || ok && string(plain) != "secret" {
				t.Errorf("opened %q, %t", plain, ok)
			}
		})
	}
	for i := range sealed {
		changed := []byte(sealed)
		changed[i] ^= 1
		if plain, ok := box(t, "a", oldKey).Open(string(changed)); ok {
			// The last character has bits that stand for nothing.
			if i != len(sealed)-1 || string(plain) != "secret" {
				t.Errorf("opened with character %d changed: %q", i, plain)
			}
		}
	}
}

func TestKeysMustBeKeys(t *testing.T) {
	t.Parallel()
	for name, keys := range map[string][][]byte{"none": {nil}, "a short one": {[]byte("x")}, "a short one before": {newKey, []byte("x")}} {
		if _, err := seal.New("a", keys[0], keys[1:]...); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func FuzzOpen(f *testing.F) {
	b := box(f, "a", oldKey)
	sealed := b.Seal([]byte("secret"))
	f.Add(sealed)
	f.Add(sealed + "A")
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		// Another process may have sealed the seed, with another nonce.
		if plain, ok := b.Open(text); ok && string(plain) != "secret" {
			t.Errorf("opened %q: %q", text, plain)
		}
	})
}
