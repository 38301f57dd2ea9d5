package scaffold

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// A Platform is where an application can run, with the files that are written for it.
// What a platform does not say of itself is the same everywhere.
type Platform struct {
	Name, Title string

	// Binary says that it runs the binary itself, and not the image.
	Binary bool
	// Disk says that it keeps an SQLite database, Shared that the processes of all roles
	// reach that.
	Disk, Shared bool
	// Brings are the databases on a server that come with the platform, so that nobody
	// has to say where they are.
	Brings []string
	// Delay is SHUTDOWN_DELAY where the application says nothing of its own: how long it
	// takes until no request comes any more.
	Delay time.Duration
	// MaxGrace is how long the platform waits at most after SIGTERM; 0 for as long as it
	// is told to.
	MaxGrace time.Duration
	// MaxStart is how long the platform waits at most for a start; 0 for as long as it is
	// told to.
	MaxStart time.Duration
	// Proxies are the addresses of what is in front, for TRUSTED_PROXIES.
	Proxies string
	// Migrations are the ways of migrating, the default first.
	Migrations []string
	// Next are the commands that follow.
	Next []string
}

// Ways of migrating.
const (
	AtStart = "start"   // each instance, before it serves
	Release = "release" // a step of its own, once a release
	Init    = "init"    // a container that runs before the application's
)

// private are the addresses that no stranger has. A platform sends requests from there,
// and nobody else can.
const private = "10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,100.64.0.0/10,169.254.0.0/16,fc00::/7"

// Platforms are what kit deploy:init knows.
func Platforms() []Platform {
	ways := []string{AtStart, Release}
	return []Platform{
		{
			Name: "systemd", Title: "a Linux server with systemd", Binary: true,
			Disk: true, Shared: true, Migrations: ways, Proxies: "127.0.0.1,::1",
			Next: []string{"kit build --os linux --arch amd64 -o [[.Binary]]"},
		},
		{
			Name: "kubernetes", Title: "Kubernetes", Disk: true, Delay: 5 * time.Second,
			Migrations: []string{AtStart, Init, Release}, Proxies: private,
			Next: []string{
				"docker build -t [[.ImageRef]]:v1 . && docker push [[.ImageRef]]:v1",
				"kubectl create secret generic [[.Label]] --from-env-file=.env.production",
				"kubectl apply -k deploy/kubernetes",
			},
		},
		{
			Name: "fly", Title: "Fly.io", Disk: true, Delay: 5 * time.Second, MaxGrace: 300 * time.Second,
			Migrations: ways, Proxies: private,
			Next: []string{"fly apps create [[.Label]]", "fly secrets import < .env.production", "fly deploy"},
		},
		{
			Name: "render", Title: "Render", Brings: []string{Postgres}, MaxGrace: 300 * time.Second, MaxStart: 15 * time.Minute,
			Migrations: ways, Proxies: private,
			Next: []string{"git add render.yaml && git commit -m 'Render' && git push", "open https://dashboard.render.com/blueprints"},
		},
		{
			Name: "railway", Title: "Railway", Disk: true, Delay: 5 * time.Second,
			Migrations: ways, Proxies: private,
			Next: []string{"railway init", "railway add --database postgres", "railway up"},
		},
		{
			Name: "digitalocean", Title: "DigitalOcean App Platform", Brings: []string{Postgres}, MaxGrace: 600 * time.Second,
			Migrations: []string{Release, AtStart}, Proxies: private,
			Next: []string{"doctl apps create --spec .do/app.yaml"},
		},
		{
			Name: "heroku", Title: "Heroku", Brings: []string{Postgres}, Delay: 5 * time.Second, MaxGrace: 30 * time.Second,
			Migrations: []string{Release, AtStart}, Proxies: private,
			Next: []string{"heroku create --stack container", "git push heroku main"},
		},
		{
			Name: "kamal", Title: "servers with Docker, by Kamal", Disk: true, Shared: true,
			Migrations: []string{AtStart}, Proxies: private,
			Next: []string{"set -a; . ./.env.production; set +a", "kamal setup"},
		},
		{
			Name: "nomad", Title: "Nomad", Delay: 5 * time.Second,
			Migrations: []string{AtStart, Init}, Proxies: private,
			Next: []string{
				"nomad var put nomad/jobs/[[.Label]] $(grep -v '^#' .env.production)",
				"nomad job run -var tag=v1 deploy/nomad/[[.Label]].nomad.hcl",
			},
		},
		{
			Name: "cloudrun", Title: "Google Cloud Run", MaxGrace: 10 * time.Second,
			Migrations: []string{Release}, Proxies: private,
			Next: []string{
				"gcloud run jobs replace deploy/cloudrun/migrate.yaml && gcloud run jobs execute [[.Label]]-migrate --wait",
				"gcloud run services replace deploy/cloudrun/service.yaml",
			},
		},
	}
}

