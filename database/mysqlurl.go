package database

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/go-sql-driver/mysql"
)

// mysqlParameters are those of a MySQL URL.
var mysqlParameters = []string{"tls", "ssl-mode", "ssl-ca", "socket", "charset", "collation"}

// mysqlMode is what every connection has, whatever the server is set to: values that
// do not fit are errors. bun's quoting of strings needs a mode without
// NO_BACKSLASH_ESCAPES and ANSI_QUOTES. These are the defaults of MySQL 8.
const mysqlMode = "ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"

// parseMySQL returns the database of a URL, or what is wrong with it.
func parseMySQL(raw, rest string) (target, string) {
	u, problem := serverURL(raw, rest)
	if problem != "" {
		return nil, problem
	}
	name := strings.Trim(u.Path, "/")
	query, err := url.ParseQuery(u.RawQuery)
	switch {
	case err != nil:
		return nil, "has malformed parameters after the question mark"
	case name == "":
		return nil, "has no database name after the host"
	case strings.ContainsRune(name, '/'):
		return nil, fmt.Sprintf("database name %q has a slash", name)
	case u.User.Username() == "":
		return nil, "has no user name before the host"
	}
	for parameter := range query {
		if !slices.Contains(mysqlParameters, parameter) {
			return nil, fmt.Sprintf("unknown parameter %q; MySQL takes %s", parameter, strings.Join(mysqlParameters, ", "))
		}
	}
	c := mysql.NewConfig()
	c.User = u.User.Username()
	c.Passwd, _ = u.User.Password()
	c.DBName = name
	c.Params = map[string]string{"time_zone": "'+00:00'", "sql_mode": "'" + mysqlMode + "'"}
	for _, set := range []func(*mysql.Config, *url.URL, url.Values) string{mysqlAddress, mysqlCharset, mysqlTLS} {
		if problem := set(c, u, query); problem != "" {
			return nil, problem
		}
	}
	c.Timeout = attemptTimeout
	c.ParseTime = true
	c.ClientFoundRows = true // so that an update that changes nothing has found its row
	c.MaxAllowedPacket = 0   // ask the server, which ends connections that send more
	c.Logger = &mysql.NopLogger{}
	if program, err := os.Executable(); err == nil {
		c.ConnectionAttributes = "program_name:" + strings.NewReplacer(",", "_", ":", "_").Replace(filepath.Base(program))
	}
	connector, err := mysql.NewConnector(c)
	if err != nil {
		return nil, oneLine(err.Error())
	}
	m := &mysqlServer{url: redact(raw), config: c, driver: connector}
	m.stops.connect = m.connect
	return m, ""
}

// mysqlAddress says where the server is.
func mysqlAddress(c *mysql.Config, u *url.URL, query url.Values) string {
	host, port := u.Hostname(), u.Port()
	if query.Has("socket") {
		if c.Addr = query.Get("socket"); !strings.HasPrefix(c.Addr, "/") {
			return fmt.Sprintf("socket %q is not an absolute path", c.Addr)
		}
		if host != "" && host != "localhost" || port != "" {
			return "has both a host and a socket; leave one out"
		}
		c.Net = "unix"
		return ""
	}
	if host == "" {
		host = "localhost"
	}
	if port == "" {
		port = "3306"
	}
	c.Net, c.Addr = "tcp", net.JoinHostPort(host, port)
	return ""
}

// collationName is what may stand in SQL for a collation of utf8mb4.
var collationName = regexp.MustCompile(`^utf8mb4_[a-z0-9_]+$`)

// mysqlCharset lets strings travel in utf8mb4. Another character set would lose
// characters, and some make quoting unsafe.
func mysqlCharset(c *mysql.Config, _ *url.URL, query url.Values) string {
	if charset := query.Get("charset"); query.Has("charset") && !strings.EqualFold(charset, "utf8mb4") {
		return fmt.Sprintf("charset %q is not utf8mb4, which holds every character", charset)
	}
	collation := query.Get("collation")
	if query.Has("collation") {
		if !collationName.MatchString(collation) {
			return fmt.Sprintf("collation %q is not a name such as utf8mb4_bin", collation)
		}
		c.Params["collation_connection"] = "'" + collation + "'" // the driver knows only some itself
	}
	if err := c.Apply(mysql.Charset("utf8mb4", "")); err != nil {
		return oneLine(err.Error())
	}
	return ""
}

