package migrate

import (
	"context"
	"errors"
	"fmt"

	"github.com/kitgo/kit/database/schema"
	"github.com/kitgo/kit/internal/sqltext"
)

// runFile returns the function that runs the statements of an SQL file. An error says
// in which line.
func runFile(file, text string) Func {
	return func(ctx context.Context, s *schema.Builder) error {
		statements, err := sqltext.Split(sqltext.Dialect(s.Dialect()), text)
		if mistake, ok := errors.AsType[*sqltext.Error](err); ok {
			return fmt.Errorf("%s:%d: %s", file, mistake.Line, mistake.Problem)
		}
		for _, statement := range statements {
			if err := s.Exec(ctx, statement.Text); err != nil {
				line := statement.Line
				if refused, ok := errors.AsType[*schema.StatementError](err); ok {
					if within, _ := refused.Position(); within > 1 {
						line += within - 1
					}
				}
				return fmt.Errorf("%s:%d: %w", file, line, err)
			}
		}
		return nil
	}
}
