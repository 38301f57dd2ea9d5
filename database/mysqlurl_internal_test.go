package database

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
)

// authority signs certificates of servers.
type authority struct {
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
	file string
}

func certificate(t *testing.T, template, parent *x509.Certificate, key, signer *ecdsa.PrivateKey) *x509.Certificate {
	t.Helper()
	template.SerialNumber = big.NewInt(time.Now().UnixNano())
	template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{key: newKey(t), file: filepath.Join(t.TempDir(), "ca.pem")}
	template := &x509.Certificate{Subject: pkix.Name{CommonName: "authority"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	a.cert = certificate(t, template, template, a.key, a.key)
	if err := os.WriteFile(a.file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	return a
}

// config returns the settings of a server for a host.
func (a *authority) config(t *testing.T, host string) *tls.Config {
	t.Helper()
	key := newKey(t)
	cert := certificate(t, &x509.Certificate{DNSNames: []string{host}}, a.cert, key, a.key)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{cert.Raw}, PrivateKey: key}}}
}

func TestWhichServersTLSTrusts(t *testing.T) {
	t.Parallel()
	ours, other := newAuthority(t), newAuthority(t)
	for query, trusted := range map[string]struct{ ours, oursForAnother, foreign bool }{
		"tls=true&ssl-ca=" + ours.file:                 {true, false, false},
		"ssl-mode=VERIFY_IDENTITY&ssl-ca=" + ours.file: {true, false, false},
		"ssl-mode=VERIFY_CA&ssl-ca=" + ours.file:       {true, true, false},
		"ssl-ca=" + ours.file:                          {true, true, false},
		"tls=true":                                     {false, false, false},
		"ssl-mode=VERIFY_CA":                           {false, false, false},
		"tls=skip-verify":                              {true, true, true},
		"ssl-mode=REQUIRED":                            {true, true, true},
	} {
		target, problem := parseURL("mysql://u@db.example/d?" + query)
		if problem != nil {
			t.Fatal(problem)
		}
		c := target.(*mysqlServer).config
		settings := c.TLS
		if settings == nil { // what the driver makes of the name
			if c.TLSConfig != tlsSkip {
				t.Errorf("%s: TLS %q", query, c.TLSConfig)
			}
			settings = &tls.Config{InsecureSkipVerify: true}
		}
		for what, tt := range map[string]struct {
			server *tls.Config
			want   bool
		}{
			"ours":             {ours.config(t, "db.example"), trusted.ours},
			"ours for another": {ours.config(t, "another.example"), trusted.oursForAnother},
			"foreign":          {other.config(t, "db.example"), trusted.foreign},
		} {
			err := handshake(t, tt.server, settings)
			if (err == nil) != tt.want {
				t.Errorf("%s, %s: %v, want trust %v", query, what, err, tt.want)
			}
			if err != nil && !isA[*tls.CertificateVerificationError](err) {
				t.Errorf("%s, %s: %v, want a *tls.CertificateVerificationError", query, what, err)
			}
		}
	}
}

// handshake returns the error of a client that speaks to a server for db.example.
func handshake(t *testing.T, server, client *tls.Config) error {
	t.Helper()
	a, b := net.Pipe()
	defer a.Close()
	defer b.Close()
	go func() { _ = tls.Server(a, server).Handshake() }()
	client = client.Clone()
	client.ServerName = "db.example" // as the driver does
	return tls.Client(b, client).Handshake()
}

func TestTLSDefaults(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"mysql://u@h/d":                      tlsPreferred,
		"mysql://u@h/d?tls=preferred":        tlsPreferred,
		"mysql://u@h/d?ssl-mode=preferred":   tlsPreferred,
		"mysql://u@h/d?tls=false":            tlsOff,
		"mysql://u@h/d?ssl-mode=DISABLED":    tlsOff,
		"mysql://u@localhost/d?socket=/sock": tlsOff,
	} {
		target, err := parseURL(url)
		if err != nil {
			t.Fatal(err)
		}
		if got := target.(*mysqlServer).config.TLSConfig; got != want {
			t.Errorf("%s: TLS %q, want %q", url, got, want)
		}
	}
}

func TestDuplicatesOfMySQL8NameTheirTable(t *testing.T) {
	t.Parallel()
	for message, want := range map[string]string{
		"Duplicate entry 'a' for key 'users.users_email_unique'":  "users",
		"Duplicate entry 'a' for key 'users_email_unique'":        "",
		"Duplicate entry 'it's for key 'x.y'' for key 'b.UNIQUE'": "b",
		"Duplicate entry": "",
	} {
		err := typed(&mysql.MySQLError{Number: mysqlDuplicate, Message: message})
		u, ok := errors.AsType[*UniqueError](err)
		if !ok || u.Table != want || u.Columns != nil {
			t.Errorf("%s: %#v, want table %q", message, err, want)
		}
	}
}
