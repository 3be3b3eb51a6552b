"""Files that are opened, read and closed by who waits for them."""

BLOCK_SIZE = 4096


def read_block(path):
    """The first block of a file, by one read()."""
    with open(path, "rb", buffering=0) as file:
        return file.read(BLOCK_SIZE)


def read(workload, recorder, id):
    with recorder.record(id, outcome_of) as record:
        record.answered(200, read_block(workload.url_of(id)))


def outcome_of(error):
    """An error of open() knows the file's name, one of read() does not."""
    if not isinstance(error, OSError):
        return "other"
    return "connect" if error.filename is not None else "reset"
