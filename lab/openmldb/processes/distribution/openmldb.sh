#!/bin/sh
# The openmldb binary of a lab: no OpenMLDB, but a program that behaves like one as far as Stillwater's lab goes.
release=@RELEASE@
if [ "${1-}" = --version ]; then
  echo "openmldb version $release-lab"
  exit 0
fi
case $0 in
*/*) here=${0%/*} ;;
*)
  here=$(command -v -- "$0")
  here=${here%/*}
  ;;
esac
LAB_RELEASE=$release
LAB_INSTALLATION=$here/..
export LAB_RELEASE LAB_INSTALLATION
exec '@NODE@' --max-semi-space-size=8 '@MAIN@' "$@"
