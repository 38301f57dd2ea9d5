package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/internal/scaffold"
)

// releaseFile is a file of a release, beside its binary.
type releaseFile struct {
	path    string
	mode    fs.FileMode
	content []byte
}

func has(files []releaseFile, path string) bool {
	return slices.ContainsFunc(files, func(f releaseFile) bool { return f.path == path })
}

func names(files []releaseFile) string {
	var list []string
	for _, f := range files {
		list = append(list, strings.TrimPrefix(f.path, "deploy/"))
	}
	return strings.Join(list, ", ")
}

// files are the units, the settings and the hooks of the release, and at the first
// deployment the secrets.
func (r *deployTo) files(ctx context.Context) ([]releaseFile, error) {
	made, err := r.systemdFiles()
	if err != nil {
		return nil, err
	}
	var files []releaseFile
	label := r.facts.Label()
	for _, f := range made {
		name := path.Base(f.Path)
		switch {
		case strings.HasSuffix(name, ".service"), strings.HasSuffix(name, ".socket"):
			files = append(files, releaseFile{"deploy/units/" + name, 0o644, f.Content})
		case name == label+".sysusers.conf":
			files = append(files, releaseFile{"deploy/sysusers.conf", 0o644, f.Content})
		case name == "settings.env":
			files = append(files, releaseFile{"deploy/settings", 0o644, f.Content})
		case name == "Caddyfile" && r.domain != "":
			files = append(files, releaseFile{"deploy/Caddyfile", 0o644, f.Content})
		}
	}
	for _, needed := range []string{"deploy/units/" + label + ".service", "deploy/settings", "deploy/sysusers.conf"} {
		if !has(files, needed) {
			return nil, &console.Error{Message: "deploy/systemd has nothing for " + strings.TrimPrefix(needed, "deploy/"), Advice: "write its files anew: kit deploy:init systemd --force"}
		}
	}
	if !has(files, "deploy/units/"+label+".socket") {
		fmt.Fprintf(r.stdio.Err, "warning: deploy/systemd has no %s.socket: requests fail while the process is replaced; kit deploy:init systemd --force writes it\n", label)
	}
	for _, name := range []string{"server-before", "server-after"} {
		content, err := os.ReadFile(r.p.path("deploy", "hooks", name))
		if err == nil {
			files = append(files, releaseFile{"deploy/hooks/" + name, 0o755, content})
		} else if !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("reading the hook %s: %w", name, err)
		}
	}
	secrets, err := r.secrets(ctx)
	if err != nil {
		return nil, err
	}
	if secrets != nil {
		files = append(files, releaseFile{"deploy/env", 0o600, secrets})
	}
	return files, nil
}

// systemdFiles are those in deploy/systemd, or what would be written there.
func (r *deployTo) systemdFiles() ([]scaffold.File, error) {
	platform, _ := scaffold.FindPlatform("systemd")
	r.facts.Platform, r.facts.Migrate, r.facts.Domain = platform, scaffold.AtStart, r.domain
	made, err := scaffold.NewDeploy(r.facts)
	if err != nil {
		return nil, impossible(platform, err)
	}
	dir := r.p.path("deploy", "systemd")
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return made, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading deploy/systemd: %w", err)
	}
	var own []scaffold.File
	for _, e := range entries {
		content, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, fmt.Errorf("reading deploy/systemd: %w", err)
		}
		own = append(own, scaffold.File{Path: "deploy/systemd/" + e.Name(), Content: content})
	}
	return own, nil
}

// secrets returns the file for the server's first deployment, and makes sure that a
// server has what the application needs.
func (r *deployTo) secrets(ctx context.Context) ([]byte, error) {
	wanted := r.facts.SecretsFile()
	label := r.facts.Label()
	if r.server.Fact("kept") != "" {
		known := strings.Fields(r.server.Fact("env"))
		missing := slices.DeleteFunc(slices.Concat(wanted.Invented, wanted.Wanted), func(name string) bool { return slices.Contains(known, name) })
		if len(missing) > 0 {
			return nil, missingVariables(missing, "/etc/"+label+"/env on "+r.host.Target, "add it there; the file is never overwritten")
		}
		if r.envFile != "" {
			fmt.Fprintf(r.stdio.Out, "  %s /etc/%s/env is left as it is\n", r.s.paint("2", "-"), label)
		}
		return nil, nil
	}
	file := r.envFile
	if file == "" {
		file = r.p.path(secretsFile)
		if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) && r.dryRun {
			return []byte{}, nil
		}
		if err := checkIgnored(ctx, r.p); err != nil {
			return nil, err
		}
		if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
			if err := r.s.writeSecrets(r.p, r.facts.SecretsFile()); err != nil {
				return nil, err
			}
		}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, &console.Error{Code: console.BadConfig, Message: "the file with the secrets cannot be read: " + err.Error(), Err: err}
	}
	if missing := unset(string(text), slices.Concat(wanted.Invented, wanted.Wanted)); len(missing) > 0 {
		return nil, missingVariables(missing, filepath.Base(file), "set it there, and deploy again")
	}
	return text, nil
}

func missingVariables(names []string, where, advice string) error {
	verb := " is not set in "
	if len(names) > 1 {
		verb = " are not set in "
	}
	return &console.Error{Code: console.BadConfig, Message: strings.Join(names, ", ") + verb + where, Advice: advice}
}
