// Diagnostics for people:
//
//   mule.aml:9:35: error: this range is a duration [unit-mismatch]
//       9 |   each mid: sum(gather.amount) in 1d..3d;
//         |                                   ^~~~~~
//   help: write an amount, as in `9_000 USD..`
#include "ir/base/diag.h"

#include <string.h>
#include "ir/base/diag_inside.h"
#include "ir/base/utf8.h"

enum { LINE_SHOWN = 160, LINE_BEFORE = 60 }; // bytes of a long line, and of those before the place

typedef struct painter {
  cx *c;
  strbuf *out;
  bool colour;
} painter;

static const char BOLD[] = "\033[1m", RED[] = "\033[1;31m", MAGENTA[] = "\033[1;35m",
                  CYAN[] = "\033[1;36m", GREEN[] = "\033[1;32m", PLAIN[] = "\033[0m";

static void paint(painter *p, const char *colour, const char *text)
{
  if (p->colour) strbuf_puts(p->out, colour);
  strbuf_puts(p->out, text);
  if (p->colour) strbuf_puts(p->out, PLAIN);
}

// The user's own text may hold anything: nothing of it may steer the terminal.
static void safe_text(strbuf *out, const char *text, size_t n, bool keep_newlines)
{
  for (size_t i = 0, w; i < n; i += w) {
    unsigned char ch = (unsigned char)text[i];
    w = utf8_step(text + i, n - i);
    bool control = w == 2 && ch == 0xc2 && (unsigned char)text[i + 1] < 0xa0; // C1
    if (w == 0 || control) {
      strbuf_puts(out, "\xef\xbf\xbd");
      w = w ? w : 1;
    } else if ((ch < 0x20 && ch != '\t' && !(keep_newlines && ch == '\n')) || ch == 0x7f) {
      strbuf_putc(out, '?');
    } else {
      strbuf_add(out, text + i, w);
    }
  }
}

// The part of a long line around the place, as offsets in the line.
static void line_window(line_col at, uint32_t offset, uint32_t *from, uint32_t *to)
{
  *from = 0;
  *to = at.line_n;
  if (at.line_n <= LINE_SHOWN) return;
  if (offset > LINE_BEFORE) *from = offset - LINE_BEFORE;
  if (*to - *from > LINE_SHOWN) *to = *from + LINE_SHOWN;
  while (*from && ((unsigned char)at.line_text[*from] & 0xc0) == 0x80)
    --*from;
  while (*to > *from && *to < at.line_n && ((unsigned char)at.line_text[*to] & 0xc0) == 0x80)
    --*to;
}

// Tabs stay tabs below the line, so that the marks stand where the characters do.
static void pad_like(strbuf *out, const char *text, uint32_t n)
{
  for (uint32_t i = 0; i < n; i++)
    if (((unsigned char)text[i] & 0xc0) != 0x80) strbuf_putc(out, text[i] == '\t' ? '\t' : ' ');
}

static void underline(painter *p, const char *text, uint32_t n, const char *colour)
{
  if (p->colour) strbuf_puts(p->out, colour);
  strbuf_putc(p->out, '^');
  for (uint32_t i = 1; i < n; i++)
    if (((unsigned char)text[i] & 0xc0) != 0x80) strbuf_putc(p->out, '~');
  if (p->colour) strbuf_puts(p->out, PLAIN);
}

static void show_line(painter *p, span where, line_col at, const char *colour)
{
  const source *s = source_get(p->c, where.file);
  uint32_t offset = (uint32_t)(s->text + where.start - at.line_text), end, from, to;

  if (offset > at.line_n) offset = at.line_n;
  end = where.end > where.start ? offset + (where.end - where.start) : offset;
  line_window(at, offset, &from, &to);
  if (end > to) end = to; // a span over several lines is marked up to the end of its first
  strbuf_printf(p->out, "%5u | %s", at.line, from ? "..." : "");
  safe_text(p->out, at.line_text + from, to - from, false);
  strbuf_puts(p->out, to < at.line_n ? "...\n" : "\n");
  strbuf_printf(p->out, "      | %s", from ? "   " : "");
  pad_like(p->out, at.line_text + from, offset - from);
  underline(p, at.line_text + offset, end > offset ? end - offset : 0, colour);
  strbuf_putc(p->out, '\n');
}

static void show_message(painter *p, const char *kind, const char *colour, const char *text)
{
  paint(p, colour, kind);
  strbuf_puts(p->out, ": ");
  safe_text(p->out, text, strlen(text), true);
}

static void show_place(painter *p, span where, line_col at)
{
  if (p->colour) strbuf_puts(p->out, BOLD);
  const char *name = source_get(p->c, where.file)->name;
  safe_text(p->out, name, strlen(name), false);
  strbuf_printf(p->out, ":%u:%u: ", at.line, at.col);
  if (p->colour) strbuf_puts(p->out, PLAIN);
}

static void show_note(painter *p, const diag_note_item *note)
{
  line_col at = {0};

  if (note->has_place) {
    at = source_line_col(p->c, note->where.file, note->where.start);
    show_place(p, note->where, at);
  }
  show_message(p, "note", CYAN, note->text);
  strbuf_putc(p->out, '\n');
  if (note->has_place) show_line(p, note->where, at, CYAN);
}

static void show_item(painter *p, const diag_item *d)
{
  bool error = diag_codes[d->code].severity == DIAG_SEV_ERROR;
  const char *colour = error ? RED : MAGENTA;
  line_col at = {0};

  if (diag__has_place(p->c, d)) {
    at = source_line_col(p->c, d->where.file, d->where.start);
    show_place(p, d->where, at);
  } else {
    strbuf_puts(p->out, "amlc: ");
  }
  show_message(p, diag__severity(d), colour, d->message);
  strbuf_printf(p->out, " [%s]\n", diag_codes[d->code].code);
  if (diag__has_place(p->c, d)) show_line(p, d->where, at, colour);
  for (const diag_note_item *note = d->notes; note; note = note->next)
    show_note(p, note);
  if (!d->help) return;
  show_message(p, "help", GREEN, d->help);
  strbuf_putc(p->out, '\n');
}

void diag__text(cx *c, strbuf *out, const diag_item *const *items, uint32_t n, bool colour)
{
  painter p = {c, out, colour};

  for (uint32_t i = 0; i < n; i++)
    show_item(&p, items[i]);
  if (!c->diag.too_many) return;
  show_message(&p, "error", RED, DIAG_TOO_MANY);
  strbuf_printf(out, " [%s]\n", diag_codes[DIAG_LIMIT].code);
}
