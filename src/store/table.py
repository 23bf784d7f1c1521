#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write what the schema's tables are as C: table.py OUTPUT.c FILE.sql ..."""
import re
import sys

OF_A_MOMENT = ("lease", "node")
KINDS = {"id": "COLUMN_INT", "int": "COLUMN_INT", "text": "COLUMN_TEXT", "blob": "COLUMN_BLOB"}
PAGES = {"message": 8, "report": 100}  # rows that may be large
USUAL_PAGE = 1000


def read_tables(paths):
    """(name, [(column, kind)], [key column], has_id) in order, what others refer to first."""
    for path in paths:
        with open(path) as file:
            text = "".join(line.partition("--")[0] + "\n" for line in file.read().split("\n"))
        for name, body in re.findall(r"CREATE TABLE (?:IF NOT EXISTS )?(\w+) \((.*?)\n\) \{", text,
                                     re.S):
            if name in OF_A_MOMENT:
                continue
            columns = re.findall(r"(\w+) \{(id|int|text|blob)\}", body)
            together = re.search(r"PRIMARY KEY \(([^)]*)\)", body)
            keys = re.split(r",\s*", together.group(1)) if together else [columns[0][0]]
            yield name, columns, keys, columns[0][1] == "id"


def texts(name, columns, keys, has_id, engine):
    """In the order of enum table_verb."""
    names = ", ".join(column for column, _ in columns)
    values = ", ".join(f"${i + 1}" for i in range(len(columns)))
    order = ", ".join(keys)
    after = ", ".join(f"${i + 1}" for i in range(len(keys)))
    only = "name NOT IN ('schema', 'fence') AND " if name == "meta" else ""
    again = " ON CONFLICT (name) DO UPDATE SET value = excluded.value" if name == "meta" else ""
    yield (f"SELECT {names} FROM {name} WHERE {only}({order}) > ({after}) ORDER BY {order} "
           f"LIMIT ${len(keys) + 1}")
    yield f"INSERT INTO {name} ({names}) VALUES ({values}){again}"
    yield f"SELECT count(*) FROM {name}"
    if not has_id:
        return
    if engine == "sqlite":
        yield f"SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = '{name}'"
        yield f"INSERT INTO sqlite_sequence (name, seq) VALUES ('{name}', $1)"
    else:
        yield f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {name}_id_seq"
        yield f"SELECT setval('{name}_id_seq', $1)"


def main(output, paths):
    lines = ["/* Made by src/store/table.py. */", '#include "store/table.h"', ""]
    rows = []
    for name, columns, keys, has_id in read_tables(paths):
        lines.append(f"static const struct column {name}_columns[] = {{")
        lines += [f'\t{{ "{column}", {KINDS[kind]} }},' for column, kind in columns]
        lines += ["};"]
        at = [column for column, _ in columns]
        rows += [f'\t{{ "{name}", {name}_columns, {len(columns)},',
                 "\t  { " + ", ".join(str(at.index(key)) for key in keys) + f" }}, {len(keys)}, "
                 f"{PAGES.get(name, USUAL_PAGE)}, {'true' if has_id else 'false'}, {{"]
        for engine in ("sqlite", "postgres"):
            quoted = ",\n\t    ".join(f'"{text}"' for text in texts(name, columns, keys, has_id,
                                                                    engine))
            rows.append("\t  { " + quoted + " },")
        rows.append("\t} },")
    count = sum(row == "\t} }," for row in rows)
    lines += ["", f"_Static_assert(TABLE_COUNT == {count} && "
              f"SQL_ALL == SQL_COUNT + {count} * TABLE_VERBS,",
              '\t       "statements.h knows how many");',
              "", "const struct table tables[TABLE_COUNT] = {", *rows, "};", ""]
    with open(output, "w") as file:
        file.write("\n".join(lines))


main(sys.argv[1], sys.argv[2:])
