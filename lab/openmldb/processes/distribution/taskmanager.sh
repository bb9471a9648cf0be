#!/bin/sh
# The taskmanager of a lab; bin/start.sh calls it in its own directory.
LAB_RELEASE=@RELEASE@
LAB_INSTALLATION=$(pwd)/../..
export LAB_RELEASE LAB_INSTALLATION
exec '@NODE@' --max-semi-space-size=8 '@MAIN@' --role=taskmanager
