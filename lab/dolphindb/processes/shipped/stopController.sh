#!/bin/sh
. ./lab-host.sh
ours "mode controller" | xargs -r kill -TERM
