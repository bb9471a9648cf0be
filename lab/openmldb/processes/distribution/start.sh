#!/bin/sh
# The lab's own script with the interface, the words, the waits and the failings of OpenMLDB's bin/start.sh: `start` that fails exits 0, `stop` looks at
# nothing after its signal, pid files lie beside the binary. The waits are the vendor's; `scale` in lab.conf makes all of them shorter.
set -e

components="tablet tablet2 nameserver apiserver taskmanager standalone_tablet standalone_nameserver standalone_apiserver data_collector synctool"
if [ $# -lt 2 ]; then
  echo "Usage: start.sh start/stop/restart <component> [mon]"
  echo "component: $components"
  exit 1
fi

cd "$(dirname "$0")/.." || exit 1
root=$(pwd)
operation=$1
component=$2
mode=${3-}

case " $components " in
*" $component "*) ;;
*)
  echo "No component named $component in [$components]"
  exit 1
  ;;
esac

scale=1
[ ! -f lab.conf ] || scale=$(sed -n 's/^scale=//p' lab.conf)
seconds() { awk -v seconds="$1" -v scale="$scale" 'BEGIN { print seconds * scale }'; }
pause() { sleep "$(seconds "$1")"; }
# Between two questions to a server that does not answer yet: not below 0.4 s, or a busy machine fails all eleven of them.
retry_later() {
  sleep "$(awk -v scale="$scale" 'BEGIN { print (scale > 0.4 ? scale : 0.4) }')"
}
red() { printf '\033[1;31m%s \033[0m\n' "$1"; }
# mon fills its files up with NUL.
pid_in() { tr -d '\0' <"$1"; }
alive() { kill -0 "$1" 2>/dev/null; }

pid_file=./bin/$component.pid
properties=./conf/taskmanager.properties
flags=./conf/$component.flags
if [ "$component" = taskmanager ]; then
  logs=$(sed -n 's/^job\.log\.path=//p' "$properties")
else
  logs=$(sed -n 's/^--[a-z_]*log_dir=//p' "$flags" | head -n 1)
fi
if [ -z "$logs" ]; then
  echo "Invalid log dir"
  exit 1
fi
mkdir -p "$logs"

started() {
  [ "$mode" = mon ] || echo "$1" >"$pid_file"
  echo "Start $component success"
  exit 0
}

under_mon() {
  "$root/bin/mon" "$1" -d -s "$(seconds 10)" -l "$logs/${component}_mon.log" -m "$root/bin/$component.pid" -p "$root/bin/$component.pid.child"
  pause 3
  pid=$(pid_in "$root/bin/$component.pid.child")
  echo "mon pid is $(pid_in "$root/bin/$component.pid"), process pid is $pid, check $pid status"
}

start_taskmanager() {
  echo "SPARK_HOME: ${SPARK_HOME-}"
  if [ -f "$properties" ]; then
    echo "Rewrite properties by $properties"
    cp "$properties" ./taskmanager/conf/taskmanager.properties
  fi
  cd ./taskmanager/bin
  mkdir -p "$logs"
  if [ "$mode" = mon ]; then
    under_mon ./taskmanager.sh
  else
    sh ./taskmanager.sh >"$logs/taskmanager.log" 2>&1 &
    pid=$!
    echo "process pid is $pid"
  fi
  cd "$root"
  pause 10
  if alive "$pid"; then started "$pid"; fi
  red "Start $component failed! Please check log in $logs/${component}[_mon].log and ./taskmanager/bin/logs/taskmanager.log"
}

start_server() {
  if [ "$mode" = mon ]; then
    under_mon "./bin/openmldb --flagfile=$flags --enable_status_service=true"
  else
    ./bin/openmldb --flagfile="$flags" --enable_status_service=true >>"$logs/$component.log" 2>&1 &
    pid=$!
    echo "process pid is $pid"
  fi
  if command -v curl >/dev/null && ! grep -q '^--use_name=true' "$flags"; then
    pause 3
    endpoint=$(sed -n 's/^--endpoint=//p' "$flags")
    try=1
    while [ "$try" -lt 12 ]; do
      if ! curl --show-error --silent -o /dev/null "http://$endpoint/status"; then
        echo "curl server status failed, retry later"
        retry_later
        try=$((try + 1))
      elif alive "$pid"; then
        started "$pid"
      else
        break
      fi
    done
  else
    echo "no curl, sleep 12s and then check the process running status"
    pause 12
    if alive "$pid"; then started "$pid"; fi
  fi
  red "Start $component failed! Please check log in $logs/${component}[_mon].log and $logs/$component.INFO"
}

case $operation in
start)
  echo "Starting $component ... "
  if [ -f "$pid_file" ] && alive "$(pid_in "$pid_file")"; then
    red "$component already running as process $(pid_in "$pid_file")"
    exit 0
  fi
  if [ "$component" = taskmanager ]; then start_taskmanager; else start_server; fi
  ;;
stop)
  echo "Stopping $component ... "
  if [ ! -f "$pid_file" ]; then
    echo "no $component to stop (could not find file $pid_file)"
  else
    pid=$(pid_in "$pid_file")
    if alive "$pid"; then
      kill "$pid"
      pause 3
    fi
    rm "$pid_file"
  fi
  if [ ! -f "$pid_file.child" ]; then
    echo "Stop $component success"
  else
    pid=$(pid_in "$pid_file.child")
    if alive "$pid"; then
      echo "After mon stopped, component is still alive, kill it"
      kill "$pid"
    fi
    rm "$pid_file.child"
    echo "Stop $component success(mon mode)"
  fi
  ;;
restart)
  shift
  ./bin/start.sh stop "$@"
  pause 15
  ./bin/start.sh start "$@"
  ;;
*)
  echo "Only support {start|stop|restart}" >&2
  ;;
esac
