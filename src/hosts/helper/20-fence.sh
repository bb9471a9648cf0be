# The host record, the lock, and the proof of a claim.
load() {
  r_store='' r_run='' r_epoch=0 r_connection=0 r_session=0 r_holder='' r_verb='' r_since=0 r_expires=0 r_end=
  [ -e "$record" ] || return 0
  while IFS=' ' read -r key rest; do
    case $key in
      stillwater-record) [ "$rest" = 1 ] || break ;;
      store) r_store=$rest ;; run) r_run=$rest ;; epoch) r_epoch=$rest ;;
      connection) r_connection=$rest ;; session) r_session=$rest ;;
      holder) r_holder=$rest ;; verb) r_verb=$rest ;; since) r_since=$rest ;; expires) r_expires=$rest ;;
      end) r_end=yes ;;
    esac
  done <"$record"
  [ -n "$r_end" ] && return 0
  # A damaged record read as an empty one would let a second Stillwater in.
  refuse SW3005 "the host record $record is damaged or of a newer release"
  return 1
}
shown() {
  printf 'stillwater-record 1\nstore %s\nrun %s\nepoch %s\nconnection %s\nsession %s\nholder %s\nverb %s\nsince %s\nexpires %s\nend\n' \
    "$r_store" "$r_run" "$r_epoch" "$r_connection" "$r_session" "$r_holder" "$r_verb" "$r_since" "$r_expires"
}
save() {
  if { shown >"$record.new"; } 2>"$tmp/err" && flush "$record.new" && mv -f -- "$record.new" "$record" 2>"$tmp/err"; then return 0; fi
  trouble refused "the host record $record cannot be written" SW3005
  return 1
}
lock() {
  exec 9>>"$lock"
  locked=yes
  if ! flock -n 9 && ! "$sw_timeout" "$patience" flock 9; then
    refuse SW3003 "an effect on this host has not ended: $lock is still held after $patience s; nothing was done"
    return 1
  fi
}
unlock() {
  [ -n "$locked" ] || return 0
  locked=
  # busybox: the watcher that its timeout leaves behind for up to a second would go on holding the descriptor.
  [ -z "$lingers" ] || flock -u 9
  exec 9>&-
}
# run epoch connection session: takes the lock and proves the claim.
enter() {
  lock || return 1
  load || return 1
  if [ "$r_run" != "$1" ] || [ "$r_epoch" -ne "$2" ] || [ "$r_expires" -eq 0 ] || [ "$r_connection" -gt "$3" ] ||
    { [ "$4" != any ] && [ "$r_session" -gt "$4" ]; }; then
    held=held
    [ "$r_expires" -ne 0 ] || held=released
    refuse SW3010 "run $1, epoch $2, connection $3.$4 is refused: run ${r_run:-none}, epoch $r_epoch, connection $r_connection.$r_session ${held} by ${r_holder:-nobody} is recorded"
    return 1
  fi
  if [ "$r_connection" -lt "$3" ]; then
    r_connection=$3
    save || return 1
  fi
  # Whom to stop when the claim's deadline has passed.
  printf '%s %s\n%s\n' "$1" "$2" "$own_group" >"$sw_busy"
}
v_record() { load && answer "now $(date +%s)$nl$(shown)$nl"; }
# store run epoch connection holder verb seconds take-over
v_claim() {
  lock || return
  if load; then
    now=$(date +%s)
    if [ -n "$r_store" ] && [ "$r_store" != "$1" ] && [ "$r_expires" -gt "$now" ] && [ "$8" != yes ]; then
      refuse SW2002 "now $now$nl$(shown)$nl"
    elif [ "$r_epoch" -gt "$3" ] || { [ "$r_epoch" -eq "$3" ] && { [ "$r_store" != "$1" ] || [ "$r_run" != "$2" ] || [ "$r_connection" -gt "$4" ]; }; }; then
      refuse SW3010 "epoch $3 is not above epoch $r_epoch that is recorded (run ${r_run:-none}, $r_holder)"
    else
      [ "$r_epoch" -eq "$3" ] || r_session=0 r_since=$now
      r_store=$1 r_run=$2 r_epoch=$3 r_connection=$4 r_session=$((r_session + 1)) r_holder=$5 r_verb=$6 r_expires=$((now + $7 + 1))
      # shellcheck disable=SC2119
      if save; then
        flush "$state"
        answer "now $now$nl$(shown)$nl"
      fi
    fi
  fi
  unlock
}
# run epoch connection stop: a new session of a claim. Its number goes into every frame, so what a lost connection still has on the way is refused.
v_attach() {
  if [ "$4" = stop ] && [ -s "$sw_busy" ] && exec 9>>"$lock" && ! flock -n 9; then
    signal=TERM
    while [ -n "$signal" ]; do
      { IFS=' ' read -r run epoch && [ "$run $epoch" = "$1 $2" ] && while read -r group; do
        [ "$group" = "$own_group" ] || kill -s "$signal" -- "-$group" 2>/dev/null
      done; } <"$sw_busy"
      if [ "$signal" = TERM ] && ! "$sw_timeout" 5 flock 9; then signal=KILL; else signal=; fi
    done
  fi
  exec 9>&-
  enter "$1" "$2" "$3" any || return
  r_session=$((r_session + 1))
  # shellcheck disable=SC2119
  if save; then answer "$r_session"; fi
  unlock
}
v_renew() {
  # One more, for the second that has begun: never early.
  r_expires=$(($(date +%s) + $1 + 1))
  # shellcheck disable=SC2119
  if save; then answer ''; fi
}
# run epoch: marks it free. The epoch stays, for epochs never fall.
v_release() {
  lock || return
  if load; then
    if [ "$r_run" != "$1" ] || [ "$r_epoch" -ne "$2" ]; then refuse SW3010 "run $1, epoch $2 does not hold this host any more"
    else
      r_expires=0
      # shellcheck disable=SC2119
      if save; then answer ''; fi
    fi
  fi
  unlock
}
