package tasks

import (
	"context"
	"time"

	"github.com/kitgo/kit/examples/uptime/models"
)

// PruneChecks forgets the checks of more than a week ago.
type PruneChecks struct {
	Sites *models.Sites
}

// Run does it once.
func (t PruneChecks) Run(ctx context.Context) error {
	return t.Sites.PruneChecks(ctx, time.Now().Add(-7*24*time.Hour))
}
