#!/bin/bash
# Of a lab, and like the vendor's: it asks, it wants bash and a terminal, and it ends with 0 when it has failed.
set -e
clear

function told() {
  if [ "$1" -eq 0 ]; then
    echo -e "\033[32m$2Success\033[0m"
  else
    echo -e "\033[31m$2Failure\033[0m"
    exit 0
  fi
}

function replace_with() {
  local version=$1 result=0
  unzip -q "DolphinDB_Linux64_V$version.zip" -d "v$version" || result=1
  told $result Unzip
  cd "v$version/server"
  rm -rf clusterDemo dolphindb.cfg dolphindb.lic startSingle.sh stopSingle.sh
  /bin/cp -rf ./* ../../../ || result=1
  cd ../..
  rm -rf "v$version" "DolphinDB_Linux64_V$version.zip"
  told $result Upgrade
}

echo "This script replaces the server's files. The cluster must be stopped, and its metadata backed up. Continue? (y/n)"
read -r answer
if [ "$answer" != y ]; then
  exit 0
fi
echo "1. online  2. offline  3. exit"
read -r menu
case $menu in
1)
  echo "Version (for example 2.00.9.1, 2.00.9.1_JIT):"
  read -r version
  # A lab fetches nothing.
  told 1 DownLoad
  ;;
2)
  echo "Version (for example 2.00.9.1, 2.00.9.1_JIT):"
  read -r version
  if [ -f "./DolphinDB_Linux64_V$version.zip" ]; then told 0 UpLoad; else told 1 UpLoad; fi
  replace_with "$version"
  ;;
*)
  exit 0
  ;;
esac
