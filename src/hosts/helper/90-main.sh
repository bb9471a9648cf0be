# The first request, and the loop.

# cluster state-directory: what every later request needs.
v_hello() {
  for tool in flock tar sha256sum timeout stat find sort xargs cat head tail cp mv rm mkdir mktemp chmod chown ln readlink base64 sync setsid date sed tr od; do
    if ! command -v "$tool" >/dev/null; then refuse SW3002 "$tool is missing"; exit 0; fi
  done
  sw_timeout=$(command -v timeout) sw_flock=$(command -v flock) sw_setsid=$(command -v setsid) sw_sh=$(command -v sh)
  if ! "$sw_timeout" -k 1 5 true 2>/dev/null; then refuse SW3002 "timeout does not know -k"; exit 0; fi
  fractions=
  if "$sw_timeout" -k 1 0.9 true 2>/dev/null; then fractions=yes; fi
  # Of the GNU tool it is known that it leaves nothing behind.
  lingers=yes
  case $("$sw_timeout" --version 2>/dev/null) in *GNU*) lingers= ;; esac
  sw_forks=
  if "$sw_setsid" --fork true 2>/dev/null; then sw_forks=yes; fi
  identity $$ || { refuse SW3002 "/proc is missing"; exit 0; }
  own_group=$group
  state=${2%/}
  if ! mkdir -p -- "$state" 2>/dev/null || ! [ -w "$state" ] || ! [ -x "$state" ]; then
    refuse SW3005 "the state directory $state cannot be written"
    exit 0
  fi
  record=$state/$1.record lock=$state/$1.lock sw_busy=$state/$1.busy detached=$state/$1.detached unpacked=$state/$1.unpacked
  if ! { : >>"$lock"; } 2>/dev/null; then refuse SW3005 "$lock cannot be written"; exit 0; fi
  make_tmp || { refuse SW3005 "no temporary directory can be made"; exit 0; }
  answer "$$ $ticks ${fractions:-no}"
}
# In memory if possible: a full disk must not keep people from looking.
make_tmp() {
  for base in /dev/shm /tmp "$state"; do
    for left in "$base"/stillwater-helper.*.*.*; do
      name=${left##*/stillwater-helper.}
      pid=${name%%.*} born=${name#*.} born=${born%%.*}
      # Left by a helper that was killed.
      if [ -O "$left" ] && [ -d "$left" ] && ! { identity "$pid" && [ "$ticks" = "$born" ]; }; then rm -rf -- "$left"; fi
    done
    identity $$
    tmp=$(mktemp -d "$base/stillwater-helper.$$.$ticks.XXXXXX" 2>/dev/null) && break
  done
  [ -n "$tmp" ] && trap 'rm -rf -- "$tmp"' EXIT
}
# One value into $value. A broken frame ends the helper before anything is done.
take() {
  IFS= read -r value || exit 0
  case $value in
    =*) value=${value#=} ;;
    @*) eval "value=\$kept_${value#@}" ;;
    *)
      more=${value%% *} keep=${value#"${value%% *}"}
      IFS= read -r value || exit 0
      while [ "$more" -gt 0 ]; do
        IFS= read -r line || exit 0
        value=$value$nl$line
        more=$((more - 1))
      done
      [ -z "$keep" ] || eval "kept_${keep# }=\$value"
      ;;
  esac
}
# Standard input of a command, or content of a file: base64 lines into $input.
take_body() {
  input=$tmp/input
  {
    # Even when nobody takes them any more, the lines must be read, or the next would be taken for a request.
    trap '' PIPE
    while [ "$lines" -gt 0 ]; do
      IFS= read -r line || exit 0
      printf '%s\n' "$line"
      lines=$((lines - 1))
    done 2>/dev/null
  } | base64 -d >"$input" 2>"$tmp/err"
}

echo 'stillwater-helper 1'
tmp='' patience=10
while IFS=' ' read -r id verb values lines; do
  set --
  while [ "$values" -gt 0 ]; do
    take
    set -- "$@" "$value"
    values=$((values - 1))
  done
  input=/dev/null
  kept=yes
  if [ "$lines" -gt 0 ] && ! take_body; then kept=; fi
  # A frame that was cut short, in its content too, must not be acted on.
  IFS= read -r line && [ "$line" = end ] || exit 0
  if [ -z "$kept" ]; then
    trouble refused "what was sent cannot be kept on the host" SW3005
    continue
  fi
  case $verb in
    hello | record | claim | attach | release | query | read | stat | list | sha256 | process | detached | free) "v_$verb" "$@" ;;
    renew | run | detach | write | remove | mkdir | stage | receive | place | unpack | swap | backup | restore)
      if enter "$1" "$2" "$3" "$4"; then
        shift 4
        # What is received gets its name later, under the lock; meanwhile others may act.
        if [ "$verb" = receive ]; then unlock; fi
        "v_$verb" "$@"
        unlock
      elif [ "$verb" = receive ]; then
        # The content that follows is not a request.
        cat >/dev/null
        exit 0
      fi
      ;;
    *) refuse SW3002 "the request $verb is not known here" ;;
  esac
done
