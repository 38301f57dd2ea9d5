package kit

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/kitgo/kit/console"
)

const mebibyte = 1 << 20

// examineSystem looks at what the process gets from the system. app may be nil.
func examineSystem(app *App) []finding {
	list := []finding{examineZones(), examineWritable("temporary-files", os.TempDir(), "set TMPDIR to a folder that may be written to")}
	if app != nil && app.DB.Path() != "" {
		dir := filepath.Dir(app.DB.Path())
		list = append(list, examineWritable("database-folder", dir, "SQLite writes beside its file: let the user of the process write there"))
		list = append(list, examineSpace(dir)...)
	}
	return append(list, examineLimits()...)
}

// examineZones makes sure that the names of time zones are known, which come with the
// binary.
func examineZones() finding {
	const name = "time-zones"
	if _, err := time.LoadLocation("America/New_York"); err != nil {
		return broken(name, err)
	}
	if tz := os.Getenv("TZ"); tz != "" {
		if _, err := time.LoadLocation(tz); err != nil {
			return doubtful(name, "set TZ to a name such as UTC or Europe/Berlin", "TZ=%q is not known, so that local times are in UTC", tz)
		}
	}
	return well(name, "known; local time is %s", time.Now().Format("15:04 MST"))
}

func examineWritable(name, dir, advice string) finding {
	if _, err := os.Stat(dir); os.IsNotExist(err) && name == "database-folder" {
		return well(name, "%s will be made", dir)
	}
	f, err := os.CreateTemp(dir, ".kit-doctor-*")
	if err != nil {
		return broken(name, &console.Error{Message: err.Error(), Advice: advice, Err: err})
	}
	_ = f.Close()
	if err := os.Remove(f.Name()); err != nil {
		return broken(name, err)
	}
	return well(name, "%s can be written to", dir)
}

// memory returns the finding about the limit in bytes that the system sets; 0 for none.
func examineMemory(limit int64) finding {
	const name = "memory"
	soft := debug.SetMemoryLimit(-1)
	unlimited := soft >= 1<<62
	switch {
	case limit > 0 && limit < 64*mebibyte:
		return doubtful(name, "allow at least 64 MiB", "the limit of the system is %d MiB", limit/mebibyte)
	case limit > 0 && !unlimited && soft > limit:
		return doubtful(name, "set GOMEMLIMIT to about 90 % of the system's limit", "GOMEMLIMIT is %d MiB, above the system's limit of %d MiB", soft/mebibyte, limit/mebibyte)
	}
	text := "no limit of the system"
	if limit > 0 {
		text = fmt.Sprintf("the limit of the system is %d MiB", limit/mebibyte)
	}
	if !unlimited {
		text += fmt.Sprintf(", GOMEMLIMIT is %d MiB", soft/mebibyte)
	}
	return well(name, "%s; %d CPUs are used", text, runtime.GOMAXPROCS(0))
}
