package kit

import (
	"crypto/tls"
	"errors"
	"os"
	"sync"
	"time"
)

// certificateAge is after how long the files of a certificate are looked at again.
const certificateAge = time.Minute

// tls returns the TLS of the certificate's files; nil if there are none.
func (c Config) tls() (*tls.Config, error) {
	if c.TLSCert == "" && c.TLSKey == "" {
		return nil, nil
	}
	if c.TLSCert == "" || c.TLSKey == "" {
		return nil, errors.New("one of them is not set")
	}
	f := &certificateFiles{cert: c.TLSCert, key: c.TLSKey}
	if _, err := f.get(nil); err != nil {
		return nil, err
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: f.get}, nil
}

// certificateFiles is a certificate in files, which are replaced when it is renewed.
type certificateFiles struct {
	cert, key string

	mu       sync.Mutex
	loaded   *tls.Certificate
	modified time.Time // of the certificate's file
	looked   time.Time
}

// get returns the certificate. One that cannot be read any more is used on.
func (f *certificateFiles) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := time.Now()
	if f.loaded != nil && now.Sub(f.looked) < certificateAge {
		return f.loaded, nil
	}
	f.looked = now
	info, err := os.Stat(f.cert)
	if err == nil && f.loaded != nil && info.ModTime().Equal(f.modified) {
		return f.loaded, nil
	}
	if err == nil {
		var pair tls.Certificate
		if pair, err = tls.LoadX509KeyPair(f.cert, f.key); err == nil {
			f.loaded, f.modified = &pair, info.ModTime()
		}
	}
	if f.loaded != nil {
		return f.loaded, nil
	}
	return nil, err
}
