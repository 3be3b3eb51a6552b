# The mock server and nginx, side by side, and who loads them: what tools/bench-server and
# tools/bench-speed share. To be sourced by bash. Wants $server (the program) and $seconds (of a
# load); makes $folder, which goes at the end with what was started ($pids).
export LC_ALL=C # decimal points
PATH=$PATH:/usr/sbin

port_mock=${PORT:-18780} port_nginx=$((${PORT:-18780} + 1))
folder=$(mktemp -d)
pids=
cores=$(nproc)
on_client=
echo_module=/usr/lib/nginx/modules/ngx_http_echo_module.so

# Ends what was started here, whatever happens, and nothing else.
finish() {
    for pid in $pids; do kill "$pid" 2>/dev/null || true; done
    wait
    rm -rf "$folder"
}
trap finish EXIT
trap 'exit 130' INT TERM

say() { echo "$@" >&2; }
cpu_ns_of() { cut -d' ' -f1 "/proc/$1/schedstat"; } # of a process with one thread
stats() { curl -s "http://127.0.0.1:$port_mock/stats"; }

# The servers that run.
servers() { echo "$mock" ${at_once-} ${nginx_worker-}; }

# The servers on the first core, the client on the second, where there are two.
apart() {
    [ "$cores" -gt 1 ] || return 0
    on_client="taskset -c 1"
    for pid in $(servers); do taskset -pc 0 "$pid" >/dev/null; done
}

# Wherever the scheduler finds room.
anywhere() {
    on_client=
    for pid in $(servers); do taskset -pc "0-$((cores - 1))" "$pid" >/dev/null; done
}

# Waits until the machine has been idle (90 %) for a quarter of a second: 20 s at most, and no more
# than $patience quarters of a second in all.
quiet() {
    local before after
    for _ in $(seq 80); do
        [ "${patience:=1000000}" -gt 0 ] || return 0
        before=$(awk '/^cpu / {print $5 + $6}' /proc/stat)
        sleep 0.25
        after=$(awk '/^cpu / {print $5 + $6}' /proc/stat)
        [ $((after - before)) -lt $((cores * $(getconf CLK_TCK) * 225 / 1000)) ] || return 0
        patience=$((patience - 1))
    done
}

wait_until_up() {
    for _ in $(seq 100); do
        curl -s -o "$folder/body" "http://127.0.0.1:$1/users/7?delay=0" && return
        sleep 0.1
    done
    say "nothing listens on port $1"
    exit 1
}

# Leaves its pid in $started.
start_server() { # port latency
    "$server" --listen "127.0.0.1:$1" --latency "$2" >"$folder/mock.$1" &
    started=$!
    pids="$pids $started"
    wait_until_up "$1"
}

start_mock() { start_server "$port_mock" 200ms && mock=$started; }

# With its echo module, where that is there, nginx can wait as well.
start_nginx() {
    mkdir -p "$folder/tmp"
    {
        [ ! -r $echo_module ] || echo "load_module $echo_module;"
        cat <<EOF_CONF
daemon off;
worker_processes 1;
pid $folder/nginx.pid;
error_log $folder/nginx.err;
worker_rlimit_nofile 20000;
events { worker_connections 19000; }
http {
    access_log off;
    keepalive_requests 1000000000;
    keepalive_timeout 600s;
    client_body_temp_path $folder/tmp; proxy_temp_path $folder/tmp; fastcgi_temp_path $folder/tmp;
    uwsgi_temp_path $folder/tmp; scgi_temp_path $folder/tmp;
    server {
        listen 127.0.0.1:$port_nginx backlog=65535;
EOF_CONF
        [ ! -r $echo_module ] ||
            echo "location ~ ^/users/(\d+)\$ { echo_sleep 0.2; echo '{\"id\": \$1, \"name\": \"User \$1\"}'; }"
        echo "location / { return 200 '{\"id\": 7, \"name\": \"User 7\"}'; } } }"
    } >"$folder/nginx.conf"
    nginx -c "$folder/nginx.conf" &
    nginx=$!
    pids="$pids $nginx"
    wait_until_up "$port_nginx"
    nginx_worker=$(tr -d ' ' <"/proc/$nginx/task/$nginx/children")
}

# Requests a second, and CPU microseconds of the server per request, by wrk or h2load.
load() { # tool port path pid [connections]
    local before after rate connections=${5:-64}
    before=$(cpu_ns_of "$4")
    case $1 in
    wrk) rate=$($on_client wrk -t1 -c"$connections" -d"${seconds}s" --timeout 10s \
        "http://127.0.0.1:$2$3" | awk '/^Requests\/sec/ {print $2}') ;;
    h2load) rate=$($on_client h2load --h1 -t1 -c"$connections" -D"$seconds" \
        "http://127.0.0.1:$2$3" | awk '/^finished in/ {print $4}') ;;
    esac
    after=$(cpu_ns_of "$4")
    awk -v ns=$((after - before)) -v rate="$rate" -v s="$seconds" \
        'BEGIN {if (rate > 0) printf "%s %.3f\n", rate, ns / 1e3 / (rate * s)}'
}
