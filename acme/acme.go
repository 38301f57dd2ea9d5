// Package acme gets certificates by itself, from Let's Encrypt or another authority that
// speaks ACME (RFC 8555), for an application on a single server that the world reaches
// on port 443:
//
//	cfg.Port = 443
//	https, err := acme.Config(&acme.Options{
//		Domains: []string{"shop.example"}, Folder: "/var/lib/shop/certificates", Accept: true,
//	})
//	if err != nil {
//		return nil, err
//	}
//	return &kit.App{TLS: https, ...}, nil
//
// The authority asks the server itself for a proof, on that port (TLS-ALPN-01): nothing
// else need be open. Several instances would each ask for a certificate of their own,
// which the authority limits; there, a proxy in front should have it.
//
// An application that does not import this package does not link what it needs.
package acme

import (
	"crypto/tls"
	"errors"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"
)

// Options say for what certificates are got.
type Options struct {
	// Domains are the names of the server. For others there is no certificate.
	Domains []string

	// Folder keeps the certificates and the account's key, so that a start need not ask
	// for them again. Nobody else should be able to read it.
	Folder string

	// Accept says that you have read and accept the authority's terms of service.
	Accept bool

	// Email is where the authority writes when something is wrong with a certificate;
	// may be empty.
	Email string

	// Directory is the authority's; empty is Let's Encrypt.
	Directory string
}

// Config returns the TLS of a server, for kit.App.TLS. Certificates are got at the first
// connection that needs one, and renewed 30 days before they expire.
func Config(o *Options) (*tls.Config, error) {
	switch {
	case len(o.Domains) == 0:
		return nil, errors.New("acme: Domains is empty: no certificate could be got")
	case o.Folder == "":
		return nil, errors.New("acme: Folder is empty: each start would get a certificate anew, which the authority limits")
	case !o.Accept:
		return nil, errors.New("acme: Accept is not set: read the authority's terms of service, and accept them")
	}
	m := &autocert.Manager{
		Prompt:     autocert.AcceptTOS,
		Cache:      autocert.DirCache(o.Folder),
		HostPolicy: autocert.HostWhitelist(o.Domains...),
		Email:      o.Email,
	}
	if o.Directory != "" {
		m.Client = &acme.Client{DirectoryURL: o.Directory}
	}
	c := m.TLSConfig()
	c.MinVersion = tls.VersionTLS12
	return c, nil
}
