#include "runtime/src/schema.h"
#include "runtime/src/error.h"

#include <stdio.h>
#include <string.h>

static const char *const ibm_header[AMLRT__IBM_N] = {
    "Timestamp",       "From Bank",          "Account",     "To Bank",          "Account",
    "Amount Received", "Receiving Currency", "Amount Paid", "Payment Currency", "Payment Format",
    "Is Laundering"};
#define IBM_HEADER                                                                                 \
  "Timestamp,From Bank,Account,To Bank,Account,Amount Received,Receiving Currency,Amount Paid,"    \
  "Payment Currency,Payment Format,Is Laundering"
#define GENERIC_HEADER "src,dst,time"

void amlrt__schema_release(amlrt__schema *s)
{
  if (!s->mem) return;
  amlrt__release(s->mem, s->extra_at);
  amlrt__release(s->mem, s->extra_name);
  *s = (amlrt__schema){.mem = s->mem};
}

static bool is_text(amlrt__text t, const char *word)
{
  return strlen(word) == t.n && memcmp(t.at, word, t.n) == 0;
}

// The header for a message, cut where it is long.
static void show_header(char *out, size_t cap, amlrt__csv *csv)
{
  size_t n = 0;
  char one[64];

  out[0] = '\0';
  for (uint32_t i = 0; i < csv->n_fields && n + 1 < cap; i++) {
    amlrt__text t = amlrt__csv_text(csv, i);
    amlrt__show(one, sizeof one, t.at, t.n);
    if (n + strlen(one) + 8 > cap) {
      snprintf(out + n, cap - n, ",...");
      return;
    }
    n += (size_t)snprintf(out + n, cap - n, "%s%s", i ? "," : "", one);
  }
}

// ---- IBM ----------------------------------------------------------------------------------------

// The first column that differs; AMLRT__IBM_N: none does.
static uint32_t ibm_difference(amlrt__csv *csv)
{
  uint32_t i = 0;

  while (i < csv->n_fields && i < AMLRT__IBM_N && is_text(amlrt__csv_text(csv, i), ibm_header[i]))
    i++;
  if (i == AMLRT__IBM_LABEL && csv->n_fields == AMLRT__IBM_LABEL) return AMLRT__IBM_N;
  return i == AMLRT__IBM_N && csv->n_fields > AMLRT__IBM_N ? AMLRT__IBM_N + 1 : i;
}

static amlrt_status not_ibm(amlrt__csv *csv, uint32_t at, amlrt_error *err)
{
  const char *name = csv->name;
  char found[64];

  if (at > AMLRT__IBM_N)
    return amlrt__fail(err, AMLRT_E_HEADER,
                       "%s: the header of the IBM AML format has 11 columns, this one has %u; "
                       "expected: " IBM_HEADER,
                       name, csv->n_fields);
  if (at >= csv->n_fields)
    return amlrt__fail(err, AMLRT_E_HEADER,
                       "%s: column %u of the header should be '%s', but the header ends before it; "
                       "expected: " IBM_HEADER,
                       name, at + 1, ibm_header[at]);
  amlrt__text t = amlrt__csv_text(csv, at);
  return amlrt__fail(err, AMLRT_E_HEADER,
                     "%s: column %u of the header should be '%s', it is '%s'; expected: " IBM_HEADER
                     " (the last may be missing)",
                     name, at + 1, ibm_header[at], amlrt__show(found, sizeof found, t.at, t.n));
}

// ---- generic ------------------------------------------------------------------------------------

static amlrt_status twice(amlrt__csv *csv, uint32_t i, amlrt_error *err)
{
  amlrt__text t = amlrt__csv_text(csv, i);
  char shown[64];

  return amlrt__fail(err, AMLRT_E_HEADER, "%s: the header has the column '%s' twice", csv->name,
                     amlrt__show(shown, sizeof shown, t.at, t.n));
}

// Every name stands once; columns without a name are passed over.
static amlrt_status check_names(amlrt__csv *csv, amlrt_error *err)
{
  for (uint32_t i = 1; i < csv->n_fields; i++) {
    amlrt__text t = amlrt__csv_text(csv, i);
    for (uint32_t j = 0; j < i && t.n; j++) {
      amlrt__text u = amlrt__csv_text(csv, j);
      if (u.n == t.n && memcmp(u.at, t.at, t.n) == 0) return twice(csv, i, err);
    }
  }
  return AMLRT_OK;
}

static amlrt_status no_mapped_column(amlrt__csv *csv, const amlrt__map *map,
                                     const amlrt__map_entry *e, amlrt_error *err)
{
  char found[200], theirs[64];

  show_header(found, sizeof found, csv);
  amlrt__show(theirs, sizeof theirs, e->theirs, strlen(e->theirs));
  return amlrt__fail(err, AMLRT_E_MAP, "%s:%u: '%s' has no column '%s'; its header is: %s",
                     map->path, e->line, csv->name, theirs, found);
}

