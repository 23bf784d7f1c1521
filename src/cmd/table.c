/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows in columns. */
#include "cmd/table.h"

enum {
	GAP = 2,
	LAST_LEAST = 20, /* columns for the last cell, however wide the others are */
};

void table_init(struct table *t, struct arena *a, size_t cells)
{
	t->a = a;
	t->cells = cells;
	t->row_count = 0;
	t->rows = arena_array(a, TABLE_ROWS_MAX, sizeof(*t->rows));
}

void table_add(struct table *t, const struct str *cells)
{
	if (t->row_count == TABLE_ROWS_MAX)
		return;
	for (size_t i = 0; i < t->cells; i++)
		t->rows[t->row_count][i] = cells[i];
	t->row_count++;
}

static size_t column_width(const struct table *t, size_t column)
{
	size_t width = 0;

	for (size_t i = 0; i < t->row_count; i++)
		if (page_width(t->rows[i][column]) > width)
			width = page_width(t->rows[i][column]);
	return width;
}

/* A column that is empty everywhere takes no room. */
static void write_row(const struct table *t, size_t row, const size_t *widths,
		      struct buf *out, size_t columns)
{
	const struct str *cells = t->rows[row];
	size_t last = t->cells - 1;
	size_t at = widths[TABLE_CELLS_MAX];

	buf_fill(out, ' ', at);
	for (size_t i = 0; i < last; i++) {
		if (widths[i] == 0)
			continue;
		buf_str(out, cells[i]);
		buf_fill(out, ' ', widths[i] - page_width(cells[i]) + GAP);
		at += widths[i] + GAP;
	}
	size_t end = columns > at + LAST_LEAST ? columns : at + LAST_LEAST;
	page_wrap(out, cells[last], at, at, end);
	while (out->len > 0 && out->data[out->len - 1] == ' ')
		buf_cut(out, out->len - 1);
	buf_byte(out, '\n');
}

void table_write(const struct table *t, struct buf *out, size_t indent, size_t columns)
{
	size_t widths[TABLE_CELLS_MAX + 1] = { 0 };

	for (size_t i = 0; i < t->cells; i++)
		widths[i] = column_width(t, i);
	widths[TABLE_CELLS_MAX] = indent;
	for (size_t i = 0; i < t->row_count; i++)
		write_row(t, i, widths, out, columns);
}

void table_paragraph(struct buf *out, struct str text, size_t indent, size_t columns)
{
	buf_fill(out, ' ', indent);
	page_wrap(out, text, indent, indent, columns);
	buf_byte(out, '\n');
}
