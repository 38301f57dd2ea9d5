# The server's part of kit deploy: bash, as root, over the stdin and stdout of one ssh
# connection. Each line of stdin is a step, whose answer ends with a line that begins
# with the nonce and "ok" or "fail". The lock is held by this process, so that it is free
# when the connection ends; a step that has begun is brought to its end without one.
set -u
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C
trap '' HUP PIPE
umask 022
nonce=$1 app=$2 binary=$3 who=$4 action=$5 from=${6%% *}
root=/opt/$app etc=/etc/$app units=/etc/systemd/system run=/run/$app-deploy
log=$root/deploys.log lock=$root/deploy.lock
doing=check release= revision= locked= staging= reason= hint=

say() { printf '%s %s\n' "$nonce" "$*"; }
fact() { say "fact $1 ${2-}"; }
ok() { say ok; }
fail() { # CODE MESSAGE [HINT]
	[ -z "${3-}" ] || say "hint $3"
	say "fail $1 $2"
}

# record writes who did what, when, and how it ended.
record() { # OUTCOME DETAIL
	[ -n "$locked" ] || return 0
	local detail=${2//[^a-zA-Z0-9 .,:;@\/_()=+-]/ }
	printf '{"time":"%s","who":"%s","from":"%s","action":"%s","release":"%s","previous":"%s","revision":"%s","outcome":"%s","detail":"%s"}\n' \
		"$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$who" "$from" "$action" "$release" "$previous" "$revision" "$1" "${detail:0:300}" >>"$log"
}

current() { local to; to=$(readlink "$root/current") && [ -d "$root/$to" ] && echo "${to##*/}"; }
previous=$(current)

free() { df -Pk "$1" | awk 'NR == 2 { print $4 }'; }

step_check() {
	local at=/opt dir
	[ -d "$root" ] && at=$root
	[ -d "$at" ] || at=/
	fact machine "$(uname -m)"
	fact system "$(uname -s)"
	[ -d /run/systemd/system ] && fact systemd "$(systemctl --version | awk 'NR == 1 { print $2 }')"
	fact free "$(free "$at")"
	fact current "$previous"
	for dir in "$root"/releases/*/; do [ -d "$dir" ] && fact release "$(basename "$dir")"; done
	[ -e "$etc/env" ] && fact env "$(sed -nE 's/^[[:space:]]*(export )?([A-Za-z_][A-Za-z0-9_]*)=.+/\2/p' "$etc/env" | grep -v '^$' | tr '\n' ' ')"
	[ -e "$etc/env" ] && fact kept yes
	id -u "$app" >/dev/null 2>&1 && fact user "$app"
	command -v caddy >/dev/null && [ -d /etc/caddy ] && fact caddy yes
	local missing= program
	for program in systemctl flock sha256sum gzip journalctl systemd-sysusers; do
		command -v "$program" >/dev/null || missing="$missing $program"
	done
	[ -z "$missing" ] || fact missing "$missing"
	ok
}

step_lock() { # RELEASE REVISION
	release=$1 revision=$2
	mkdir -p "$root/releases" "$run" && chmod 700 "$run" || { fail 1 "$root cannot be made" "$(writable)"; return; }
	exec 9>>"$lock" || { fail 1 "$lock cannot be written"; return; }
	if ! flock -n 9; then
		fail 75 "somebody else deploys: $(head -c 200 "$lock")" "wait until that ends; the lock is free as soon as their connection is"
		return
	fi
	locked=yes
	printf '%s, pid %s, since %s UTC\n' "$who" "$$" "$(date -u '+%Y-%m-%d %H:%M:%S')" >"$lock"
	# What was left by those whose connection was lost.
	rm -rf "$root"/releases/.[!.]*
	previous=$(current)
	ok
}

writable() { echo "the file system must be writable, with room: df -h $root"; }

# no_room says what is wrong when a file could not be written.
no_room() {
	if [ "$(free "$root")" -lt 1024 ]; then
		fail 1 "no space is left on the server's $(df -P "$root" | awk 'NR == 2 { print $6 }')" "make room there, or keep fewer releases with --keep"
	else
		fail 1 "$1" "$(writable)"
	fi
}

# step_put takes a file of the new release: SIZE bytes, packed by gzip, follow the line.
step_put() { # NAME MODE SIZE SHA256
	staging=$root/releases/.$release
	local file=$staging/$1
	mkdir -p "$(dirname "$file")"
	dd bs=64K iflag=fullblock,count_bytes count="$3" status=none | { gzip -dc >"$file" 2>/dev/null; local rc=$?; cat >/dev/null; exit "$rc"; }
	local rc=$?
	if [ "$rc" != 0 ] || ! printf '%s  %s\n' "$4" "$file" | sha256sum -c --status 2>/dev/null; then
		no_room "$1 did not arrive as it was sent"
		return
	fi
	chmod "$2" "$file" && sync "$file" && ok || no_room "$1 could not be written"
}

# step_seal makes the new release from what has arrived.
step_seal() {
	printf '%s\n' "$revision" >"$staging/deploy/revision" && mv -T "$staging" "$root/releases/$release" || { no_room "the release could not be made"; return; }
	staging=
	ok
}

# step_setup makes the user, the directories and the file of secrets, where they are not
# there yet.
step_setup() {
	local d=$root/releases/$release/deploy
	mkdir -p "$etc" || { fail 1 "$etc cannot be made"; return; }
	if ! id -u "$app" >/dev/null 2>&1; then
		install -D -m 644 "$d/sysusers.conf" "/etc/sysusers.d/$app.conf" && systemd-sysusers "/etc/sysusers.d/$app.conf" >/dev/null || { fail 1 "the user $app cannot be made"; return; }
	fi
	if [ -e "$d/env" ]; then
		[ -e "$etc/env" ] || { install -m 600 "$d/env" "$etc/.env.new" && mv -n "$etc/.env.new" "$etc/env"; } || { fail 1 "$etc/env cannot be written"; return; }
		rm -f "$d/env"
	fi
	[ -e "$etc/settings" ] || install -m 644 "$d/settings" "$etc/settings" || { fail 1 "$etc/settings cannot be written"; return; }
	ok
}

# as_service runs a program of a release as the service would run: with its user, its
# variables and its limits, which are those of the unit and of what was added to it by
# systemctl edit. What it writes is in $run/output.
as_service() { # RELEASE PROGRAM ARGS...
	local d=$root/releases/$1/deploy unit=$app-deploy.service dropin new=$run/unit
	shift
	local keys='^(Type|Exec[A-Za-z]*|Restart[A-Za-z]*|NotifyAccess|WatchdogSec|TimeoutStartSec|Standard[A-Za-z]*|Requires|Wants|After|Description|StartLimit[A-Za-z]*)='
	{
		# The settings are this release's, and not those of the one that serves.
		sed -E -e "/$keys/d" -e "\#^EnvironmentFile=$etc/settings\$#d" -e '/^\[Install\]/,$d' "$d/units/$app.service"
		for dropin in "$units/$app.service.d"/*.conf; do [ -e "$dropin" ] && { echo; sed -E -e "/$keys/d" "$dropin"; }; done
		printf '\n[Unit]\nDescription=%s: a step of a deployment\n\n[Service]\nType=oneshot\nExecStart=%s\nEnvironmentFile=%s\nEnvironmentFile=%s\nStandardOutput=file:%s\nStandardError=file:%s\n' \
			"$binary" "$*" "$d/settings" "$etc/env" "$run/output" "$run/output"
	} >"$new" || return 1
	if ! cmp -s "$new" "/run/systemd/system/$unit"; then
		mkdir -p /run/systemd/system && cp "$new" "/run/systemd/system/$unit" && systemctl daemon-reload || return 1
	fi
	rm -f "$run/output"
	systemctl start "$unit" 2>"$run/systemctl"
	local rc=$?
	[ "$rc" = 0 ] || rc=$(systemctl show -p ExecMainStatus --value "$unit")
	[ -s "$run/output" ] || [ "$rc" = 0 ] || journalctl -q -o cat -u "$unit" -n 5 >"$run/output"
	systemctl reset-failed "$unit" 2>/dev/null
	return "$rc"
}

# step_run runs a command of a release's binary.
step_run() { # RELEASE ARGS...
	local of=$1 rc
	shift
	as_service "$of" "$root/releases/$of/$binary" "$@"
	rc=$?
	tail -c 64K "$run/output" 2>/dev/null
	echo
	if [ "$rc" = 0 ]; then ok; else fail "$rc" "$binary $1 failed with exit code $rc"; fi
}

# step_hook runs a program that came with the release.
step_hook() { # NAME
	local rc
	as_service "$release" "$root/releases/$release/deploy/hooks/$1" "$release" "$previous"
	rc=$?
	tail -c 16K "$run/output" 2>/dev/null
	echo
	if [ "$rc" = 0 ]; then ok; else fail 1 "deploy/hooks/$1 failed with exit code $rc"; fi
}

# remember keeps the units of a release that was installed by hand beside it, for the way
# back.
remember() { # RELEASE
	local d=$root/releases/$1/deploy f
	[ -d "$d/units" ] && return
	mkdir -p "$d/units"
	for f in "$units/$app.socket" "$units/$app.service" "$units/$app"-*.service; do [ -e "$f" ] && cp "$f" "$d/units/"; done
	cp "$etc/settings" "$d/settings" 2>/dev/null
}

# switch makes a release the current one, with its units and settings.
switch() { # RELEASE
	local d=$root/releases/$1/deploy f n changed= socket=
	for f in "$d"/units/*; do
		n=${f##*/}
		cmp -s "$f" "$units/$n" && continue
		[ "$n" != "$app.socket" ] || socket=changed
		install -m 644 "$f" "$units/.$n.new" && mv -fT "$units/.$n.new" "$units/$n" || { reason="$units/$n cannot be written"; return 1; }
		changed=yes
	done
	for n in "$app.socket" "$app-scheduler.service" "$app-migrate.service"; do
		if [ -e "$units/$n" ] && [ ! -e "$d/units/$n" ]; then
			systemctl -q disable --now "$n" 2>/dev/null
			rm -f "$units/$n"
			changed=yes
		fi
	done
	if ! cmp -s "$d/settings" "$etc/settings"; then
		install -m 644 "$d/settings" "$etc/.settings.new" && mv -fT "$etc/.settings.new" "$etc/settings" || { reason="$etc/settings cannot be written"; return 1; }
	fi
	ln -sfn "releases/$1" "$root/.current" && mv -fT "$root/.current" "$root/current" || { reason="$root/current cannot be set"; return 1; }
	[ -z "$changed" ] || systemctl daemon-reload || { reason="systemctl daemon-reload failed"; return 1; }
	if [ "$socket" = changed ] && systemctl -q is-active "$app.socket"; then
		# It is another address: systemd opens it when nobody has the old one.
		systemctl stop "$app.socket" "$app.service"
	fi
}