static amlrt_status no_needed_column(amlrt__csv *csv, amlrt__column c, amlrt_format asked,
                                     amlrt_error *err)
{
  char found[160];

  show_header(found, sizeof found, csv);
  if (asked == AMLRT_FORMAT_AUTO)
    return amlrt__fail(err, AMLRT_E_HEADER,
                       "%s: the header is neither IBM AML's (" IBM_HEADER
                       ", from which it differs in column %u) nor generic (" GENERIC_HEADER
                       " and more): it is '%s'; other names can be given with --map",
                       csv->name, ibm_difference(csv) + 1, found);
  return amlrt__fail(err, AMLRT_E_HEADER,
                     "%s: the header has no column '%s' (needed: " GENERIC_HEADER
                     "): it is '%s'; other names can be given with --map",
                     csv->name, amlrt__column_name(c), found);
}

static bool room_for_extras(amlrt__schema *s, size_t n)
{
  s->extra_at = amlrt__array(s->mem, n, sizeof *s->extra_at);
  s->extra_name = amlrt__array(s->mem, n, sizeof *s->extra_name);
  return s->extra_at && s->extra_name;
}

// Kept sorted by name: the order in which the table has them, whatever the order in the file.
static amlrt_status add_extra(amlrt__schema *s, const char *name, size_t n, uint32_t at,
                              const amlrt__map *map, amlrt__pool *pool, amlrt_error *err)
{
  const char *copy = amlrt__pool_copy(pool, name, n);
  uint32_t i = s->n_extra;

  if (!copy) return amlrt__nomem(err, "further columns");
  for (; i > 0 && strcmp(s->extra_name[i - 1], copy) > 0; i--) {
    s->extra_name[i] = s->extra_name[i - 1];
    s->extra_at[i] = s->extra_at[i - 1];
  }
  if (i > 0 && strcmp(s->extra_name[i - 1], copy) == 0)
    return amlrt__fail(err, AMLRT_E_MAP, "%s: two columns would be called '%s'", map->path, copy);
  s->extra_name[i] = copy;
  s->extra_at[i] = at;
  s->n_extra++;
  return AMLRT_OK;
}

static amlrt_status use_map(amlrt__schema *s, amlrt__csv *csv, const amlrt__map *map,
                            bool *is_taken, amlrt__pool *pool, amlrt_error *err)
{
  for (size_t i = 0; i < map->n; i++) {
    const amlrt__map_entry *e = &map->entry[i];
    uint32_t at = e->position;
    amlrt_status st = AMLRT_OK;
    if (e->theirs) {
      at = amlrt__csv_find(csv, e->theirs);
      if (at == csv->n_fields) return no_mapped_column(csv, map, e, err);
      is_taken[at] = true;
    }
    if (at + 1 > s->n_fields) s->n_fields = at + 1;
    if (e->is_extra)
      st = add_extra(s, e->ours, strlen(e->ours), at, map, pool, err);
    else
      s->at[e->column] = at;
    if (st < 0) return st;
  }
  return AMLRT_OK;
}

// Columns that the map does not speak of go by their own names: first those that we know,
static void use_own_names(amlrt__schema *s, amlrt__csv *csv, const bool *is_taken)
{
  for (uint32_t i = 0; i < csv->n_fields; i++) {
    amlrt__text t = amlrt__csv_text(csv, i);
    amlrt__column c = amlrt__column_find(t.at, t.n);
    if (is_taken[i] || c == AMLRT__N_COLUMNS) continue;
    if (s->at[c] == AMLRT_NONE) s->at[c] = i; // else the map took another one in its place
  }
}

// then the further ones.
static amlrt_status use_further(amlrt__schema *s, amlrt__csv *csv, const bool *is_taken,
                                const amlrt__map *map, amlrt__pool *pool, amlrt_error *err)
{
  amlrt_status st = check_names(csv, err);

  for (uint32_t i = 0; st == AMLRT_OK && i < csv->n_fields; i++) {
    amlrt__text t = amlrt__csv_text(csv, i);
    if (!is_taken[i] && t.n && amlrt__column_find(t.at, t.n) == AMLRT__N_COLUMNS)
      st = add_extra(s, t.at, t.n, i, map, pool, err);
  }
  return st;
}

static amlrt_status check_needed(const amlrt__schema *s, amlrt__csv *csv, amlrt_format asked,
                                 amlrt_error *err)
{
  for (int c = 0; c < AMLRT__N_COLUMNS; c++)
    if (amlrt__column_needed((amlrt__column)c) && s->at[c] == AMLRT_NONE)
      return no_needed_column(csv, (amlrt__column)c, asked, err);
  return AMLRT_OK;
}

static amlrt_status find_generic(amlrt__schema *s, amlrt__csv *csv, amlrt_format asked,
                                 const amlrt__map *map, amlrt__pool *pool, amlrt_error *err)
{
  bool *is_taken = amlrt__array(s->mem, csv->n_fields, sizeof *is_taken);
  amlrt_status st = AMLRT_OK;

  if (!is_taken || !room_for_extras(s, csv->n_fields + map->n)) st = amlrt__nomem(err, "header");
  if (st == AMLRT_OK) st = use_map(s, csv, map, is_taken, pool, err);
  if (st == AMLRT_OK) use_own_names(s, csv, is_taken);
  if (st == AMLRT_OK) st = check_needed(s, csv, asked, err);
  if (st == AMLRT_OK) st = use_further(s, csv, is_taken, map, pool, err);
  if (map->has_header) s->n_fields = csv->n_fields;
  amlrt__release(s->mem, is_taken);
  return st;
}

// ---- all ----------------------------------------------------------------------------------------

static amlrt_status check_record(amlrt__csv *csv, amlrt_error *err)
{
  if (csv->fault.reason != AMLRT__GOOD)
    return amlrt__fail(err, AMLRT_E_HEADER, "%s: the header cannot be read: %s", csv->name,
                       amlrt__reason_text(csv->fault.reason));
  if (csv->n_fields > AMLRT__MAX_COLUMNS)
    return amlrt__fail(err, AMLRT_E_HEADER, "%s: the header has %u columns, the most are %d",
                       csv->name, csv->n_fields, AMLRT__MAX_COLUMNS);
  return AMLRT_OK;
}

amlrt_status amlrt__schema_find(amlrt__schema *out, amlrt__csv *csv, amlrt_format format,
                                const amlrt__map *map, amlrt__pool *pool, amlrt_error *err)
{
  amlrt_status st = check_record(csv, err);
  uint32_t difference;

  *out = (amlrt__schema){.mem = pool->mem, .has_header = map->has_header};
  for (int c = 0; c < AMLRT__N_COLUMNS; c++)
    out->at[c] = AMLRT_NONE;
  if (st < 0) return st;
  if (format != AMLRT_FORMAT_GENERIC && map->n == 0) {
    difference = ibm_difference(csv);
    if (difference == AMLRT__IBM_N) {
      out->format = AMLRT_FORMAT_IBM;
      out->n_fields = csv->n_fields;
      return AMLRT_OK;
    }
    if (format == AMLRT_FORMAT_IBM) return not_ibm(csv, difference, err);
  }
  out->format = AMLRT_FORMAT_GENERIC;
  out->at_least = !map->has_header;
  st = find_generic(out, csv, map->n ? AMLRT_FORMAT_GENERIC : format, map, pool, err);
  if (st < 0) amlrt__schema_release(out);
  return st;
}

static amlrt_status lacks(const char *name, const char *column, const char *other, amlrt_error *err)
{
  return amlrt__fail(err, AMLRT_E_HEADER,
                     "%s: has no column '%s', which '%s' has; the files of one table have the same "
                     "columns",
                     name, column, other);
}

amlrt_status amlrt__schema_same(const amlrt__schema *first, const char *first_name,
                                const amlrt__schema *next, const char *next_name, amlrt_error *err)
{
  if (first->format != next->format)
    return amlrt__fail(err, AMLRT_E_HEADER,
                       "'%s' is in the %s format, '%s' in the %s one: the files of one table have "
                       "one format",
                       first_name, first->format == AMLRT_FORMAT_IBM ? "IBM" : "generic", next_name,
                       next->format == AMLRT_FORMAT_IBM ? "IBM" : "generic");
  for (int c = 0; c < AMLRT__N_COLUMNS; c++) {
    bool a = first->at[c] != AMLRT_NONE, b = next->at[c] != AMLRT_NONE;
    if (a && !b) return lacks(next_name, amlrt__column_name((amlrt__column)c), first_name, err);
    if (b && !a) return lacks(first_name, amlrt__column_name((amlrt__column)c), next_name, err);
  }
  for (uint32_t i = 0; i < first->n_extra || i < next->n_extra; i++) {
    int c = i >= first->n_extra  ? 1
            : i >= next->n_extra ? -1
                                 : strcmp(first->extra_name[i], next->extra_name[i]);
    if (c < 0) return lacks(next_name, first->extra_name[i], first_name, err);
    if (c > 0) return lacks(first_name, next->extra_name[i], next_name, err);
  }
  return AMLRT_OK;
}
