#!/bin/sh
# The lab's own keeper of one process, called as OpenMLDB's bin/mon is: starts the command again when it fails, not when it ends well. Killed with
# SIGKILL it leaves its child behind; other signals stop both.
fail() {
  echo "Error: $1" >&2
  exit 1
}
command=
daemonize=
seconds=1
log=mon.log
own_pid_file=
child_pid_file=
self=$0
[ -n "${LAB_MON_DETACHED-}" ] || original=1
for argument in "$@"; do
  case ${expected-} in
  seconds) seconds=$argument ;;
  log) log=$argument ;;
  own) own_pid_file=$argument ;;
  child) child_pid_file=$argument ;;
  '')
    case $argument in
    -d | --daemonize) daemonize=1 ;;
    -s | --sleep) expected=seconds && continue ;;
    -l | --log) expected=log && continue ;;
    -m | --mon-pidfile) expected=own && continue ;;
    -p | --pidfile) expected=child && continue ;;
    -*) fail "unrecognized flag $argument" ;;
    *) command=$argument ;;
    esac
    ;;
  esac
  expected=
done
[ -n "$command" ] || fail "<cmd> required"

if [ -n "$daemonize" ] && [ -n "${original-}" ]; then
  LAB_MON_DETACHED=1
  export LAB_MON_DETACHED
  if command -v setsid >/dev/null; then
    setsid "$self" "$@" </dev/null >>"$log" 2>&1 &
  else
    "$self" "$@" </dev/null >>"$log" 2>&1 &
  fi
  exit 0
fi
unset LAB_MON_DETACHED

# 32 bytes, filled up with NUL, over what is there.
write_pid() { printf '%s' "$1" | dd of="$2" bs=32 count=1 conv=sync 2>/dev/null; }

child=
napping=
shut_down() {
  echo "mon : shutting down"
  [ -z "$child" ] || kill "$child" 2>/dev/null
  [ -z "$napping" ] || kill "$napping" 2>/dev/null
  exit 1
}
trap shut_down HUP INT QUIT TERM

[ -z "$own_pid_file" ] || write_pid $$ "$own_pid_file"
while :; do
  sh -c "exec $command" &
  child=$!
  echo "mon : pid $child"
  [ -z "$child_pid_file" ] || write_pid "$child" "$child_pid_file"
  status=0
  wait "$child" || status=$?
  child=
  [ "$status" -ne 0 ] || exit 0
  if [ "$status" -gt 128 ]; then echo "mon : signal($((status - 128)))"; else echo "mon : exit($status)"; fi
  echo "mon : sleep($seconds)"
  sleep "$seconds" &
  napping=$!
  wait "$napping"
  napping=
done