# why_not_socket says why the socket does not open.
why_not_socket() {
	local address port
	address=$(sed -n 's/^ListenStream=//p' "$units/$app.socket" | head -n 1)
	port=${address##*:}
	reason="the socket $address cannot be opened"
	if command -v ss >/dev/null && [ -n "$(ss -Hltn "sport = :$port")" ]; then
		reason="port $port is in use on the server by $(ss -Hltnp "sport = :$port" | sed -nE 's/.*users:[(][(]"([^"]+)".*/\1/p' | head -n 1)"
		hint="stop that program, or set SERVER_PORT to another port"
	fi
}

# begin starts the release that is the current one, on the socket that stays open.
begin() { # RELEASE
	local d=$root/releases/$1/deploy n
	systemctl reset-failed "$app.service" "$app.socket" 2>/dev/null
	if [ -e "$d/units/$app.socket" ]; then
		systemctl -q enable "$app.socket" 2>/dev/null
		systemctl start "$app.socket" 2>/dev/null || { why_not_socket; return 1; }
	fi
	systemctl -q enable "$app.service" 2>/dev/null
	timeout "$stopping" systemctl restart "$app.service" 2>/dev/null || { reason="it does not start$(result)"; return 1; }
}

# result is how the process ended.
result() {
	local code
	code=$(systemctl show -p ExecMainStatus --value "$app.service")
	[ "${code:-0}" = 0 ] || echo " (exit code $code)"
}

# ended reports that the process does not run any more, or is not the first.
ended() {
	local state
	state=$(systemctl show -p ActiveState -p SubState -p NRestarts "$1" | tr '\n' ' ')
	case $state in *ActiveState=failed* | *SubState=auto-restart* | *ActiveState=inactive*) return 0 ;; *"NRestarts=0 "*) return 1 ;; *) return 0 ;; esac
}

