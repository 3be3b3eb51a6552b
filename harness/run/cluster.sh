# A PostgreSQL cluster of a run's own, in the folder $1, which it makes, with a socket there and
# no other, by the programs in $2. It runs as a user that is not root, which PostgreSQL refuses; and,
# where the machine lets it, with shared memory of its own, so that none is left when it is killed.
set -eu
umask 077
folder=$1 bin=$2
hidden='mount -t tmpfs none /dev/shm; exec "$@"'

if [ "$(id -u)" = 0 ] && setpriv --reuid=65534 true 2>/dev/null; then
    user=$(id -u postgres 2>/dev/null || echo 65534)
    set -- setpriv "--reuid=$user" "--regid=$user" --clear-groups
    ! unshare --ipc --mount sh -c "$hidden" sh true 2>/dev/null ||
        set -- unshare --ipc --mount sh -c "$hidden" sh "$@"
else # or the root of a namespace of users, which has no others
    user=
    set -- unshare --user --map-root-user --ipc --mount sh -c "$hidden" sh \
        unshare --user --map-user=65534
    "$@" true 2>/dev/null || set -- env
fi
mkdir "$folder"
cd "$folder"
exec >log 2>&1
[ -z "$user" ] || chown "$user:$user" . log
"$@" "$bin/initdb" -D data -U postgres -A trust -E UTF8 --locale=C --no-sync --no-instructions
echo local all all trust >data/pg_hba.conf
exec "$@" "$bin/postgres" -D data -c unix_socket_directories="$folder" \
    -c listen_addresses= -c max_connections=103 \
    -c superuser_reserved_connections=3 -c shared_buffers=32MB -c dynamic_shared_memory_type=mmap \
    -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c autovacuum=off -c jit=off \
    -c wal_level=minimal -c max_wal_senders=0 -c lc_messages=C -c log_min_messages=fatal
