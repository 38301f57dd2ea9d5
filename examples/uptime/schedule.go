package main

import (
	"time"

	"github.com/kitgo/kit/schedule"

	"github.com/kitgo/kit/examples/uptime/tasks"
)

// schedule says what runs when. The command schedule:work runs it, on as many machines
// as you like.
func (a *app) schedule(s *schedule.Schedule) {
	check := tasks.NewCheckSites(a.sites, 20, 10*time.Second)

	s.Add("sites:check", check.Run).EveryMinute().WithoutOverlapping().Description("Asks every site whether it is up")
	s.Add("checks:prune", tasks.PruneChecks{Sites: a.sites}.Run).Hourly().Description("Forgets checks of more than a week ago")
	s.Add("sessions:prune", a.sessions.Prune).Hourly().Description("Forgets sessions that have ended")
}
