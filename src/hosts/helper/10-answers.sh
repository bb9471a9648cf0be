# The part of Stillwater that runs on a host: POSIX sh (dash, busybox, bash). docs/hosts.md describes its frames.
# It answers requests from standard input one after another, and ends when standard input ends.
# Full-line comments are cut before it is sent.
#
# An effect proves its fence and acts under one lock (file descriptor 9). Children of the helper inherit that descriptor on purpose:
# when the helper is killed in the middle, the lock stays held until the tool it had started has ended. Only the commands of
# `run` and `detach` lose it, for a daemon that they leave behind would hold it for ever.
set -u
nl='
' tab='	'
had_locale=${LC_ALL+yes} locale=${LC_ALL-} mask=$(umask)
# Error texts are read here, and names are sorted: neither may depend on the language of the host.
LC_ALL=C
export LC_ALL
umask 077
# A trap, not an ignored signal: children get the default back.
trap : HUP INT TERM PIPE
limit_bytes=16777216
locked=

# The lock is given up before anything is said: whoever reads the answer may be frozen, and must not keep others out.
say() {
  unlock
  printf '%s %s %s %s 0\n%s' "$id" "$1" "$2" "${#3}" "$3"
}
answer() { say ok "${2:-0}" "$1"; }
# Nothing was done.
refuse() { say refused "$1" "$2"; }
# Something went wrong on the way; $3 is what it was if it was not a full disk.
trouble() {
  why=$(head -c 2000 "$tmp/err")
  case $why in
    *'No space left'* | *'Wrote only'* | *'quota exceeded'* | *'File too large'*) set -- "$1" "$2" SW3012 ;;
  esac
  say "$1" "$3" "$2${why:+: $why}"
}
# How far the descriptor $1 has come in its file, into $bytes. Fails where the system does not tell.
offset_of() { bytes='' && IFS=$tab read -r _ bytes <"/proc/$$/fdinfo/$1" && [ -n "$bytes" ]; } 2>/dev/null
# The whole text of the file $1 into $text, without a process: each one that is started lengthens an outage. Fails when a shell variable cannot hold it,
# and when it grows faster than it is read.
text_of() {
  text='' line=''
  exec 7<"$1"
  while IFS= read -r line <&7 && [ "${#text}" -lt 16384 ]; do text=$text$line$nl; done
  text=$text$line
  offset_of 7
  exec 7<&-
  [ "${#text}" = "$bytes" ]
}
# code out err: the answer of a command, which had descriptors 5 and 6 for what it printed and what it complained.
hand() {
  unlock
  length=
  if offset_of 5 && length=$bytes && offset_of 6; then length=$((length + bytes)); else length=; fi
  exec 5>&- 6>&-
  # Only a hint: who opens /dev/stderr anew writes at an offset of his own.
  if [ "${length:-8192}" -lt 8192 ] && text_of "$2" && out=$text && text_of "$3"; then
    printf '%s ok %s %s %s\n%s%s' "$id" "$1" "${#out}" "${#text}" "$out" "$text"
    return
  fi
  sizes=$(stat -c %s -- "$2" "$3")
  out_bytes=${sizes%%"$nl"*} err_bytes=${sizes##*"$nl"}
  if [ "$out_bytes" -gt "$limit_bytes" ] || [ "$err_bytes" -gt "$limit_bytes" ]; then
    say failed SW3004 "the command printed more than 16 MiB"
    return
  fi
  printf '%s ok %s %s %s\n' "$id" "$1" "$out_bytes" "$err_bytes"
  # Exactly that many: a daemon that was left behind may still be writing.
  [ "$out_bytes" -eq 0 ] || head -c "$out_bytes" <"$2"
  [ "$err_bytes" -eq 0 ] || head -c "$err_bytes" <"$3"
}
# Descriptors 5 and 6 for `hand`, onto empty files.
catch() { exec 5>"$1" 6>"$2"; }

# The sha256 of the file $1 into $sum.
sum_of() { sum=$(sha256sum <"$1") && sum=${sum%% *} && [ -n "$sum" ]; }
digest() { sum_of "$1" && printf %s "$sum"; }
# Sets $kind. A path that may not be looked at is not absent: that is refused.
presence() {
  if [ -L "$1" ]; then kind=link
  elif [ -f "$1" ]; then kind=file
  elif [ -d "$1" ]; then kind=directory
  elif [ -e "$1" ]; then kind=other
  else
    kind=absent up=$1
    until [ -e "$up" ] || [ -L "$up" ] || [ "$up" = / ]; do up=${up%/*} up=${up:-/}; done
    if [ -d "$up" ] && ! [ -x "$up" ]; then
      refuse SW3005 "$1 may not be looked at: no permission on $up"
      return 1
    fi
  fi
}
# Sets $part: a name beside $1, for what is not complete yet. Under the lock only, where nobody else can be at it.
beside() {
  part=${1%/*}/.${1##*/}.sw-
  for left in "$part"*; do
    if [ -e "$left" ] || [ -L "$left" ]; then rm -rf -- "$left"; fi
  done
  part=${part}part
}
flush() { sync -- "$@" 2>"$tmp/err"; }
# Sets $ticks, $group, $parent and $running of the process $1.
identity() {
  about=
  { while IFS= read -r line; do about=$about$nl$line; done <"/proc/$1/stat"; } 2>/dev/null
  about=${about##*) }
  [ -n "$about" ] || return 1
  # shellcheck disable=SC2086
  set -- $about
  running=$1 parent=$2 group=$3 ticks=${20}
}
free_bytes() {
  up=$1
  until [ -e "$up" ] || [ "$up" = / ]; do up=${up%/*} up=${up:-/}; done
  free=$(stat -f -c '%a %S' -- "$up" 2>"$tmp/err") && free=$((${free% *} * ${free#* }))
}
