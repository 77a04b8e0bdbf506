#include "datasets/gen/write.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char header[] = "Timestamp,From Bank,Account,To Bank,Account,Amount Received,"
                             "Receiving Currency,Amount Paid,Payment Currency,Payment Format,"
                             "Is Laundering\n";

enum { BUF_SIZE = 1 << 20, MAX_ROW = 256, MAX_PATH_TEXT = 4096 };

// A file under a temporary name, with a large buffer; it gets its name when all is written.
typedef struct {
  FILE *file;
  const char *path;
  char *buf;
  size_t used;
  bool failed;
  char temporary[MAX_PATH_TEXT];
} sink;

// A pipe or a device keeps its name: it is written to, never replaced.
static bool is_special(const char *path)
{
  struct stat st;
  return stat(path, &st) == 0 && !S_ISREG(st.st_mode);
}

static FILE *open_target(const char *path, const char *temporary)
{
  return strcmp(path, "-") == 0 ? stdout : fopen(is_special(path) ? path : temporary, "wb");
}

static gen_status sink_open(sink *s, const char *path, gen_error *e)
{
  int n = snprintf(s->temporary, sizeof s->temporary, "%s.part", path);
  if (n < 0 || (size_t)n >= sizeof s->temporary) {
    return gen_fail(e, GEN_E_IO, "the name %.40s... is too long", path);
  }
  s->path = path;
  s->used = 0;
  s->failed = false;
  s->buf = malloc(BUF_SIZE + MAX_ROW);
  if (!s->buf) return gen_fail(e, GEN_E_NOMEM, "not enough memory to write %s", path);
  s->file = open_target(path, s->temporary);
  if (s->file) return GEN_OK;
  free(s->buf);
  return gen_fail(e, GEN_E_IO, "cannot write %s: %s", path, strerror(errno));
}

static void sink_flush(sink *s)
{
  if (s->used && fwrite(s->buf, 1, s->used, s->file) != s->used) s->failed = true;
  s->used = 0;
}

// The file gets its final name only if all went well.
static gen_status sink_close(sink *s, gen_error *e)
{
  bool temporary = s->file != stdout && !is_special(s->path);
  int why = 0;
  sink_flush(s);
  if (fflush(s->file) != 0 || s->failed) why = errno ? errno : EIO;
  if (s->file != stdout && fclose(s->file) != 0 && !why) why = errno;
  if (temporary && !why && rename(s->temporary, s->path) != 0) why = errno;
  if (temporary && why) remove(s->temporary);
  free(s->buf);
  return why ? gen_fail(e, GEN_E_IO, "cannot write %s: %s", s->path, strerror(why)) : GEN_OK;
}

// The put_ functions never write more than MAX_ROW bytes between two calls of sink_row.
static void put_text(sink *s, const char *text)
{
  size_t n = strlen(text);
  memcpy(s->buf + s->used, text, n);
  s->used += n;
}

static void put_char(sink *s, char c)
{
  s->buf[s->used++] = c;
}

// A whole number, with leading zeros up to `width` digits.
static void put_number(sink *s, uint64_t v, int width)
{
  char d[24];
  int n = 0;
  for (; v || n < width; v /= 10)
    d[n++] = (char)('0' + v % 10);
  while (n > 0)
    put_char(s, d[--n]);
}

static void put_money(sink *s, int64_t minor, currency c)
{
  uint32_t digits = gen_currency[c].digits;
  uint64_t unit = digits == 6 ? 1000000 : 100, v = (uint64_t)minor;
  put_number(s, v / unit, 1);
  put_char(s, '.');
  put_number(s, v % unit, (int)digits);
}

static bool is_leap(int y)
{
  return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
}

static int month_days(int y, int m)
{
  static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return days[m - 1] + (m == 2 && is_leap(y));
}

// The dense period begins on 2022-09-01, day 0.
static void put_date(sink *s, int32_t day)
{
  int y = 2022, m = 9;
  while (day < 0) {
    if (--m == 0) {
      m = 12;
      y--;
    }
    day += month_days(y, m);
  }
  while (day >= month_days(y, m)) {
    day -= month_days(y, m);
    if (++m == 13) {
      m = 1;
      y++;
    }
  }
  put_number(s, (uint64_t)y, 4);
  put_char(s, '/');
  put_number(s, (uint64_t)m, 2);
  put_char(s, '/');
  put_number(s, (uint64_t)day + 1, 2);
}

