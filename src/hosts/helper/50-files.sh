# Changing single files.
# path mode expected: "-" for no mode and for no comparison.
v_write() {
  presence "$1" || return
  if [ "$kind" = link ]; then
    # The file behind a link is replaced, not the link.
    at=$(readlink -f -- "$1") || { refuse SW3005 "$1 is a link that leads nowhere"; return; }
    shift
    set -- "$at" "$@"
    presence "$1" || return
  fi
  was=absent
  case $kind in
    absent) ;;
    file)
      sum_of "$1" 2>"$tmp/err" || { trouble refused "$1 cannot be read" SW3005; return; }
      was=$sum
      ;;
    *) refuse SW3005 "$1 is not a file"; return ;;
  esac
  sum_of "$input"
  if [ "$was" = "$sum" ]; then
    # A repeated write whose answer was lost.
    if [ "$2" != - ] && ! chmod "$2" -- "$1" 2>"$tmp/err"; then trouble refused "the mode of $1 cannot be set" SW3005; else answer ''; fi
    return
  fi
  if [ "$3" != - ] && [ "$3" != "$was" ]; then
    refuse SW3011 "$1 is not what was expected: its sha256 is $was, not $3"
    return
  fi
  beside "$1"
  if { cat "$input" >"$part" && like "$1" "$2" && sync -- "$part" && mv -f -T -- "$part" "$1"; } 2>"$tmp/err"; then
    flush "${1%/*}/"
    answer ''
  else
    rm -f -- "$part"
    trouble refused "$1 cannot be written" SW3005
  fi
}
# Gives $part the owner and the mode of the file that it replaces.
like() {
  mode=$2
  if [ "$kind" = file ]; then
    both=$(stat -c '%a %u:%g' -- "$1" "$part") || return 1
    was_mode=${both%% *} owner=${both%"$nl"*} owner=${owner#* }
    [ "$mode" != - ] || mode=$was_mode
    # A service that cannot read its file any more would notice at its next start.
    [ "${both##* }" = "$owner" ] || chown "$owner" -- "$part" || return 1
  fi
  [ "$mode" = - ] || chmod "$mode" -- "$part"
}
v_remove() {
  presence "$1" || return
  case $kind in
    file | link) if rm -f -- "$1" 2>"$tmp/err"; then answer ''; else trouble refused "$1 cannot be removed" SW3005; fi ;;
    absent) answer '' ;;
    *) refuse SW3005 "$1 is not a file" ;;
  esac
}
v_mkdir() {
  made=yes
  [ ! -d "$1" ] || made=
  if ! (umask 022 && mkdir -p -- "$1") 2>"$tmp/err"; then trouble refused "$1 cannot be made" SW3005
  elif { [ -n "$made" ] || [ "$2" != - ]; } && ! chmod "$([ "$2" = - ] && echo 0755 || echo "$2")" -- "$1" 2>"$tmp/err"; then
    trouble failed "the mode of $1 cannot be set" SW3005
  else answer ''; fi
}
# path sha256 bytes: is it there already, and is there room for it?
v_stage() {
  presence "$1" || return
  if [ "$kind" = file ] && [ "$(digest "$1" 2>"$tmp/err")" = "$2" ]; then answer there; return; fi
  if [ "$kind" = directory ] || [ "$kind" = other ]; then refuse SW3005 "$1 is not a file"; return; fi
  if ! [ -d "${1%/*}/" ]; then refuse SW3005 "the directory of $1 is not there"; return; fi
  beside "$1"
  free_bytes "${1%/*}" || { trouble refused "the file system of $1 cannot be looked at" SW3005; return; }
  if [ "$free" -lt "$3" ]; then refuse SW3012 "$1 needs $3 bytes, $free are free"; return; fi
  answer send
}
# part sha256: everything that still comes on standard input. Its end ends the helper.
v_receive() {
  if ! { cat >"$1" && sync -- "$1"; } 2>"$tmp/err"; then
    rm -f -- "$1"
    cat >/dev/null
    trouble refused "$1 cannot be written" SW3005
  elif [ "$(digest "$1")" != "$2" ]; then
    rm -f -- "$1"
    refuse SW3013 "what arrived does not have the sha256 $2"
  else answer ''; fi
  exit 0
}
# part path
v_place() {
  if chmod 0644 -- "$1" 2>"$tmp/err" && mv -f -T -- "$1" "$2" 2>"$tmp/err"; then
    flush "${2%/*}/"
    answer ''
  else trouble failed "$2 cannot be put in place" SW3005; fi
}
