package cli

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/internal/scaffold"
)

// secretsFile has the secrets of production.
const secretsFile = ".env.production"

// checkIgnored refuses to write secrets where git would commit them.
func checkIgnored(ctx context.Context, p *project) error {
	git := tool{dir: p.dir}
	if _, err := git.output(ctx, "git", "rev-parse", "--git-dir"); err != nil {
		return nil // no repository, or no git
	}
	if _, err := git.output(ctx, "git", "check-ignore", "--quiet", secretsFile); err == nil || ctx.Err() != nil {
		return ctx.Err()
	}
	return &console.Error{
		Message: "git does not ignore " + secretsFile + ", which is to have secrets; nothing was written",
		Advice:  "add a line " + secretsFile + " to .gitignore",
	}
}

// invent returns a new value of a secret.
func invent(name string) string {
	random := make([]byte, 32)
	_, _ = rand.Read(random) // never fails
	if name == scaffold.KeyVariable {
		return base64.StdEncoding.EncodeToString(random)
	}
	return hex.EncodeToString(random[:24]) // a password needs no escaping in a URL
}

// writeSecrets writes the file of secrets, or leaves it as it is, and says what is to be
// filled in.
func (s steps) writeSecrets(p *project, secrets scaffold.Secrets) error {
	missing := secrets.Wanted
	existing, err := os.ReadFile(p.path(secretsFile))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		for _, name := range secrets.Invented {
			secrets.Values = append(secrets.Values, scaffold.Setting{Name: name, Value: invent(name)})
		}
		files, err := scaffold.NewSecrets(secrets)
		if err != nil {
			return err
		}
		if err := replaceFile(p.path(secretsFile), files[0].Content, 0o600); err != nil {
			return err
		}
		fmt.Fprintf(s.out, "  %s %s, with new secrets\n", s.paint("32", "✓"), secretsFile)
	case err != nil:
		return fmt.Errorf("reading %s: %w", secretsFile, err)
	default:
		missing = unset(string(existing), append(secrets.Invented, missing...))
		fmt.Fprintf(s.out, "  %s %s is left as it is\n", s.paint("2", "-"), secretsFile)
	}
	if len(missing) > 0 {
		fmt.Fprintf(s.out, "\nSet in %s: %s\n", secretsFile, strings.Join(missing, ", "))
	}
	return nil
}

// unset returns those of names that have no value in the text of a .env file.
func unset(text string, names []string) []string {
	return slices.DeleteFunc(names, func(name string) bool {
		for line := range strings.Lines(text) {
			key, value, _ := strings.Cut(strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), "export ")), "=")
			if strings.TrimSpace(key) == name && strings.Trim(strings.TrimSpace(value), `"'`) != "" {
				return true
			}
		}
		return false
	})
}
