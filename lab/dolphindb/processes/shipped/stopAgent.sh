#!/bin/sh
. ./lab-host.sh
ours "mode agent" | xargs -r kill -TERM
