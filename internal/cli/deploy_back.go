package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/kitgo/kit/console"
)

// goBack lets an older release serve.
func (r *deployTo) goBack() error {
	releases, current := r.server.Facts["release"], r.server.Fact("current")
	to, err := earlier(releases, current, r.rollback)
	if err != nil {
		return err
	}
	if r.dryRun {
		fmt.Fprintf(r.stdio.Out, "\nkit deploy would go back from %s to %s, on the same socket.\n\nNothing was changed.\n", current, to)
		return nil
	}
	r.release = to
	err = r.s.do("taking the lock of deployments", func(io.Writer) error { return r.lock("none") })
	if err != nil {
		return err
	}
	var unknown []string
	err = r.s.do("asking "+to+" for its migrations", func(output io.Writer) error {
		unknown, err = r.unknownMigrations(output, to)
		return err
	})
	if err != nil {
		return err
	}
	if len(unknown) > 0 {
		fmt.Fprintf(r.stdio.Err, "warning: %s does not know the migrations %s; they stay applied\n", to, strings.Join(unknown, ", "))
	}
	err = r.s.do("letting "+to+" serve", func(output io.Writer) error { return r.activate(output, to) })
	if err != nil {
		return err
	}
	fmt.Fprintf(r.stdio.Out, "\n%s serves on %s again.\n", r.s.paint("1", to), r.host.Target)
	return nil
}

// earlier returns the release to go back to.
func earlier(releases []string, current, wanted string) (string, error) {
	if current == "" {
		return "", &console.Error{Message: "nothing has been deployed there yet"}
	}
	if wanted != previousRelease {
		if wanted == current {
			return "", &console.Error{Message: wanted + " is the release that serves"}
		}
		if !slices.Contains(releases, wanted) {
			return "", &console.Error{Message: fmt.Sprintf("there is no release %q", wanted), Advice: "use one of " + strings.Join(releases, ", ")}
		}
		return wanted, nil
	}
	i := slices.Index(releases, current)
	if i < 1 {
		return "", &console.Error{Message: "there is no release before " + current, Advice: "kit deploy USER@HOST --list shows what there is"}
	}
	return releases[i-1], nil
}

// unknownMigrations are those that are applied and not in the release's binary.
func (r *deployTo) unknownMigrations(output io.Writer, release string) ([]string, error) {
	answer, err := r.session.Do("run", release, "migrate:status", "--json")
	if err != nil {
		fmt.Fprintln(output, answer.Output)
		return nil, err
	}
	var status struct {
		Migrations []struct{ Name, Status string }
	}
	if !document(answer.Output, "migrations", &status) {
		return nil, fmt.Errorf("%s migrate:status does not say which migrations there are: %s", release, answer.Output)
	}
	var unknown []string
	for _, m := range status.Migrations {
		if m.Status == "missing" {
			unknown = append(unknown, m.Name)
		}
	}
	return unknown, nil
}

// deployed is what --list shows.
type deployed struct {
	Releases    []deployedRelease `json:"releases"`
	Deployments []deploymentEntry `json:"deployments"`
}

type deployedRelease struct {
	Name     string `json:"name"`
	Revision string `json:"revision"`
	Current  bool   `json:"current"`
}

// deploymentEntry is a line of the server's audit log.
type deploymentEntry struct {
	Time     string `json:"time"`
	Who      string `json:"who"`
	From     string `json:"from"`
	Action   string `json:"action"`
	Release  string `json:"release"`
	Previous string `json:"previous"`
	Revision string `json:"revision"`
	Outcome  string `json:"outcome"`
	Detail   string `json:"detail"`
}

func (r *deployTo) showList(ctx context.Context) (err error) {
	if err := r.connect(ctx, "look"); err != nil {
		return interrupted(ctx, err)
	}
	defer func() { err = errors.Join(err, r.leave(err)) }()
	if err := r.checkServer(); err != nil {
		return r.explain(ctx, err)
	}
	answer, err := r.session.Do("list")
	if err != nil {
		return r.explain(ctx, err)
	}
	list := deployed{Releases: []deployedRelease{}, Deployments: []deploymentEntry{}}
	for _, line := range answer.Facts["listed"] {
		name, revision, _ := strings.Cut(line, " ")
		list.Releases = append(list.Releases, deployedRelease{name, revision, name == r.server.Fact("current")})
	}
	for _, line := range answer.Facts["logged"] {
		var e deploymentEntry
		if json.Unmarshal([]byte(line), &e) == nil {
			list.Deployments = append(list.Deployments, e)
		}
	}
	if r.asJSON {
		return console.JSON(r.stdio.Out, list)
	}
	return r.printList(list)
}

func (r *deployTo) printList(list deployed) error {
	if len(list.Releases) == 0 {
		fmt.Fprintln(r.stdio.Out, "Nothing has been deployed there yet.")
	}
	w := tabwriter.NewWriter(r.stdio.Out, 0, 0, 2, ' ', 0)
	for _, release := range list.Releases {
		mark := ""
		if release.Current {
			mark = "serves"
		}
		fmt.Fprintf(w, "%s\t%s\n", release.Name, mark)
	}
	if len(list.Deployments) > 0 {
		fmt.Fprint(w, "\nTIME\tWHO\tACTION\tRELEASE\tOUTCOME\n")
		for _, e := range list.Deployments {
			outcome := e.Outcome
			if e.Detail != "" {
				outcome += ": " + e.Detail
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", e.Time, e.Who, e.Action, e.Release, outcome)
		}
	}
	return w.Flush()
}
