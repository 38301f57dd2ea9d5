package kit

import "github.com/kitgo/kit/internal/findings"

// finding is what doctor has to say about one thing.
type finding = findings.Finding

func well(name, format string, args ...any) finding { return findings.Well(name, format, args...) }

func doubtful(name, advice, format string, args ...any) finding {
	return findings.Doubtful(name, advice, format, args...)
}

func broken(name string, err error) finding { return findings.Broken(name, err) }
