#!/bin/sh
# The dolphindb binary of a lab: no DolphinDB, but a program that behaves like one as far as Stillwater's lab goes.
# @RELEASE@ @FLAVOUR@ LINUX x86_64
LAB_RELEASE=@RELEASE@
LAB_FLAVOUR=@FLAVOUR@
export LAB_RELEASE LAB_FLAVOUR
case " $* " in
*" -v "*)
  echo "DolphinDB Systems @RELEASE@ 64 bit (Stillwater lab)"
  exit 0
  ;;
esac
exec '@NODE@' --max-semi-space-size=1 --max-old-space-size=256 '@MAIN@' "$0" "$@"
