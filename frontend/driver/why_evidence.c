// Reads the transfers of one match from evidence.csv.
#include "frontend/driver/why_parts.h"
#include "amlrt/table.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char header[] = "match_id,seq,stage,transaction,time,from,to,amount,currency,"
                             "amount_received,currency_received,format";
enum { ID = 32, N_FIELDS = 12 };

// ---- records --------------------------------------------------------------------------------------

typedef struct record {
  char *at; // from malloc
  size_t n, cap;
} record;

static size_t quotes(const char *at, size_t n)
{
  size_t found = 0;

  for (size_t i = 0; i < n; i++)
    found += at[i] == '"';
  return found;
}

// One record: lines, until every quote has its partner. Without its line end. False: the end, or an
// error of the stream.
static bool next_record(record *r, FILE *f)
{
  ssize_t n = getline(&r->at, &r->cap, f);
  char *more = NULL;
  size_t more_cap = 0;

  if (n < 0) return false;
  r->n = (size_t)n;
  size_t open = quotes(r->at, r->n);
  while (open % 2 == 1 && (n = getline(&more, &more_cap, f)) >= 0) {
    char *joined = realloc(r->at, r->n + (size_t)n + 1);
    if (!joined) break;
    memcpy(joined + r->n, more, (size_t)n + 1);
    r->at = joined;
    r->n = r->cap = r->n + (size_t)n;
    r->cap++;
    open += quotes(more, (size_t)n);
  }
  free(more);
  if (r->n > 0 && r->at[r->n - 1] == '\n') r->n--;
  return true;
}

// Cuts the record into fields, in place. False: not as many as there are columns.
static bool split(char *fields[N_FIELDS], record *r)
{
  char *from = r->at, *end = r->at + r->n, *to;
  int k = 0;

  while (k < N_FIELDS) {
    bool quoted = false;
    fields[k++] = to = from;
    for (; from < end && (quoted || *from != ','); from++) {
      if (*from == '"' && quoted && from + 1 < end && from[1] == '"')
        *to++ = *from++;
      else if (*from == '"')
        quoted = !quoted;
      else
        *to++ = *from;
    }
    bool last = from == end;
    *to = '\0';
    if (last) return k == N_FIELDS;
    from++;
  }
  return false;
}

// ---- transfers ------------------------------------------------------------------------------------

static const char *keep(arena *mem, const char *text)
{
  return arena_text(mem, text, strlen(text));
}

static why_transfer transfer_of(arena *mem, char *const f[N_FIELDS], uint32_t order)
{
  why_transfer t = {.stages = keep(mem, f[2]),
                    .id = keep(mem, f[3]),
                    .time = keep(mem, f[4]),
                    .from = keep(mem, f[5]),
                    .to = keep(mem, f[6]),
                    .amount = keep(mem, f[7]),
                    .currency = keep(mem, f[8]),
                    .amount_received = keep(mem, f[9]),
                    .currency_received = keep(mem, f[10]),
                    .format = keep(mem, f[11]),
                    .order = order};
  int decimals;

  if (!amlrt_time_parse(&t.seconds, t.time, strlen(t.time))) t.seconds = 0;
  t.has_number = amlrt_decimal_parse(&t.id_number, &decimals, t.id, strlen(t.id)) && !decimals;
  return t;
}

static int by_id(const void *a, const void *b)
{
  const why_transfer *x = a, *y = b;
  int by_text = strcmp(x->id, y->id);

  return by_text ? by_text : (x->order > y->order) - (x->order < y->order);
}

static int by_time(const void *a, const void *b)
{
  const why_transfer *x = a, *y = b;

  if (x->seconds != y->seconds) return x->seconds < y->seconds ? -1 : 1;
  if (x->id_number != y->id_number) return x->id_number < y->id_number ? -1 : 1;
  return (x->order > y->order) - (x->order < y->order);
}

// A transfer of several stages has a row in each: they become one.
static void join_stages(why_transfers *all, arena *mem)
{
  uint32_t n = 0;
  bool numbers = true;

  for (uint32_t i = 0; i < all->n; i++)
    numbers = numbers && all->at[i].has_number;
  if (all->n) qsort(all->at, all->n, sizeof *all->at, by_id);
  for (uint32_t i = 0; i < all->n; i++) {
    why_transfer *last = n ? &all->at[n - 1] : NULL;
    if (last && strcmp(last->id, all->at[i].id) == 0)
      last->stages = arena_printf(mem, "%s, %s", last->stages, all->at[i].stages);
    else
      all->at[n++] = all->at[i];
  }
  all->n = n;
  for (uint32_t i = 0; i < n && !numbers; i++)
    all->at[i].id_number = 0; // ids that are texts keep the order of the file
  if (n) qsort(all->at, n, sizeof *all->at, by_time);
}

static bool read_rows(why_transfers *out, arena *mem, FILE *f, record *r, const char *match_id)
{
  char *fields[N_FIELDS];

  if (!next_record(r, f) || r->n != sizeof header - 1 || memcmp(r->at, header, r->n) != 0)
    return false;
  while (next_record(r, f)) {
    if (r->n <= ID || memcmp(r->at, match_id, ID) != 0 || r->at[ID] != ',') continue;
    if (!split(fields, r)) return false;
    why_transfer t = transfer_of(mem, fields, out->n);
    VEC_PUSH(mem, out, t);
    if (!cx_ok(arena_cx(mem))) return false;
  }
  return !ferror(f);
}

bool why_evidence(why_transfers *out, arena *mem, const char *path, const char *match_id)
{
  record r = {0};
  FILE *f = fopen(path, "r");

  if (!f) return false;
  errno = 0;
  bool ok = read_rows(out, mem, f, &r, match_id);
  if (!ferror(f)) errno = 0;
  fclose(f);
  free(r.at);
  if (ok) join_stages(out, mem);
  return ok;
}
