#!/bin/sh
echo "Stillwater lab: only clusters"
exit 1
