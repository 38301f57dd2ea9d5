package acme_test

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/kitgo/kit/acme"
)

func TestOptionsThatCannotWork(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]*acme.Options{
		"no domain":       {Folder: "x", Accept: true},
		"no folder":       {Domains: []string{"shop.example"}, Accept: true},
		"terms not taken": {Domains: []string{"shop.example"}, Folder: "x"},
	} {
		if _, err := acme.Config(o); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestTheAuthorityIsAskedForOwnDomainsOnly(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	authority := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.WriteHeader(http.StatusBadRequest)
	}))
	defer authority.Close()
	config, err := acme.Config(&acme.Options{Domains: []string{"shop.example"}, Folder: t.TempDir(), Accept: true, Directory: authority.URL})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(config.NextProtos, "acme-tls/1") || !slices.Contains(config.NextProtos, "h2") || config.MinVersion < tls.VersionTLS12 {
		t.Errorf("protocols %v, version %x", config.NextProtos, config.MinVersion)
	}
	hello := func(name string) error {
		_, err := config.GetCertificate(&tls.ClientHelloInfo{ServerName: name})
		return err
	}
	for _, name := range []string{"evil.example", "a.shop.example", "", "192.0.2.1", "../shop.example"} {
		if hello(name) == nil || asked.Load() != 0 {
			t.Errorf("%q: the authority was asked", name)
		}
	}
	if hello("shop.example") == nil || asked.Load() == 0 {
		t.Error("the authority was not asked for the server's own name")
	}
}
