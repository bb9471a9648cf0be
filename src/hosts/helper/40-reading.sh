# Reading files.
# Code 1: absent.
v_read() {
  presence "$1" || return
  if [ "$kind" = link ] && ! [ -e "$1" ]; then kind=absent; fi
  if [ "$kind" = absent ]; then answer '' 1; return; fi
  if [ -d "$1" ]; then refuse SW3005 "$1 is a directory"; return; fi
  catch "$tmp/out" "$tmp/err"
  if ! head -c $((limit_bytes + 1)) <"$1" 2>&6 >&5; then trouble refused "$1 cannot be read" SW3005; return; fi
  if offset_of 5 && [ "$bytes" -gt "$limit_bytes" ]; then refuse SW3005 "$1 is larger than 16 MiB"; return; fi
  hand 0 "$tmp/out" "$tmp/err"
}
v_stat() {
  presence "$1" || return
  case $kind in
    absent) answer absent ;;
    link) about=$(readlink -- "$1" && echo .) && answer "link ${about%"$nl".}" ;;
    other) refuse SW3005 "$1 is neither a file nor a directory nor a link" ;;
    *) if about=$(stat -c '%s %a %Y' -- "$1" 2>"$tmp/err"); then answer "$kind $about"; else trouble refused "$1 cannot be looked at" SW3005; fi ;;
  esac
}
v_list() {
  presence "$1" || return
  if ! [ -d "$1" ]; then refuse SW3005 "$1 is not a directory"; return; fi
  if ! [ -r "$1" ] || ! [ -x "$1" ]; then refuse SW3005 "$1 may not be listed"; return; fi
  catch "$tmp/out" "$tmp/err"
  for found in "$1"/* "$1"/.*; do
    name=${found##*/}
    case $name in . | ..) continue ;; esac
    if [ -e "$found" ] || [ -L "$found" ]; then printf '%s\0' "$name"; fi
  done >&5
  hand 0 "$tmp/out" "$tmp/err"
}
tree_text() (
  cd -- "$1" || exit
  for type in d f l; do
    find . -mindepth 1 -type "$type" -print0 >"$tmp/list" || exit
    sort -z <"$tmp/list" >"$tmp/sorted" || exit
    printf '%s\n' "$type"
    [ -s "$tmp/sorted" ] || continue
    cat "$tmp/sorted"
    # shellcheck disable=SC2016
    case $type in
      l) xargs -0 sh -c 'for l do readlink "$l" || exit; printf "\0"; done' sh <"$tmp/sorted" || exit ;;
      *) xargs -0 stat -c %a <"$tmp/sorted" || exit ;;
    esac
    if [ "$type" = f ]; then
      xargs -0 sha256sum <"$tmp/sorted" >"$tmp/list" || exit
      sed 's/^\\//; s/ .*//' "$tmp/list"
    fi
  done
)
# Prints the digest of whatever $1 is.
whole_digest() {
  if [ -L "$1" ]; then readlink -- "$1" >"$tmp/tree"
  elif [ -d "$1" ]; then tree_text "$1" >"$tmp/tree"
  else digest "$1"; return; fi && digest "$tmp/tree"
}
v_sha256() {
  presence "$1" || return
  if [ "$kind" = absent ]; then answer '' 1; return; fi
  if [ "$kind" = other ]; then refuse SW3005 "$1 is neither a file nor a directory nor a link"; return; fi
  # Of a link: what it leads to.
  if [ "$kind" = link ]; then set -- "$(readlink -f -- "$1")"; fi
  if sum=$(whole_digest "$1" 2>"$tmp/err"); then answer "$sum"; else trouble refused "$1 cannot be read" SW3005; fi
}
v_free() { if free_bytes "$1"; then answer "$free"; else trouble refused "the file system of $1 cannot be looked at" SW3005; fi; }
