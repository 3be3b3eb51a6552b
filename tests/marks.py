"""Tables that long tests write into documents, between two marks."""
import os
import re
import sys


def write_table(path, name, rows):
    """Between <!-- NAME --> and <!-- /NAME --> in the file; where there is none, into a new one."""
    first, last = f"<!-- {name} -->\n", f"<!-- /{name} -->"
    text = f"{first}{last}\n"
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            text = file.read()
    text, found = re.subn(f"({first}).*?({last})",
                          lambda mark: mark[1] + "\n".join([*rows, ""]) + mark[2],
                          text, flags=re.S)
    if found != 1:
        print(f"{path} has no {first.strip()} with {last} behind it", file=sys.stderr)
        sys.exit(2)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