# ready waits until the release answers that it is ready.
ready() { # RELEASE SECONDS
	local until=$((SECONDS + $2)) n what=--ready
	while :; do
		if ended "$app.service"; then reason="it ends after its start$(result)"; return 1; fi
		# shellcheck disable=SC2086
		as_service "$1" "$root/releases/$1/$binary" health $what --timeout 5s && break
		[ "$?" != 2 ] || what= # a release from before that flag
		if [ "$SECONDS" -ge "$until" ]; then
			reason="it is not ready after $2 s: $(tail -n 1 "$run/output" 2>/dev/null)"
			return 1
		fi
		sleep 0.5
	done
	n=$app-scheduler.service
	[ -e "$root/releases/$1/deploy/units/$n" ] || return 0
	systemctl -q enable "$n" 2>/dev/null
	systemctl reset-failed "$n" 2>/dev/null
	timeout "$stopping" systemctl restart "$n" 2>/dev/null || { reason="the scheduler does not start"; return 1; }
	sleep 1
	if ended "$n"; then reason="the scheduler ends after its start"; return 1; fi
}

# step_activate lets a release serve, or the one that did. It is one step: it comes to
# its end when the connection does not last.
step_activate() { # RELEASE READY_SECONDS STOP_SECONDS
	local new=$1 old=$previous since why advice
	stopping=$(($3 + $2))
	doing=activate
	since=$(date '+%Y-%m-%d %H:%M:%S')
	release=$new
	[ -z "$old" ] || remember "$old"
	reason= hint=
	if switch "$new" && begin "$new" && ready "$new" "$2"; then
		doing=finish
		record ok ""
		ok
		return
	fi
	why=$reason advice=$hint
	journalctl -q -o cat --since "$since" -u "$app.service" -u "$app-scheduler.service" -n 12 2>/dev/null
	if [ -z "$old" ] || [ "$old" = "$new" ]; then
		if [ -z "$old" ]; then
			systemctl -q disable --now "$app.socket" "$app.service" "$app-scheduler.service" 2>/dev/null
			rm -f "$root/current"
		fi
		record failed "$why"
		fail 1 "release $new does not serve: $why" "${advice:-nothing was there before it; the last lines of its log are above}"
	elif switch "$old" && begin "$old" && ready "$old" "$2"; then
		record "went back" "$why"
		fail 1 "release $new does not serve: $why" "${advice:+$advice; }release $old serves, as before"
	else
		record failed "$why; and $old: $reason"
		fail 1 "release $new does not serve: $why; and $old does not start again: $reason" "look at it on the server: journalctl -u $app"
	fi
	doing=failed
}

