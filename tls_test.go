package kit

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/env"
)

// certificate writes a certificate for localhost and its key into a folder.
func certificate(t *testing.T, folder string, serial int64) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(folder, "cert.pem"), filepath.Join(folder, "key.pem")
	for file, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

func TestTLSFromFiles(t *testing.T) {
	t.Parallel()
	cert, key := certificate(t, t.TempDir(), 1)
	vars := map[string]string{"TLS_CERT_FILE": cert, "TLS_KEY_FILE": key, "APP_ENV": "testing", "LOG_FORMAT": "text"}
	address, _ := serving(t, vars, greet)
	if !strings.HasPrefix(address, "https://") {
		t.Fatalf("it serves at %s", address)
	}
	for want, set := range map[string]func(*http.Protocols){
		"Hello over HTTP/1.1": func(p *http.Protocols) { p.SetHTTP1(true) },
		"Hello over HTTP/2.0": func(p *http.Protocols) { p.SetHTTP2(true) },
	} {
		if _, got := get(t, protocol(t, set), address); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	_, port, err := net.SplitHostPort(strings.TrimPrefix(address, "https://"))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	vars["SERVER_HOST"], vars["SERVER_PORT"] = "127.0.0.1", port
	if code := run(t.Context(), hello, env.Files(t.TempDir(), vars), []string{"app", "health"}, console.IO{In: strings.NewReader(""), Out: &out, Err: &out}); code != 0 || !strings.Contains(out.String(), `"status":"ok"`) {
		t.Errorf("health: exit %d, %s", code, &out)
	}
}

func TestARenewedCertificateIsRead(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	cert, key := certificate(t, folder, 1)
	f := &certificateFiles{cert: cert, key: key}
	serial := func(want int64) {
		t.Helper()
		f.looked = time.Time{} // as if a minute had passed
		c, err := f.get(nil)
		if err != nil || c.Leaf.SerialNumber.Int64() != want {
			t.Fatalf("serial %v, %v, want %d", c.Leaf.SerialNumber, err, want)
		}
	}
	serial(1)
	certificate(t, folder, 2)
	if err := os.Chtimes(cert, time.Time{}, time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	serial(2)
	if err := os.WriteFile(cert, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	serial(2)
	if err := os.Remove(cert); err != nil {
		t.Fatal(err)
	}
	serial(2)
}

func TestTLSThatCannotWork(t *testing.T) {
	t.Parallel()
	cert, key := certificate(t, t.TempDir(), 1)
	for name, cfg := range map[string]Config{
		"no key":         {TLSCert: cert},
		"no certificate": {TLSKey: key},
		"not there":      {TLSCert: cert + "x", TLSKey: key},
		"mixed up":       {TLSCert: key, TLSKey: cert},
	} {
		if err := cfg.check(); err == nil || !strings.Contains(err.Error(), "TLS_CERT_FILE") || console.ExitCode(err) != console.BadConfig {
			t.Errorf("%s: %v", name, err)
		}
	}
}
