#include "ir/base/diag.h"

#include <stdio.h>
#include <string.h>
#include "ir/base/cx_inside.h"

const diag_code_info diag_codes[DIAG_N_CODES] = {
#define DIAG(id, code, severity, help) {code, DIAG_SEV_##severity, help},
#include "ir/base/diag_codes.def"
};

static char *print_into(arena *mem, const char *fmt, va_list args) AML_PRINTF(2, 0);
static char *print_into(arena *mem, const char *fmt, va_list args)
{
  va_list again;

  va_copy(again, args);
  int n = vsnprintf(NULL, 0, fmt, again);
  va_end(again);
  if (n < 0) AML_BUG("a format that cannot be printed: %s", fmt);
  char *text = arena_try(mem, (size_t)n + 1);
  if (!text) return NULL;
  vsnprintf(text, (size_t)n + 1, fmt, args);
  return text;
}

static bool same_place(span a, span b)
{
  return a.file == b.file && a.start == b.start && a.end == b.end;
}

// One mistake, one error: what a second one at the very same place says hangs on the first.
static bool said_already(const cx *c, diag_code code, span where)
{
  if (where.file >= c->n_sources) return false;
  for (const diag_item *d = c->diag.first; d; d = d->next) {
    if (!same_place(d->where, where)) continue;
    if (d->code == code || diag_codes[d->code].severity == DIAG_SEV_ERROR) return true;
  }
  return false;
}

// Counts it; false: the user sees it no more.
static bool count_in(cx *c, diag_code code, span where)
{
  diag_state *s = &c->diag;

  s->open = NULL;
  if (said_already(c, code, where)) return false;
  if (diag_codes[code].severity == DIAG_SEV_ERROR) {
    if (s->n_errors >= c->limits.max_errors) {
      s->too_many = true;
      return false;
    }
    s->n_errors++;
    return true;
  }
  // Warnings never stop a compilation, but past this many nobody reads them.
  return s->n_warnings++ < c->limits.max_errors;
}

void diag_error(cx *c, diag_code code, span where, const char *fmt, ...)
{
  diag_state *s = &c->diag;
  va_list args;

  if (!count_in(c, code, where)) return;
  diag_item *d = arena_try(s->mem, sizeof *d);
  if (!d) return; // it is counted, and cx_ok tells the rest
  va_start(args, fmt);
  *d = (diag_item){.code = code, .where = where, .message = print_into(s->mem, fmt, args)};
  va_end(args);
  if (!d->message) return;
  if (s->last)
    s->last->next = d;
  else
    s->first = d;
  s->last = d;
  s->open = d;
  s->n_kept++;
}

void diag_note(cx *c, span where, const char *fmt, ...)
{
  diag_item *d = c->diag.open;
  va_list args;

  if (!d) return;
  diag_note_item *note = arena_try(c->diag.mem, sizeof *note);
  if (!note) return;
  va_start(args, fmt);
  *note = (diag_note_item){.where = where, .text = print_into(c->diag.mem, fmt, args)};
  va_end(args);
  if (!note->text) return;
  note->has_place = where.end > 0 && where.file < c->n_sources;
  if (d->last_note)
    d->last_note->next = note;
  else
    d->notes = note;
  d->last_note = note;
}

void diag_help(cx *c, const char *fmt, ...)
{
  diag_item *d = c->diag.open;
  va_list args;

  if (!d) return;
  va_start(args, fmt);
  d->help = print_into(c->diag.mem, fmt, args);
  va_end(args);
}

uint32_t diag_n_errors(const cx *c)
{
  return c->diag.n_errors;
}

uint32_t diag_n_warnings(const cx *c)
{
  return c->diag.n_warnings;
}

bool diag_stop(const cx *c)
{
  return c->nomem || c->diag.too_many;
}

void diag_clear(cx *c)
{
  arena *fresh = arena_new(c, "diagnostics");

  if (!fresh) return; // the old ones stay; cx_ok says why
  arena_free(c->diag.mem);
  c->diag = (diag_state){.mem = fresh};
}
