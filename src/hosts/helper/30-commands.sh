# Commands, those that outlive the helper, and processes.
# timeout holds the lock as long as the command lives, even when the helper is killed; the command itself does not have it.
# shellcheck disable=SC2016
sw_inner='IFS= read -r s <"/proc/$$/stat"; s=${s##*) }; s=${s#* }; s=${s#* }; echo "${s%% *}" >>"$1"; shift; exec 9>&-; exec "$@"'
# The pid is on disk before the command is there, and the lock is given up only then (by flock -u, for the keeper has the descriptor too):
# whoever has the lock and sees no pid knows that nothing was started.
# shellcheck disable=SC2016
sw_starter='role=$1 home=$2 flock=$3 text=$4; shift 4
own() { IFS= read -r s <"/proc/$$/stat"; s=${s##*) }; for f in $s; do n=$((${n:-0} + 1)); [ "$n" -ne 20 ] || printf "%s %s\n" "$$" "$f"; done; }
if [ "$role" = keeper ]; then
  own >"$home/keeper" || exit
  "$0" -c "$text" "$0" command "$home" "$flock" "$text" "$@" <"$home/input" >>"$home/output" 2>&1
  echo $? >"$home/exit"
  : >"$home/input"
else
  own >"$home/pid" || exit 125
  "$flock" -u 9
  exec 9>&-
  exec "$@"
fi'
# how seconds directory pairs [NAME=VALUE ...] argv: becomes the command. In a subshell only.
become() {
  sw_how=$1 sw_seconds=$2
  umask "$mask"
  if [ -n "$had_locale" ]; then LC_ALL=$locale; else unset LC_ALL; fi
  cd -- "${3:-/}" || exit 125
  sw_pairs=$4
  shift 4
  while [ "$sw_pairs" -gt 0 ]; do
    # shellcheck disable=SC2163
    export "$1"
    shift
    sw_pairs=$((sw_pairs - 1))
  done
  case $sw_how in
    query) exec "$sw_timeout" -k 5 "$sw_seconds" "$@" ;;
    run) exec "$sw_timeout" -k 5 "$sw_seconds" "$sw_sh" -c "$sw_inner" sh "$sw_busy" "$@" ;;
    detach)
      set -- "$sw_sh" -c "$sw_starter" "$sw_sh" keeper "$sw_home" "$sw_flock" "$sw_starter" "$@"
      # Without --fork the command would start with interrupts ignored, as every background command of a shell does.
      if [ -n "$sw_forks" ]; then exec "$sw_setsid" --fork "$@"; fi
      "$sw_setsid" "$@" &
      ;;
  esac
}
v_query() {
  catch "$tmp/out" "$tmp/err"
  (become query "$@") <"$input" >&5 2>&6 5>&- 6>&-
  hand $? "$tmp/out" "$tmp/err"
}
# Files of its own: a daemon that is left behind goes on writing to them, and must not write into the answer of a later request.
v_run() {
  catch "$tmp/out.$id" "$tmp/err.$id"
  (become run "$@") <"$input" >&5 2>&6 5>&- 6>&-
  hand $? "$tmp/out.$id" "$tmp/err.$id"
  if [ -s "$tmp/out.$id" ] || [ -s "$tmp/err.$id" ]; then rm -f -- "$tmp/out.$id" "$tmp/err.$id"; fi
}
# token directory pairs [NAME=VALUE ...] argv
v_detach() {
  sw_home=$detached/$1
  shift
  if [ -s "$sw_home/pid" ]; then answer ''; return; fi
  { rm -rf -- "$sw_home" && mkdir -p -- "$sw_home" && cat "$input" >"$sw_home/input"; } 2>"$tmp/err" || {
    trouble refused "$sw_home cannot be written" SW3005
    return
  }
  (become detach 0 "$@") </dev/null >/dev/null 2>>"$sw_home/output"
  exec 9>&-
  exec 9>>"$lock"
  waited=
  if "$sw_timeout" "$patience" flock 9; then waited=yes; fi
  if [ -s "$sw_home/pid" ]; then answer ''
  elif [ -z "$waited" ]; then say failed SW3003 "the command may or may not have been started: it has not said so within $patience s"
  else
    why=$(head -c 2000 "$sw_home/output")
    say failed SW3004 "the command was not started: $why"
  fi
}
alive() {
  [ -s "$1" ] && IFS=' ' read -r pid born <"$1" && identity "$pid" && [ "$ticks" = "$born" ] && [ "$running" != Z ]
}
v_detached() {
  home=$detached/$1
  presence "$home" || return
  if [ "$kind" != absent ] && ! [ -s "$home/pid" ]; then
    lock || return
    unlock
  fi
  if ! [ -s "$home/pid" ]; then is=absent
  elif [ -s "$home/exit" ]; then is=exited
  elif alive "$home/keeper" || alive "$home/pid"; then is=running
  # It may have ended between the two looks.
  elif [ -s "$home/exit" ]; then is=exited
  else is=vanished; fi
  catch "$tmp/out" "$tmp/err"
  case $is in
    exited) IFS= read -r code <"$home/exit" && is="$is $code" ;;
    running | vanished) IFS=' ' read -r pid born <"$home/pid" && is="$is $pid" ;;
  esac
  printf %s "$is" >&5
  [ "$is" = absent ] || tail -c 1048576 "$home/output" >&6
  hand 0 "$tmp/out" "$tmp/err"
}
v_process() {
  identity "$1" || { answer '' 1; return; }
  state="$ticks $running"
  exe=$(readlink -- "/proc/$1/exe" 2>/dev/null)
  words=$(tr '\0' ' ' <"/proc/$1/cmdline" 2>/dev/null)
  identity "$1" || { answer '' 1; return; }
  answer "$state$nl$exe$nl$words"
}
