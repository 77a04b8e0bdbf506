// The transfers as a table that fits the page.
#include "frontend/driver/why_parts.h"
#include "amlrt/money.h"
#include <string.h>

enum { C_MARK, C_TIME, C_FROM, C_TO, C_AMOUNT, C_FORMAT, C_STAGE, C_ID, N_COLUMNS };
enum { HEAD = 150, TAIL = 50 }; // rows shown of a long table: the first, and the last

static const char *const titles[N_COLUMNS] = {"",       "time",   "from",  "to",
                                              "amount", "format", "stage", "id"};

typedef struct row {
  const char *cell[N_COLUMNS];
} row;

typedef struct table {
  arena *mem;
  row *rows;
  uint32_t n;
  size_t width[N_COLUMNS];
} table;

// ---- cells ----------------------------------------------------------------------------------------

static bool has_seconds(const why_transfers *ts)
{
  for (uint32_t i = 0; i < ts->n; i++)
    if (ts->at[i].seconds % 60 != 0) return true;
  return false;
}

static const char *currency(const char *name, bool short_names)
{
  const char *iso = short_names ? amlrt_currency_iso(name, strlen(name)) : NULL;

  return iso ? iso : name;
}

static const char *money(arena *mem, const char *amount, const char *name, bool short_names)
{
  if (!*amount) return "-";
  return *name ? arena_printf(mem, "%s %s", amount, currency(name, short_names)) : amount;
}

// Paid, and what arrived where that is another amount.
static const char *amount_cell(arena *mem, const why_transfer *t, bool short_names)
{
  const char *paid = money(mem, t->amount, t->currency, short_names);
  bool same =
      strcmp(t->amount, t->amount_received) == 0 && strcmp(t->currency, t->currency_received) == 0;

  if (same || !*t->amount_received) return paid;
  return arena_printf(mem, "%s > %s", paid,
                      money(mem, t->amount_received, t->currency_received, short_names));
}

static row row_of(arena *mem, const why_transfer *t, bool trigger, bool seconds, bool short_names)
{
  row r = {{trigger ? "*" : "", why_time(mem, t->time, seconds), t->from, t->to,
            amount_cell(mem, t, short_names), t->format, t->stages, t->id}};

  for (int c = 0; c < N_COLUMNS; c++)
    r.cell[c] = why_clean(mem, r.cell[c]);
  return r;
}

static bool fill(table *t, const why_transfers *ts, const char *trigger, bool short_names)
{
  bool seconds = has_seconds(ts);

  t->n = ts->n;
  t->rows = arena_try(t->mem, ts->n * sizeof *t->rows);
  if (!t->rows) return false;
  memset(t->width, 0, sizeof t->width);
  for (uint32_t i = 0; i < ts->n && cx_ok(arena_cx(t->mem)); i++) {
    const why_transfer *x = &ts->at[i];
    t->rows[i] = row_of(t->mem, x, strcmp(x->id, trigger) == 0, seconds, short_names);
    for (int c = 0; c < N_COLUMNS; c++) {
      size_t n = why_columns(t->rows[i].cell[c]);
      if (n > t->width[c]) t->width[c] = n;
    }
  }
  return cx_ok(arena_cx(t->mem));
}

// ---- layout ---------------------------------------------------------------------------------------

// A column of nothing is left out; else it is as wide as its widest cell or its title.
static size_t wide(const table *t, int c)
{
  size_t title = strlen(titles[c]);

  if (t->width[c] == 0) return 0;
  return t->width[c] > title ? t->width[c] : title;
}

static size_t line_width(const table *t, int from, int to)
{
  size_t n = 2;

  for (int c = from; c < to; c++)
    n += wide(t, c) ? wide(t, c) + 2 : 0;
  return n - 2;
}

static void put_spaces(strbuf *b, size_t n)
{
  while (n-- > 0)
    strbuf_putc(b, ' ');
}

static void put_cell(strbuf *b, const table *t, const char *text, int c)
{
  size_t pad = wide(t, c) - why_columns(text);
  bool right = c == C_AMOUNT;

  if (right) put_spaces(b, pad);
  strbuf_puts(b, text);
  if (!right) put_spaces(b, pad);
  strbuf_puts(b, "  ");
}

// Takes off the blanks at the end of a line.
static void end_line(strbuf *b)
{
  while (b->n > 0 && b->at[b->n - 1] == ' ')
    b->at[--b->n] = '\0';
  strbuf_putc(b, '\n');
}

// One line, or two where the page is too narrow: who and when, then what.
static void put_row(strbuf *b, const table *t, const char *const *cell, bool two_lines)
{
  strbuf_puts(b, "  ");
  for (int c = 0; c < N_COLUMNS; c++) {
    if (two_lines && c == C_AMOUNT) {
      end_line(b);
      strbuf_puts(b, "        ");
    }
    if (wide(t, c)) put_cell(b, t, cell[c], c);
  }
  end_line(b);
}

void why_table(strbuf *b, arena *mem, const why_transfers *transfers, const char *trigger)
{
  table t = {.mem = mem};

  if (!fill(&t, transfers, trigger, false)) return;
  bool narrow = line_width(&t, 0, N_COLUMNS) <= WHY_WIDTH;
  if (!narrow && !fill(&t, transfers, trigger, true)) return; // USD for US Dollar
  bool two_lines = line_width(&t, 0, N_COLUMNS) > WHY_WIDTH;
  put_row(b, &t, titles, two_lines);
  for (uint32_t i = 0; i < t.n && cx_ok(arena_cx(mem)); i++) {
    if (t.n > HEAD + TAIL && i == HEAD) {
      strbuf_printf(b, "  ... %u more, all in evidence.csv ...\n", t.n - HEAD - TAIL);
      i = t.n - TAIL;
    }
    put_row(b, &t, t.rows[i].cell, two_lines);
  }
}
