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

// writeSecrets writes the file of secrets, or adds passwords that it does not have, and says
// what is to be filled in. What the file has stays as it is.
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
		text, added := withPasswords(string(existing), secrets.Invented)
		if len(added) == 0 {
			fmt.Fprintf(s.out, "  %s %s is left as it is\n", s.paint("2", "-"), secretsFile)
		} else {
			if err := replaceFile(p.path(secretsFile), []byte(text), 0o600); err != nil {
				return err
			}
			fmt.Fprintf(s.out, "  %s %s, with %s added\n", s.paint("32", "✓"), secretsFile, strings.Join(added, ", "))
		}
		missing = unset(text, append(secrets.Invented, missing...))
	}
	if len(missing) > 0 {
		fmt.Fprintf(s.out, "\nSet in %s: %s\n", secretsFile, strings.Join(missing, ", "))
	}
	return nil
}

// withPasswords returns the text of a .env file with a new value for each of names that it
// does not speak of. The key of the application is not invented beside what there is: it
// may be kept elsewhere, and data that another one has encrypted could not be read.
func withPasswords(text string, names []string) (with string, added []string) {
	for _, name := range names {
		if name == scaffold.KeyVariable || slices.ContainsFunc(strings.Split(text, "\n"), func(line string) bool {
			key, _ := setting(line)
			return key == name
		}) {
			continue
		}
		if len(added) == 0 && text != "" && !strings.HasSuffix(text, "\n") {
			text += "\n"
		}
		text += name + "=" + invent(name) + "\n"
		added = append(added, name)
	}
	return text, added
}

// setting reads a line of a .env file.
func setting(line string) (name, value string) {
	name, value, _ = strings.Cut(strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), "export ")), "=")
	return strings.TrimSpace(name), strings.Trim(strings.TrimSpace(value), `"'`)
}

// unset returns those of names that have no value in the text of a .env file.
func unset(text string, names []string) []string {
	return slices.DeleteFunc(names, func(name string) bool {
		for line := range strings.Lines(text) {
			if key, value := setting(line); key == name && value != "" {
				return true
			}
		}
		return false
	})
}
