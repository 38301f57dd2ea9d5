package commands_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/kitgo/kit/kittest"

	"github.com/kitgo/kit/examples/uptime/commands"
	"github.com/kitgo/kit/examples/uptime/migrations"
	"github.com/kitgo/kit/examples/uptime/models"
)

func TestUsersAdd(t *testing.T) {
	t.Parallel()
	users := models.NewUsers(kittest.DB(t, migrations.All))
	for _, tt := range []struct{ email, password, want string }{
		{"Ann@example.com", "long enough for it", ""},
		{"ann@example.com", "long enough for it", "there is an account of ann@example.com already"},
		{"bob@example.com", "short", "too short"},
		{"bob", "long enough for it", "no e-mail address"},
	} {
		c := commands.UsersAdd{Users: users}.Command()
		c.SetArgs([]string{tt.email})
		c.SetIn(strings.NewReader(tt.password + "\n"))
		c.SetOut(new(bytes.Buffer))
		c.SetErr(new(bytes.Buffer))
		err := c.ExecuteContext(t.Context())
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want %q", tt.email, err, tt.want)
		}
	}
	if _, err := users.ByPassword(t.Context(), "ann@EXAMPLE.com", "long enough for it"); err != nil {
		t.Error(err)
	}
}
