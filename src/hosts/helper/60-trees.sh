# Archives, directories that change places, copies that can be put back.

# archive directory, as $packed says.
extract() {
  case $packed in
    # In the C locale a name outside of ASCII would get another one.
    zip) LC_ALL=C.UTF-8 unzip -q -o "$1" -d "$2" ;;
    # shellcheck disable=SC2086
    *) tar -x $packed -o -f "$1" -C "$2" ;;
  esac
}
# archive directory: the directory appears complete or not at all.
v_unpack() {
  presence "$1" || return
  if ! [ -f "$1" ]; then refuse SW3005 "$1 is not a file"; return; fi
  sum=$(digest "$1" 2>"$tmp/err") || { trouble refused "$1 cannot be read" SW3005; return; }
  stamp=$unpacked/$(printf %s "$2" | sha256sum)
  stamp=${stamp%% *}
  presence "$2" || return
  if [ "$kind" != absent ]; then
    came=
    if [ -s "$stamp" ]; then IFS= read -r came <"$stamp"; fi
    if [ "$kind" = directory ] && [ "$came" = "$sum" ]; then answer ''
    else refuse SW3011 "$2 exists already, and was not unpacked from this archive"; fi
    return
  fi
  beside "$2"
  # Some builds of busybox do not look for themselves.
  case $(head -c 3 <"$1" | od -A n -t x1) in
    ' 1f 8b'*) packed=-z ;;
    ' 42 5a 68') packed=-j ;;
    ' fd 37 7a') packed=-J ;;
    ' 50 4b'*) packed=zip ;;
    *) packed= ;;
  esac
  # Not one of the tools that every host must have: most archives are tar.
  if [ "$packed" = zip ] && ! command -v unzip >/dev/null; then refuse SW3002 "unzip is missing, and $1 is a zip archive"; return; fi
  if ! { mkdir -p -- "$unpacked" && (umask 022 && mkdir -- "$part" && extract "$1" "$part"); } 2>"$tmp/err" </dev/null; then
    rm -rf -- "$part"
    trouble refused "$1 cannot be unpacked into $2" SW3004
    return
  fi
  if { printf '%s\n%s\n' "$sum" "$2" >"$stamp.new" && mv -f -- "$stamp.new" "$stamp" && sync -f -- "$part" && mv -T -- "$part" "$2"; } 2>"$tmp/err"; then
    flush "${2%/*}/"
    answer ''
  else
    rm -rf -- "$part"
    trouble refused "$2 cannot be put in place" SW3005
  fi
}

# Prints where the link leads.
target_of() { about=$(readlink -- "$1" && echo .) && printf %s "${about%"$nl".}"; }
# target name: a link appears under its name at once, or in one rename instead of what was there.
link_at() {
  if ! [ -e "$2" ] && ! [ -L "$2" ]; then ln -s -T -- "$1" "$2"; return; fi
  beside "$2" && ln -s -- "$1" "$part" && mv -f -T -- "$part" "$2"
}
# path replacement previous
v_swap() {
  presence "$1" && path_is=$kind && presence "$2" && replacement_is=$kind && presence "$3" && previous_is=$kind || return
  if [ "$path_is" = link ]; then
    swap_link "$1" "$2" "$3"
    return
  fi
  case $path_is/$replacement_is/$previous_is in
    other/* | */other/* | */*/other) refuse SW3005 "only files, directories and links can be swapped" ;;
    absent/absent/* | absent/*/absent) refuse SW3011 "$1 is not there" ;;
    */absent/absent) refuse SW3011 "$2 is not there" ;;
    # Done by an earlier call whose answer was lost.
    */absent/*) answer '' ;;
    absent/*) swap_second "$1" "$2" ;;
    */absent)
      devices=$(stat -c %d -- "$1" "$2" "${1%/*}/" "${2%/*}/" "${3%/*}/" 2>"$tmp/err") || { trouble refused "$3 cannot be made" SW3005; return; }
      for device in $devices; do
        if [ "$device" != "${devices%%"$nl"*}" ]; then refuse SW3005 "$1, $2 and $3 do not lie on one file system"; return; fi
      done
      if ! mv -T -- "$1" "$3" 2>"$tmp/err"; then trouble refused "$1 cannot be moved to $3" SW3005; return; fi
      swap_second "$1" "$2"
      ;;
    *) refuse SW3011 "$3 exists already" ;;
  esac
}
swap_second() {
  if mv -T -- "$2" "$1" 2>"$tmp/err"; then
    flush "${1%/*}/"
    answer ''
  else trouble failed "$2 cannot be moved to $1" SW3005; fi
}
swap_link() {
  was=$(target_of "$1") to=$2
  case $replacement_is in
    absent) refuse SW3011 "$2 is not there"; return ;;
    link) to=$(target_of "$2") ;;
  esac
  if [ "$was" = "$to" ]; then answer ''; return; fi
  case $previous_is in
    absent | link) ;;
    *) refuse SW3011 "$3 exists already and is not a link"; return ;;
  esac
  if { link_at "$was" "$3" && link_at "$to" "$1"; } 2>"$tmp/err"; then
    flush "${1%/*}/"
    answer ''
  else trouble failed "the link $1 cannot be replaced" SW3005; fi
}