static void put_time(sink *s, int32_t minute)
{
  int32_t day = minute >= 0 ? minute / 1440 : -((-minute + 1439) / 1440);
  int32_t rest = minute - day * 1440;
  put_date(s, day);
  put_char(s, ' ');
  put_number(s, (uint64_t)rest / 60, 2);
  put_char(s, ':');
  put_number(s, (uint64_t)rest % 60, 2);
}

static void put_account(sink *s, const gen_world *w, uint32_t account)
{
  char text[16];
  gen_bank_text(w, account, text);
  put_text(s, text);
  put_char(s, ',');
  gen_account_text(w, account, text);
  put_text(s, text);
  put_char(s, ',');
}

static void put_row(sink *s, const gen_world *w, const gen_tx *t)
{
  put_time(s, t->minute);
  put_char(s, ',');
  put_account(s, w, t->from);
  put_account(s, w, t->to);
  put_money(s, t->received, (currency)t->received_in);
  put_char(s, ',');
  put_text(s, gen_currency[t->received_in].name);
  put_char(s, ',');
  put_money(s, t->paid, (currency)t->paid_in);
  put_char(s, ',');
  put_text(s, gen_currency[t->paid_in].name);
  put_char(s, ',');
  put_text(s, gen_format[t->format].name);
  put_text(s, t->attempt ? ",1\n" : ",0\n");
}

static void row_done(sink *s)
{
  if (s->used >= BUF_SIZE) sink_flush(s);
}

gen_status gen_write_csv(const char *path, const gen_world *w, const gen_tx *tx, size_t n,
                         gen_error *e)
{
  sink s;
  gen_status st = sink_open(&s, path, e);
  if (st < 0) return st;
  put_text(&s, header);
  for (size_t i = 0; i < n && !s.failed; i++) {
    put_row(&s, w, &tx[i]);
    row_done(&s);
  }
  return sink_close(&s, e);
}

static const struct {
  const char *title, *before, *after;
} heading[GEN_N_TYPOLOGIES] = {
#define TYPOLOGY(id, title, before, after) {title, before, after},
#include "datasets/gen/typologies.def"
};

static void put_heading(sink *s, const char *word, gen_typology t)
{
  put_text(s, word);
  put_text(s, " LAUNDERING ATTEMPT - ");
  put_text(s, heading[t].title);
}

gen_status gen_write_truth(const char *path, const gen_world *w, const gen_plan *p,
                           const gen_tx *tx, const uint32_t *row, size_t n, gen_error *e)
{
  sink s;
  gen_status st = sink_open(&s, path, e);
  if (st < 0) return st;
  for (size_t i = 0; i < n && !s.failed;) {
    uint32_t number = tx[row[i]].attempt;
    const gen_attempt *a = &p->attempt[number - 1];
    put_heading(&s, "BEGIN", a->typology);
    put_text(&s, heading[a->typology].before);
    if (heading[a->typology].before[0]) put_number(&s, a->size, 1);
    put_text(&s, heading[a->typology].after);
    put_char(&s, '\n');
    for (; i < n && tx[row[i]].attempt == number; i++) {
      put_row(&s, w, &tx[row[i]]);
      row_done(&s);
    }
    put_heading(&s, "END", a->typology);
    put_text(&s, "\n\n");
    row_done(&s);
  }
  return sink_close(&s, e);
}

gen_status gen_write_truth_csv(const char *path, const gen_plan *p, const gen_tx *tx,
                               const uint32_t *row, size_t n, gen_error *e)
{
  sink s;
  gen_status st = sink_open(&s, path, e);
  if (st < 0) return st;
  put_text(&s, "attempt,typology,row\n");
  for (size_t i = 0; i < n && !s.failed; i++) {
    uint32_t number = tx[row[i]].attempt;
    put_number(&s, number, 1);
    put_char(&s, ',');
    put_text(&s, gen_typology_name[p->attempt[number - 1].typology]);
    put_char(&s, ',');
    put_number(&s, row[i], 1);
    put_char(&s, '\n');
    row_done(&s);
  }
  return sink_close(&s, e);
}
