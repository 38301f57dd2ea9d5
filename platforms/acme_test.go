package platforms_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kitgo/kit/acme"
	"github.com/letsencrypt/pebble/v2/ca"
	"github.com/letsencrypt/pebble/v2/db"
	"github.com/letsencrypt/pebble/v2/va"
	"github.com/letsencrypt/pebble/v2/wfe"
	"github.com/miekg/dns"
)

// notes is what the authority and the server log, for tests that fail.
type notes struct {
	mu   sync.Mutex
	text strings.Builder
}

func (n *notes) Write(b []byte) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.text.Write(b)
}

func (n *notes) String() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.text.String()
}

// nameServer says that every host is this machine.
func nameServer(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	started := make(chan struct{})
	server := &dns.Server{Listener: listener, NotifyStartedFunc: func() { close(started) }, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, question *dns.Msg) {
		answer := new(dns.Msg).SetReply(question)
		if len(question.Question) == 1 && question.Question[0].Qtype == dns.TypeA {
			answer.Answer = []dns.RR{&dns.A{Hdr: dns.RR_Header{Name: question.Question[0].Name, Rrtype: dns.TypeA, Class: dns.ClassINET, Ttl: 1}, A: net.IPv4(127, 0, 0, 1)}}
		}
		_ = w.WriteMsg(answer)
	})}
	go func() { _ = server.ActivateAndServe() }()
	<-started
	t.Cleanup(func() { _ = server.Shutdown() })
	return listener.Addr().String()
}

// TestCertificatesOfAnAuthority gets a certificate from pebble, the small authority that
// Let's Encrypt tests clients with: its own code for accounts, orders and proofs. It asks
// our server for the proof, over TLS.
func TestCertificatesOfAnAuthority(t *testing.T) {
	t.Setenv("PEBBLE_VA_NOSLEEP", "1")
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := listener.Addr().(*net.TCPAddr).Port

	said := new(notes)
	quiet := log.New(said, "", 0)
	defer func() {
		if t.Failed() {
			t.Log(said)
		}
	}()
	store := db.NewMemoryStore()
	authority := ca.New(quiet, store, "", "ecdsa", 0, 1, map[string]ca.Profile{"default": {Description: "default"}})
	proofs := va.New(quiet, port, port, false, nameServer(t), store)
	front := wfe.New(quiet, store, proofs, authority, []string{"authority.example"}, false, false, 1, 1)
	var orders atomic.Int64
	handler := front.Handler()
	directory := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/order-plz" {
			orders.Add(1)
		}
		handler.ServeHTTP(w, r)
	}))
	defer directory.Close()
	// A machine that uses a private authority trusts it; this one does so for the test.
	transport := http.DefaultTransport
	http.DefaultTransport = directory.Client().Transport
	defer func() { http.DefaultTransport = transport }()

	options := &acme.Options{Domains: []string{"shop.example", "www.shop.example"}, Folder: t.TempDir(), Accept: true, Email: "ops@shop.example", Directory: directory.URL + wfe.DirectoryPath}
	config, err := acme.Config(options)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{
		TLSConfig: config, ErrorLog: quiet, ReadHeaderTimeout: time.Minute,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.Proto) }),
	}
	go func() { _ = server.ServeTLS(listener, "", "") }()
	defer server.Close()

	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: authority.GetRootCert(0).DER})) {
		t.Fatal("the authority has no root")
	}
	connect := func(name string) (*tls.Conn, error) {
		return tls.Dial("tcp", listener.Addr().String(), &tls.Config{RootCAs: roots, ServerName: name, MinVersion: tls.VersionTLS12})
	}
	for range 2 { // the second one is there already
		c, err := connect("shop.example")
		if err != nil {
			t.Fatal(err)
		}
		if names := c.ConnectionState().PeerCertificates[0].DNSNames; len(names) != 1 || names[0] != "shop.example" {
			t.Errorf("a certificate for %v", names)
		}
		c.Close()
	}
	// One order; or more when the authority could not reach this test in time, which a new
	// order follows.
	ordered := orders.Load()
	if ordered == 0 {
		t.Error("nothing was ordered")
	}
	if c, err := connect("evil.example"); err == nil {
		c.Close()
		t.Error("there is a certificate for another name")
	}
	if orders.Load() != ordered {
		t.Error("another name was ordered")
	}

	// After a start the certificate of the folder is used.
	config, err = acme.Config(options)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := config.GetCertificate(&tls.ClientHelloInfo{ServerName: "shop.example", CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256}, SupportedCurves: []tls.CurveID{tls.CurveP256}, SignatureSchemes: []tls.SignatureScheme{tls.ECDSAWithP256AndSHA256}})
	if err != nil || certificate.Leaf == nil || certificate.Leaf.DNSNames[0] != "shop.example" {
		t.Errorf("after a start: %v", err)
	}
	if n := orders.Load(); n != ordered {
		t.Errorf("a start ordered again: %d, not %d", n, ordered)
	}
}