# Reads the manifest of the copy $1 line by line into $number, $archive_sum, $sum and $source; the function $2 is called for each.
each_copy() {
  while IFS=' ' read -r number archive_sum sum source; do
    case $number in
      stillwater-backup) [ "$archive_sum" = 1 ] || return 1 ;;
      end) return 0 ;;
      *) "$2" "$1" || return 1 ;;
    esac
  done <"$1/manifest"
  return 1
}
note_source() { sources=$sources$source$nl; }
# directory sources
v_backup() {
  copy=$1
  shift
  presence "$copy" || return
  if [ "$kind" != absent ]; then
    sources=''
    if [ -f "$copy/manifest" ] && each_copy "$copy" note_source && [ "$sources" = "$(printf '%s\n' "$@")$nl" ]; then answer ''
    else refuse SW3011 "$copy exists already, and is not a complete copy of what was asked for"; fi
    return
  fi
  for source; do
    presence "$source" || return
    case $kind in absent | other) refuse SW3005 "$source is neither a file nor a directory nor a link"; return ;; esac
  done
  beside "$copy"
  keep=$part number=0
  mkdir -m 0700 -- "$keep" 2>"$tmp/err" || { trouble refused "$copy cannot be made" SW3005; return; }
  echo 'stillwater-backup 1' >"$keep/manifest" 2>"$tmp/err"
  for source; do
    copy_one || return
    number=$((number + 1))
  done
  if { echo end >>"$keep/manifest" && sync -- "$keep"/* && mv -T -- "$keep" "$copy"; } 2>"$tmp/err"; then
    flush "${copy%/*}/"
    answer ''
  else
    rm -rf -- "$keep"
    trouble refused "$copy cannot be written" SW3005
  fi
}
copy_one() {
  # Archives, for they keep modes, owners and times, and are 0600 themselves.
  if ! { sum=$(whole_digest "$source") && tar -c -f "$keep/$number.tar" -C "${source%/*}/" "./${source##*/}" &&
    archive_sum=$(digest "$keep/$number.tar") && again=$(whole_digest "$source") &&
    echo "$number $archive_sum $sum $source" >>"$keep/manifest"; } 2>"$tmp/err" </dev/null; then
    rm -rf -- "$keep"
    trouble refused "$source cannot be copied" SW3005
    return 1
  fi
  if [ "$sum" != "$again" ]; then
    rm -rf -- "$keep"
    refuse SW3013 "$source changed while it was copied"
    return 1
  fi
}
check_copy() { [ "$(digest "$1/$number.tar")" = "$archive_sum" ]; }
# Beside its place, and compared with what was copied, before anything is replaced.
extract_copy() {
  beside "$source"
  mkdir -- "$part" && tar -x -p -f "$1/$number.tar" -C "$part" && [ "$(whole_digest "$part/${source##*/}")" = "$sum" ]
}
drop_copy() { beside "$source"; }
place_copy() {
  part=${source%/*}/.${source##*/}.sw-part
  # A file takes the place of a file in one rename; a directory cannot, so what was there steps aside first.
  if { [ -d "$source" ] && ! [ -L "$source" ]; } || { [ -d "$part/${source##*/}" ] && ! [ -L "$part/${source##*/}" ] && [ -e "$source" ]; }; then
    mv -T -- "$source" "${part%part}old" || return 1
  fi
  mv -f -T -- "$part/${source##*/}" "$source" && flush "${source%/*}/" && beside "$source"
}
v_restore() {
  presence "$1" || return
  if ! [ -f "$1/manifest" ]; then refuse SW3005 "$1 is not a copy that backup made"
  elif ! each_copy "$1" check_copy 2>"$tmp/err"; then trouble refused "the copy $1 is damaged; nothing was replaced" SW3013
  elif ! each_copy "$1" extract_copy 2>"$tmp/err" </dev/null; then
    cp -- "$tmp/err" "$tmp/why"
    each_copy "$1" drop_copy
    mv -f -- "$tmp/why" "$tmp/err"
    trouble refused "$1 cannot be unpacked beside its places; nothing was replaced" SW3013
  elif ! each_copy "$1" place_copy 2>"$tmp/err"; then trouble failed "$source cannot be replaced" SW3005
  else answer ''; fi
}
