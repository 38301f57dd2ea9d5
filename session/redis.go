package session

import (
	"context"
	"fmt"
	"strconv"
	"time"
)

// Redis is a [Store] in Redis, which forgets sessions by itself. Its keys have a hash of
// the token. Create it with [NewRedis].
type Redis struct {
	scripts Scripts
	prefix  string
}

// Scripts runs Lua scripts in Redis, each about one key, such as the client of package
// redis. A script returns a list of texts.
type Scripts interface {
	Eval(ctx context.Context, script, key string, args ...string) ([]string, error)
}

// NewRedis returns a Store in Redis whose keys begin with prefix, such as shop:session:.
func NewRedis(s Scripts, prefix string) *Redis { return &Redis{s, prefix} }

const (
	loadScript = `local v = redis.call('HMGET', KEYS[1], 'data', 'version')
if not v[1] then return {} end
if ARGV[1] ~= '' then redis.call('PEXPIREAT', KEYS[1], ARGV[1]) end
return {v[1], v[2], tostring(redis.call('PTTL', KEYS[1]))}`

	// The version is checked: 0 means that there must be none.
	saveScript = `local version = redis.call('HGET', KEYS[1], 'version') or '0'
if version ~= ARGV[1] then return {'conflict'} end
redis.call('HSET', KEYS[1], 'data', ARGV[2], 'version', tostring(tonumber(version) + 1))
redis.call('PEXPIREAT', KEYS[1], ARGV[3])
return {}`

	deleteScript = `if ARGV[1] ~= '0' and redis.call('HGET', KEYS[1], 'version') ~= ARGV[1] then return {'conflict'} end
redis.call('DEL', KEYS[1])
return {}`
)

func (s *Redis) key(token string) string { return s.prefix + hash(token) }

// Load returns the session of a token, and makes it last until then.
func (s *Redis) Load(ctx context.Context, token string, until time.Time) (Record, error) {
	if !looksLikeToken(token) {
		return Record{}, ErrNone
	}
	at := ""
	if !until.IsZero() {
		at = milliseconds(until)
	}
	v, err := s.scripts.Eval(ctx, loadScript, s.key(token), at)
	if err != nil {
		return Record{}, err
	}
	if len(v) != 3 {
		return Record{}, ErrNone
	}
	version, err := strconv.ParseInt(v[1], 10, 64)
	if err != nil {
		return Record{}, fmt.Errorf("the version in Redis: %w", err)
	}
	left, err := strconv.ParseInt(v[2], 10, 64)
	if err != nil {
		return Record{}, fmt.Errorf("the time to live in Redis: %w", err)
	}
	return Record{Data: []byte(v[0]), Version: version, Expires: time.Now().Add(time.Duration(left) * time.Millisecond)}, nil
}

// Save stores the session. To renew it, the old key is deleted first: so there are never
// two, on a cluster, too.
func (s *Redis) Save(ctx context.Context, token string, r Record, renew bool) (string, error) {
	if renew && token != "" {
		if err := s.Delete(ctx, token, r.Version); err != nil {
			return "", err
		}
		token = ""
	}
	if token == "" {
		token, r.Version = newToken(), 0
	}
	return token, s.call(ctx, saveScript, token, strconv.FormatInt(r.Version, 10), string(r.Data), milliseconds(r.Expires))
}

// Delete deletes the session.
func (s *Redis) Delete(ctx context.Context, token string, version int64) error {
	return s.call(ctx, deleteScript, token, strconv.FormatInt(version, 10))
}

func (s *Redis) call(ctx context.Context, script, token string, args ...string) error {
	v, err := s.scripts.Eval(ctx, script, s.key(token), args...)
	if err == nil && len(v) > 0 {
		return ErrConflict
	}
	return err
}

func milliseconds(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }
