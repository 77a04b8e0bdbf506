// The page of an alert: title, what and when, accounts, transfers, constraints.
#include "frontend/driver/why_parts.h"
#include "amlrt/table.h"
#include <string.h>

enum { MAX_ACCOUNTS = 60, MAX_IDS = 200 };

static size_t columns_of(const char *text, size_t n)
{
  size_t columns = 0;

  for (size_t i = 0; i < n; i++)
    columns += ((unsigned char)text[i] & 0xc0) != 0x80; // of a character only the first byte
  return columns;
}

void why_wrap(strbuf *b, const char *const *items, uint32_t n, uint32_t max, size_t indent,
              size_t column)
{
  size_t at = column;

  for (uint32_t i = 0; i < n && i < max; i++) {
    size_t width = why_columns(items[i]) + 1; // and a comma
    if (i > 0 && at + 1 + width > WHY_WIDTH) {
      strbuf_printf(b, "\n%*s", (int)indent, "");
      at = indent;
    } else if (i > 0) {
      strbuf_putc(b, ' ');
      at++;
    }
    strbuf_printf(b, "%s%s", items[i], i + 1 < n && i + 1 < max ? "," : "");
    at += width;
  }
  if (n > max) strbuf_printf(b, " and %u more", n - max);
  strbuf_putc(b, '\n');
}

// The text, broken at blanks; lines after the first are indented.
static void put_words(strbuf *b, const char *text, size_t indent, size_t column)
{
  size_t at = column;

  for (bool first = true; *text; first = false) {
    size_t n = strcspn(text, " ");
    size_t width = columns_of(text, n);
    if (!first && at + 1 + width > WHY_WIDTH) {
      strbuf_printf(b, "\n%*s", (int)indent, "");
      at = indent;
    } else if (!first) {
      strbuf_putc(b, ' ');
      at++;
    }
    strbuf_add(b, text, n);
    at += width;
    text += n + strspn(text + n, " ");
  }
  strbuf_putc(b, '\n');
}

static const char *get_text(arena *mem, const json *o, const char *key)
{
  const json *v = json_get(o, key, JSON_STRING);

  return v ? why_clean(mem, v->text) : "?";
}

// An id or a count: a number or a text.
static const char *get_id(arena *mem, const json *o, const char *key)
{
  const json *v = json_get(o, key, JSON_NUMBER);

  return v ? v->text : get_text(mem, o, key);
}

static bool get_truth(const json *o, const char *key)
{
  const json *v = json_get(o, key, JSON_BOOL);

  return v && v->truth;
}

// ---- what and when --------------------------------------------------------------------------------

static void put_line(strbuf *b, const char *name, const char *text)
{
  strbuf_printf(b, "  %-9s ", name);
  put_words(b, text, 12, 12);
}

static void put_outcome(strbuf *b, arena *mem, const json *a)
{
  bool sure = strcmp(get_text(mem, a, "outcome"), "inconclusive") != 0;
  const char *degree = get_id(mem, a, "degree");

  const char *text =
      strcmp(degree, "1") == 0
          ? "fits fully (degree 1)"
          : arena_printf(mem, "fits to a degree of %s (1 is fully)", why_number(mem, degree));
  put_line(b, "Outcome", arena_printf(mem, "%s: %s", sure ? "match" : "inconclusive", text));
  if (!sure)
    put_line(b, "",
             "its window reaches back before the data begin, and rows from before them could "
             "break it (--history=complete says there were none)");
  if (get_truth(a, "truncated")) put_line(b, "", "truncated: a limit cut it, it may be larger");
}

static void put_when(strbuf *b, arena *mem, const json *a)
{
  const char *first = get_text(mem, a, "first"), *last = get_text(mem, a, "last");
  int64_t from, to;

  const char *text =
      arena_printf(mem, "%s to %s UTC", why_time(mem, first, true), why_time(mem, last, true));
  if (amlrt_time_parse(&from, first, strlen(first)) && amlrt_time_parse(&to, last, strlen(last)) &&
      to > from)
    text = arena_printf(
        mem, "%s, %s", text,
        why_duration(mem, arena_printf(mem, "%lld", (long long)((uint64_t)to - (uint64_t)from))));
  put_line(b, "When", text);
}

static void put_episode(strbuf *b, arena *mem, const json *a)
{
  const char *merged = get_id(mem, a, "merged");

  if (strcmp(merged, "1") == 0) return;
  put_line(b, "Episode",
           arena_printf(mem,
                        "%s matches of these accounts that overlap, merged: triggers %s to %s. "
                        "Shown is the latest of the best, trigger %s",
                        merged, why_clean(mem, get_id(mem, a, "trigger_first")),
                        why_clean(mem, get_id(mem, a, "trigger_last")),
                        why_clean(mem, get_id(mem, a, "trigger"))));
}