# step_caddy puts the application behind Caddy.
step_caddy() {
	local d=$root/releases/$release/deploy file=/etc/caddy/$app.caddy main=/etc/caddy/Caddyfile
	cp "$d/Caddyfile" "$run/caddy.new" || { fail 1 "the Caddyfile cannot be copied"; return; }
	cmp -s "$run/caddy.new" "$file" && grep -qxF "import $file" "$main" && systemctl -q is-active caddy && { ok; return; }
	rm -f "$run/caddy.old" "$run/main.old"
	[ -e "$file" ] && cp -p "$file" "$run/caddy.old"
	cp -p "$main" "$run/main.old" 2>/dev/null || : >"$run/main.old"
	install -m 644 "$run/caddy.new" "$file"
	grep -qxF "import $file" "$main" 2>/dev/null || printf '\nimport %s\n' "$file" >>"$main"
	if ! caddy validate --adapter caddyfile --config "$main" >"$run/output" 2>&1; then
		if [ -e "$run/caddy.old" ]; then cp -p "$run/caddy.old" "$file"; else rm -f "$file"; fi
		cat "$run/main.old" >"$main"
		tail -n 3 "$run/output"
		fail 1 "Caddy does not take $file; its files are as before" "look at $main on the server"
		return
	fi
	systemctl reload-or-restart caddy || { fail 1 "Caddy cannot be reloaded" "systemctl status caddy"; return; }
	ok
}

# step_prune removes all but the newest releases, the current and the former one.
step_prune() { # KEEP
	local dir n keep=$1 now
	now=$(current)
	ls -1r "$root/releases" | tail -n "+$((keep + 1))" | while read -r n; do
		dir=$root/releases/$n
		[ "$n" = "$now" ] || [ "$n" = "$previous" ] || { rm -rf "$dir" && say "fact removed $n"; }
	done
	ok
}

# step_list tells the releases and the last deployments.
step_list() {
	local dir n
	for dir in "$root"/releases/*/; do
		[ -d "$dir" ] || continue
		n=$(basename "$dir")
		fact listed "$n $(head -n 1 "$dir/deploy/revision" 2>/dev/null)"
	done
	[ -e "$log" ] && tail -n 20 "$log" | while read -r n; do fact logged "$n"; done
	ok
}

# step_note is a failure that the other side has seen.
step_note() { # DETAIL
	record failed "${*//_/ }"
	doing=failed
	ok
}

fact user_is "$(id -un)"
say ok
while read -r -t 90 step args; do
	case $step in
	beat) ;;
	check | lock | put | seal | setup | run | hook | activate | caddy | prune | list | note)
		case $doing in activate | finish | failed) ;; *) doing=$step ;; esac
		# shellcheck disable=SC2086
		"step_$step" $args
		;;
	end) doing=ended; ok; break ;;
	*) fail 2 "the step $step is not known" ;;
	esac
done
case $doing in
ended | failed | finish) ;;
*) record "cut" "the connection was lost during $doing" ;;
esac
[ -z "$staging" ] || rm -rf "$staging"
# A release that never served.
if [ -n "$locked" ] && [ "$action" = deploy ] && [ "$(current)" != "$release" ] && [ -n "$release" ]; then rm -rf "${root:?}/releases/$release"; fi
[ -z "$locked" ] || : >"$lock"