// The values of the parameter tls.
const (
	tlsVerify    = "true"
	tlsVerifyCA  = "verify-ca" // only as ssl-mode
	tlsSkip      = "skip-verify"
	tlsPreferred = "preferred"
	tlsOff       = "false"
)

// mysqlTLS encrypts when the server can, unless the URL says otherwise.
func mysqlTLS(c *mysql.Config, _ *url.URL, query url.Values) string {
	mode := tlsPreferred
	if c.Net == "unix" {
		mode = tlsOff
	}
	modes := map[string]string{"REQUIRED": tlsSkip, "VERIFY_CA": tlsVerifyCA, "VERIFY_IDENTITY": tlsVerify, "DISABLED": tlsOff, "PREFERRED": tlsPreferred}
	value := query.Get("tls")
	switch {
	case query.Has("tls") && query.Has("ssl-mode"):
		return "has both tls and ssl-mode; leave one out"
	case query.Has("tls"):
		if !slices.Contains([]string{tlsVerify, tlsSkip, tlsPreferred, tlsOff}, value) {
			return fmt.Sprintf("tls %q is none of true, skip-verify, preferred and false", value)
		}
		mode = value
	case query.Has("ssl-mode"):
		var known bool
		if mode, known = modes[strings.ToUpper(query.Get("ssl-mode"))]; !known {
			return fmt.Sprintf("ssl-mode %q is none of REQUIRED, VERIFY_CA, VERIFY_IDENTITY, PREFERRED and DISABLED", query.Get("ssl-mode"))
		}
	case query.Has("ssl-ca"): // as the programs of MySQL do
		mode = tlsVerifyCA
	}
	if c.Net == "unix" && mode != tlsOff {
		return "TLS is for a host, not for a socket"
	}
	var roots *x509.CertPool // nil means those of the system
	if query.Has("ssl-ca") {
		if mode != tlsVerify && mode != tlsVerifyCA {
			return "ssl-ca needs tls=true, ssl-mode=VERIFY_IDENTITY or ssl-mode=VERIFY_CA"
		}
		pem, err := os.ReadFile(query.Get("ssl-ca"))
		if err != nil {
			return fmt.Sprintf("cannot read ssl-ca %s: %s", query.Get("ssl-ca"), cause(err))
		}
		if roots = x509.NewCertPool(); !roots.AppendCertsFromPEM(pem) {
			return fmt.Sprintf("ssl-ca %s has no certificate in PEM form", query.Get("ssl-ca"))
		}
	}
	switch mode {
	case tlsVerify:
		c.TLS = &tls.Config{RootCAs: roots} // the driver adds the host
	case tlsVerifyCA:
		c.TLS = &tls.Config{InsecureSkipVerify: true, VerifyConnection: func(s tls.ConnectionState) error { return verifyChain(s, roots) }}
	default:
		c.TLSConfig = mode
	}
	return ""
}

// verifyChain checks who signed the certificate of a server, not for which host.
func verifyChain(s tls.ConnectionState, roots *x509.CertPool) error {
	if len(s.PeerCertificates) == 0 {
		return errors.New("the server has no certificate")
	}
	o := x509.VerifyOptions{Roots: roots, Intermediates: x509.NewCertPool()}
	for _, c := range s.PeerCertificates[1:] {
		o.Intermediates.AddCert(c)
	}
	if _, err := s.PeerCertificates[0].Verify(o); err != nil {
		return &tls.CertificateVerificationError{UnverifiedCertificates: s.PeerCertificates, Err: err}
	}
	return nil
}
