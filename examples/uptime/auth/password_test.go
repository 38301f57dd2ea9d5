package auth_test

import (
	"strings"
	"testing"

	"github.com/kitgo/kit/examples/uptime/auth"
)

func TestPasswords(t *testing.T) {
	t.Parallel()
	hash := auth.HashPassword("correct horse")
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") || hash == auth.HashPassword("correct horse") {
		t.Errorf("hash %s", hash)
	}
	if !auth.PasswordMatches(hash, "correct horse") || auth.PasswordMatches(hash, "Correct horse") {
		t.Error("the wrong password matches")
	}
	for _, broken := range []string{"", "plain", strings.Replace(hash, "argon2id", "argon2i", 1), hash[:strings.LastIndex(hash, "$")+1], hash + "!"} {
		if auth.PasswordMatches(broken, "correct horse") || auth.PasswordMatches(broken, "") {
			t.Errorf("%q matches", broken)
		}
	}
}