// FindPlatform returns the platform of a name.
func FindPlatform(name string) (Platform, bool) {
	i := slices.IndexFunc(Platforms(), func(p Platform) bool { return p.Name == name })
	if i < 0 {
		return Platform{}, false
	}
	return Platforms()[i], true
}

// lockTimeout is how long a start waits for the migrations of another process.
const lockTimeout = "MIGRATE_LOCK_TIMEOUT"

// Deploy describes the files of one platform.
type Deploy struct {
	Deployment
	Platform Platform
	Migrate  string // one of the platform's ways
	Domain   string // under which the application is reached
	ImageRef string // of the image in its registry, without a tag
}

// Why there are no files.
var (
	ErrNoDisk     = errors.New("the platform keeps no files")
	ErrOneProcess = errors.New("the platform's disk is of one process")
	ErrNoTime     = errors.New("the platform waits too briefly")
)

// NewDeploy returns the files of a platform. Where the platform's limits are narrower
// than the application's settings, they count.
func NewDeploy(d Deploy) ([]File, error) {
	d, err := d.fit()
	if err != nil {
		return nil, err
	}
	return render("templates/deploy/"+d.Platform.Name, d)
}

// SecretsFile is the file with the secrets that the files refer to.
func (d Deploy) SecretsFile() Secrets {
	var list []string
	if d.OnServer() && !d.Provided() {
		list = append(list, "DATABASE_URL")
	}
	if d.Redis {
		list = append(list, "REDIS_URL")
	}
	return Secrets{Invented: d.invented(), Wanted: append(list, d.wanted()...)}
}

// Provided reports that the platform brings the database.
func (d Deploy) Provided() bool { return slices.Contains(d.Platform.Brings, d.Database) }

// fit adapts the application's settings to the platform.
func (d Deploy) fit() (Deploy, error) {
	p := d.Platform
	d.ShutdownDelay = max(d.ShutdownDelay, p.Delay)
	if p.MaxGrace > 0 && d.Grace() > p.MaxGrace {
		d.Margin = min(margin, p.MaxGrace/5)
		d.ShutdownDelay = min(d.ShutdownDelay, p.MaxGrace/4)
		d.ShutdownTimeout = min(d.ShutdownTimeout, (p.MaxGrace - d.Margin - d.ShutdownDelay).Truncate(time.Second))
	}
	if d.ShutdownTimeout < time.Second {
		return d, ErrNoTime
	}
	if p.MaxStart > 0 && d.StartTimeout > p.MaxStart-time.Minute {
		d.StartTimeout = p.MaxStart - time.Minute
		d.Settings = slices.DeleteFunc(slices.Clone(d.Settings), func(s Setting) bool { return s.Name == lockTimeout })
		d.Settings = append(d.Settings, Setting{lockTimeout, (d.StartTimeout - d.ConnectTimeout).String()})
	}
	d.Roles = slices.Clone(d.Roles)
	web := slices.IndexFunc(d.Roles, func(r Role) bool { return r.Name == "web" })
	if !d.OnServer() {
		switch {
		case !p.Disk:
			return d, ErrNoDisk
		case p.Shared:
		case d.Migrate != AtStart:
			return d, ErrOneProcess
		case slices.ContainsFunc(d.Others(), func(r Role) bool { return r.Name != "scheduler" }):
			return d, ErrOneProcess
		case len(d.Others()) > 0:
			d.Roles = []Role{d.Roles[web].with("--with=schedule")}
			web = 0
		}
	}
	if d.Migrate != AtStart {
		d.Roles[web] = d.Roles[web].with("--no-migrate")
	}
	return d, nil
}