static void put_head(strbuf *b, arena *mem, const json *a)
{
  strbuf_putc(b, '\n');
  strbuf_puts(b, "  ");
  put_words(b, get_text(mem, a, "title"), 2, 2);
  strbuf_putc(b, '\n');
  put_line(b, "Pattern",
           arena_printf(mem, "%s %s", get_text(mem, a, "pattern"), get_text(mem, a, "version")));
  put_outcome(b, mem, a);
  put_when(b, mem, a);
  put_episode(b, mem, a);
  put_line(b, "Match id", get_text(mem, a, "match_id"));
  put_line(b, "Alert id", get_text(mem, a, "alert_id"));
}

// ---- accounts -------------------------------------------------------------------------------------

typedef VEC(const char *) texts;

static texts texts_of(arena *mem, const json *v)
{
  texts all = {0};
  const json *at = v->kind == JSON_LIST ? v->first : v;

  for (; at && cx_ok(arena_cx(mem)); at = v->kind == JSON_LIST ? at->next : NULL)
    VEC_PUSH(mem, &all, at->text ? why_clean(mem, at->text) : "?");
  return all;
}

static size_t widest_key(const json *o)
{
  size_t n = 0;

  for (const json *v = o ? o->first : NULL; v; v = v->next)
    if (why_columns(v->key) > n) n = why_columns(v->key);
  return n;
}

static void put_lists(strbuf *b, arena *mem, const json *o, const char *unit, uint32_t max)
{
  size_t width = widest_key(o);

  for (const json *v = o ? o->first : NULL; v; v = v->next) {
    texts all = texts_of(mem, v);
    size_t indent = width + 4;
    strbuf_printf(b, "  %s%*s", why_clean(mem, v->key), (int)(width - why_columns(v->key) + 2), "");
    size_t column = indent;
    if (v->kind == JSON_LIST) {
      const char *count = arena_printf(mem, "%u %s%s: ", all.n, unit, all.n == 1 ? "" : "s");
      strbuf_puts(b, count);
      column += strlen(count);
    }
    why_wrap(b, all.at, all.n, max, indent, column);
  }
}

// ---- amounts and constraints ----------------------------------------------------------------------

static const char *sum_words(arena *mem, const json *sum)
{
  const json *currency = json_get(sum, "currency", JSON_STRING);
  const char *amount = get_text(mem, sum, "sum");

  return currency ? arena_printf(mem, "%s %s", amount, why_clean(mem, currency->text)) : amount;
}

static void put_amounts(strbuf *b, arena *mem, const json *amounts)
{
  size_t width = widest_key(amounts);

  for (const json *stage = amounts ? amounts->first : NULL; stage; stage = stage->next) {
    texts all = {0};
    if (!stage->first) continue;
    for (const json *sum = stage->first; sum && cx_ok(arena_cx(mem)); sum = sum->next)
      VEC_PUSH(mem, &all, sum_words(mem, sum));
    strbuf_printf(b, "  %s%*s", why_clean(mem, stage->key),
                  (int)(width - why_columns(stage->key) + 2), "");
    why_wrap(b, all.at, all.n, UINT32_MAX, width + 4, width + 4);
  }
}

static bool any_amount(const json *amounts)
{
  for (const json *stage = amounts ? amounts->first : NULL; stage; stage = stage->next)
    if (stage->first) return true;
  return false;
}

static void put_constraints(strbuf *b, arena *mem, const json *all, const json *roles)
{
  for (const json *c = all ? all->first : NULL; c && cx_ok(arena_cx(mem)); c = c->next) {
    strbuf_puts(b, "  ");
    put_words(b, get_text(mem, c, "text"), 4, 2);
    strbuf_puts(b, "      ");
    put_words(b, why_outcome(mem, c, roles), 8, 6);
  }
}

void why_page(strbuf *b, arena *mem, const json *alert, const why_transfers *transfers)
{
  const json *roles = json_get(alert, "roles", JSON_OBJECT);
  const json *stages = json_get(alert, "stages", JSON_OBJECT);
  const json *amounts = json_get(alert, "amounts", JSON_OBJECT);
  const json *constraints = json_get(alert, "constraints", JSON_LIST);

  put_head(b, mem, alert);
  strbuf_puts(b, "\nAccounts\n");
  put_lists(b, mem, roles, "account", MAX_ACCOUNTS);
  if (transfers) {
    strbuf_printf(b, "\nTransfers (%u, in time order, UTC; * is the trigger)\n", transfers->n);
    why_table(b, mem, transfers, get_id(mem, alert, "trigger"));
  } else {
    strbuf_puts(b, "\nTransfers by stage, in time order\n");
    put_lists(b, mem, stages, "transfer", MAX_IDS);
  }
  if (any_amount(amounts)) {
    strbuf_puts(b, "\nSums by stage\n");
    put_amounts(b, mem, amounts);
  }
  if (constraints && constraints->n) {
    strbuf_puts(b, "\nConstraints\n");
    put_constraints(b, mem, constraints, roles);
  }
}
