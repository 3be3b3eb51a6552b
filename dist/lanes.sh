#!/bin/sh
# A lane on the hosts of a HOSTFILE of Open MPI ("HOST slots=RANKS" in each line), each rank with its
# share of the requests: takes the arguments of the lane, prints or appends one lane.result/1, and
# ends with the status of the worst rank. The programs have the same paths on all hosts.
#
# usage: dist/lanes.sh HOSTFILE LANE [OPTIONS] URL; without a LANE it only says whether it could
#
# How ranks are started beyond the hostfile is said to Open MPI by its own variables, as in
# OMPI_ALLOW_RUN_AS_ROOT=1 and OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1, OMPI_MCA_rmaps_base_oversubscribe=1,
# or OMPI_MCA_plm_rsh_agent=PROGRAM in place of ssh. LANES_LIMIT (1h): nothing takes longer.
set -u

refuse() {
    echo "lanes: $1" >&2
    exit "$2"
}

here=$(cd "$(dirname "$0")/.." && pwd)
ranks=${BUILD:-$here/build}/dist-lanes
[ $# -ge 1 ] || refuse "usage: dist/lanes.sh HOSTFILE LANE [OPTIONS] URL" 2
hosts=$1
shift
[ -r "$hosts" ] || refuse "$hosts: there is no such hostfile" 2
command -v mpirun >/dev/null || refuse "several hosts take Open MPI: apt-get install openmpi-bin" 3
case $(mpirun --version | head -n 1) in
*' 4.'*) ;;
*) refuse "Open MPI 4 is known, and this is another: $(mpirun --version | head -n 1)" 3 ;;
esac
[ -x "$ranks" ] || refuse "there is no $ranks: apt-get install libopenmpi-dev, then make build" 3
[ $# -gt 0 ] || exit 0

# The line is appended here, on the machine that asks, and not where rank 0 happens to be.
output=/dev/stdout
take=
for argument; do
    shift
    case $take,$argument in
    yes,*) output=$argument take= ;;
    ,-o | ,--output) take=yes ;;
    *) set -- "$@" "$argument" ;;
    esac
done

# A status that is not 0 or a rank that is killed would end all the others. Nobody is bound to a core,
# since a lane would inherit that. Messages are few and small. A host that is cut off ends what runs
# there once its connection has not answered for seven seconds, which Open MPI waits hours for.
DIST_JOB=$(date +%s)-$$
said=$(mktemp)
trap 'rm -f "$said"' EXIT
timeout --kill-after=3 "${LANES_LIMIT:-1h}" mpirun --hostfile "$hosts" \
    --mca orte_abort_on_non_zero_status 0 --enable-recovery --bind-to none \
    --mca oob_tcp_keepalive_time 3 --mca oob_tcp_keepalive_intvl 1 --mca oob_tcp_keepalive_probes 4 \
    --mca pml ob1 --mca btl self,tcp -x DIST_JOB="$DIST_JOB" "$ranks" "$@" </dev/null >"$said" &
pid=$!
asked=1
trap 'asked=130; kill $pid' INT TERM HUP

# Where a rank is missing mpirun does not end by itself. Rank 0 says every second that it lives.
silent=0 lines=0
while kill -0 $pid 2>/dev/null; do
    sleep 0.25
    before=$lines
    lines=$(wc -l <"$said")
    silent=$((lines == before && lines > 0 ? silent + 1 : 0))
    ! { [ $silent -gt 4 ] && tail -n 1 "$said" | grep -qx end; } && [ $silent -le 24 ] || kill $pid 2>/dev/null
done
wait $pid
status=$(sed -n 's/^status //p' "$said")
grep '^{' "$said" >>"$output"
[ "$lines" -gt 0 ] || refuse "Open MPI has not started the ranks: what it says stands above" $asked
[ -n "$status" ] || refuse "rank 0 is missing: the others' results are in lanes-$DIST_JOB-*.jsonl, in the \
temporary folders of their hosts" $asked
exit "$status"