// with adds a flag to the role's command.
func (r Role) with(flag string) Role {
	r.Command = append(slices.Clone(r.Command), flag)
	return r
}

// InInit reports that a container migrates which runs before the application's.
func (d Deploy) InInit() bool { return d.Migrate == Init }

// InRelease reports that migrating is a step of its own.
func (d Deploy) InRelease() bool { return d.Migrate == Release }

// Environment are the variables that everybody may read: those of every process, and
// the application's own settings.
func (d Deploy) Environment() []Setting {
	list := []Setting{
		{"APP_ENV", "production"},
		{"SERVER_HOST", d.host()},
		{"SERVER_PORT", fmt.Sprint(d.Port)},
		{"SHUTDOWN_DELAY", fmt.Sprintf("%ds", seconds(d.ShutdownDelay))},
		{"SHUTDOWN_TIMEOUT", fmt.Sprintf("%ds", seconds(d.ShutdownTimeout))},
	}
	if d.Platform.Proxies != "" {
		list = append(list, Setting{"TRUSTED_PROXIES", d.Platform.Proxies})
	}
	if !d.OnServer() {
		list = append(list, Setting{"DATABASE_URL", "sqlite://" + d.dataDir() + "/" + d.DatabaseName() + ".db"})
	}
	return append(list, d.Settings...)
}

// Kept are the secrets that the platform keeps, the database's and Redis' among them.
func (d Deploy) Kept() []Secret {
	var list []Secret
	if d.OnServer() && !d.Provided() {
		list = append(list, Secret{"DATABASE_URL", true})
	}
	if d.Redis {
		list = append(list, Secret{"REDIS_URL", true})
	}
	return append(list, d.Secrets...)
}

// host is the address to bind: behind a proxy on the same machine only that reaches it.
func (d Deploy) host() string {
	if d.Platform.Binary {
		return "127.0.0.1"
	}
	return "0.0.0.0"
}

// dataDir is where the database's file is kept.
func (d Deploy) dataDir() string {
	if d.Platform.Binary {
		return "/var/lib/" + d.Label()
	}
	return DataDir
}

// Registry is where the image is kept.
func (d Deploy) Registry() string {
	registry, _, _ := strings.Cut(d.ImageRef, "/")
	return registry
}

// Repository is the name of the image in its registry.
func (d Deploy) Repository() string {
	_, repository, _ := strings.Cut(d.ImageRef, "/")
	return repository
}

// MigrateRole is the process that migrates, where it is one of its own.
func (d Deploy) MigrateRole() Role { return Role{Name: "migrate", Command: []string{"migrate"}} }

// Next are the commands that follow, as they are to be typed.
func (d Deploy) Next() ([]string, error) {
	partials, err := partials("templates/deploy/" + d.Platform.Name)
	if err != nil {
		return nil, err
	}
	var list []string
	for _, line := range d.Platform.Next {
		text, err := fill(partials, "next", line, d)
		if err != nil {
			return nil, fmt.Errorf("rendering %q: %w", line, err)
		}
		list = append(list, string(text))
	}
	return list, nil
}

// Args are the arguments of a role as one line.
func (r Role) Args() string { return strings.Join(r.Command, " ") }
