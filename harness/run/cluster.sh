# A PostgreSQL cluster of a run's own, in the folder $1, which it makes, at the port $2 of the
# loopback, by the programs in $3. It runs as a user that is not root, which PostgreSQL refuses; and
# with IPC of its own where the machine lets it, so that nothing of that is left when it is killed.
set -eu
umask 077
if [ "$(id -u)" != 0 ]; then
    as="unshare --user --map-current-user --ipc"
    $as true 2>/dev/null || as=
elif setpriv --reuid=65534 true 2>/dev/null; then
    user=$(id -u postgres 2>/dev/null || echo 65534)
    as="setpriv --reuid=$user --regid=$user --clear-groups"
    ! unshare --ipc true 2>/dev/null || as="unshare --ipc $as"
else # the root of a namespace of users, which has no others
    as="unshare --user --map-user=65534 --ipc"
fi
mkdir "$1"
[ -z "${user-}" ] || chown "$user:$user" "$1"
cd "$1"
exec >log 2>&1
[ -z "${user-}" ] || chown "$user:$user" log
$as "$3/initdb" -D data -U postgres -A trust -E UTF8 --locale=C --no-sync --no-instructions
cat >data/pg_hba.conf <<END
local all all trust
host postgres bench 127.0.0.1/32 trust
END
exec $as "$3/postgres" -D data -c unix_socket_directories="$1" \
    -c listen_addresses=127.0.0.1 -c port="$2" -c max_connections=103 \
    -c superuser_reserved_connections=3 -c shared_buffers=32MB -c dynamic_shared_memory_type=mmap \
    -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c autovacuum=off -c jit=off \
    -c wal_level=minimal -c max_wal_senders=0 -c lc_messages=C -c log_min_messages=panic
