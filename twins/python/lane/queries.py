"""Queries of PostgreSQL by psycopg: on connections that wait, or that belong to an event loop."""
from lane.recorder import Failed

QUERY = "SELECT users(%s)"
LIBRARIES = {"psycopg": "python3-psycopg"}


def place(workload):
    """The database, told to cancel what takes too long."""
    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    options = conninfo_to_dict(workload.url).get("options", "")
    timeout_ms = max(1, workload.timeout_ns // 1_000_000)
    return make_conninfo(workload.url, options=f"{options} -c statement_timeout={timeout_ms}",
                         connect_timeout=max(2, workload.timeout_ns // 1_000_000_000))


def outcome_of(error):
    import psycopg

    if isinstance(error, psycopg.errors.QueryCanceled):
        return "timeout"
    return "reset" if isinstance(error, psycopg.OperationalError) else "other"


def unconnected(error):
    """The reason in the last line, "...: FATAL:  sorry, too many clients already"."""
    lines = str(error).strip().splitlines() or [""]
    return Failed("connect", lines[-1].rpartition("failed: ")[2])


class Client:
    """One that waits."""

    def __init__(self, workload, recorder):
        self.workload = workload
        self.recorder = recorder
        self.connection = None
        self.place = place(workload)

    def __call__(self, id):
        with self.recorder.record(id, outcome_of) as record:
            self._connect(record)
            row = self.connection.execute(QUERY, [id]).fetchone()
            record.answered(200, row[0].encode())
        if self.workload.fresh and self.connection is not None:
            self.connection.close()

    def _connect(self, record):
        import psycopg

        if self.connection is not None and not self.connection.closed:
            return
        try:
            self.connection = psycopg.connect(self.place, autocommit=True)
        except psycopg.OperationalError as error:
            raise unconnected(error) from None
        record.opened_connection()


class Pool:
    """Connections of an event loop, at most as many as are used at a time."""

    def __init__(self, workload, recorder):
        self.workload = workload
        self.recorder = recorder
        self.free = []
        self.place = place(workload)

    async def query(self, id):
        connection = None
        with self.recorder.record(id, outcome_of) as record:
            connection = self.free.pop() if self.free else await self._connect(record)
            row = await (await connection.execute(QUERY, [id])).fetchone()
            record.answered(200, row[0].encode())
        if connection is None or connection.closed:
            return
        if self.workload.fresh:
            await connection.close()
        else:
            self.free.append(connection)

    async def _connect(self, record):
        import psycopg

        try:
            connection = await psycopg.AsyncConnection.connect(self.place, autocommit=True)
        except psycopg.OperationalError as error:
            raise unconnected(error) from None
        record.opened_connection()
        return connection
