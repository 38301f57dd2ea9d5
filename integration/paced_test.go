package integration_test

import (
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"
)

// answers are what requests met with that began at a fixed rate.
type answers struct {
	took   []time.Duration // how long each took, the longest last
	failed []error
}

// paced sends requests, by the clients in turn, until stop is called, which waits for
// their answers. They begin at a fixed rate, however long the others take, so that some
// come at the very moment at which something else happens.
func paced(url string, perSecond int, clients ...*http.Client) (stop func() answers) {
	var mu sync.Mutex
	var l answers
	var requests sync.WaitGroup
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(time.Second / time.Duration(perSecond))
		defer tick.Stop()
		for n := 0; ; n++ {
			select {
			case <-done:
				return
			case <-tick.C:
			}
			requests.Go(func() {
				begin := time.Now()
				err := getOnce(clients[n%len(clients)], url)
				took := time.Since(begin)
				mu.Lock()
				defer mu.Unlock()
				l.took = append(l.took, took)
				if err != nil {
					l.failed = append(l.failed, err)
				}
			})
		}
	}()
	return sync.OnceValue(func() answers {
		close(done)
		<-ended
		requests.Wait()
		for _, c := range clients {
			c.CloseIdleConnections()
		}
		slices.Sort(l.took)
		return l
	})
}

// getOnce returns an error unless the answer has the status 200.
func getOnce(client *http.Client, url string) error {
	response, err := client.Get(url)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return errors.New(response.Status)
	}
	return nil
}

// at is how long the share of the requests took at most, from 0 to 1; 1 is the longest.
func (l answers) at(share float64) time.Duration {
	if len(l.took) == 0 {
		return 0
	}
	return l.took[min(int(share*float64(len(l.took))), len(l.took)-1)]
}
