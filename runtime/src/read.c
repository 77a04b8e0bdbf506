#include "runtime/src/read.h"
#include "runtime/src/decimal.h"
#include "runtime/src/error.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { ROWS_BETWEEN_QUESTIONS = 8192 };

amlrt_read_opts amlrt_read_opts_default(void)
{
  return (amlrt_read_opts){.format = AMLRT_FORMAT_AUTO, .max_rejects = 0.01};
}

amlrt__reason amlrt__read_amount(amlrt__amount *out, amlrt__text text)
{
  switch (amlrt__decimal(&out->mantissa, &out->decimals, text.at, text.n)) {
  case AMLRT__DECIMAL_OK:
    return out->mantissa < 0 ? AMLRT__BAD_NEGATIVE : AMLRT__GOOD;
  case AMLRT__DECIMAL_BAD:
    return AMLRT__BAD_AMOUNT;
  case AMLRT__DECIMAL_LONG:
    break;
  }
  return AMLRT__BAD_DIGITS;
}

// ---- the columns of a file ----------------------------------------------------------------------

static bool has(const amlrt__schema *s, amlrt__column c)
{
  return s->at[c] != AMLRT_NONE;
}

// Which standard columns the table has; those that arrive may be those that are paid, see
// same_received.
static unsigned columns_of(const amlrt__schema *s)
{
  unsigned bits = 0;

  for (int c = 0; c < AMLRT__N_COLUMNS; c++)
    if (s->format == AMLRT_FORMAT_IBM ? c != AMLRT__COL_ID : has(s, (amlrt__column)c))
      bits |= 1u << c;
  if (s->format == AMLRT_FORMAT_IBM || has(s, AMLRT__COL_CURRENCY_RECEIVED)) return bits;
  if (has(s, AMLRT__COL_AMOUNT)) bits |= 1u << AMLRT__COL_AMOUNT_RECEIVED;
  if (has(s, AMLRT__COL_CURRENCY)) bits |= 1u << AMLRT__COL_CURRENCY_RECEIVED;
  return bits;
}

static amlrt__late_columns late_columns_of(const amlrt__schema *s)
{
  uint32_t received =
      has(s, AMLRT__COL_AMOUNT_RECEIVED) ? AMLRT__COL_AMOUNT_RECEIVED : AMLRT__COL_AMOUNT;

  if (s->format == AMLRT_FORMAT_IBM)
    return (amlrt__late_columns){AMLRT__IBM_AMOUNT_PAID + 1, AMLRT__IBM_AMOUNT_RECEIVED + 1, 0};
  return (amlrt__late_columns){s->at[AMLRT__COL_AMOUNT] + 1, s->at[received] + 1,
                               s->at[AMLRT__COL_ID] + 1}; // AMLRT_NONE + 1 is 0
}

// The first file decides what the table has, the others must have the same.
static amlrt_status use_schema(amlrt__reader *r, uint32_t file, amlrt_error *err)
{
  const amlrt__schema *s = r->schema;

  r->late[file] = late_columns_of(s);
  r->csv.n_expected = s->n_fields;
  r->csv.at_least = s->at_least;
  if (file > 0)
    return amlrt__schema_same(&r->first, r->t->input[0].path, s, r->t->input[file].path, err);
  r->t->has = columns_of(s);
  r->rows.has_id = has(s, AMLRT__COL_ID);
  for (uint32_t i = 0; i < s->n_extra; i++)
    if (!amlrt__collect_new_extra(&r->rows, s->extra_name[i]))
      return amlrt__nomem(err, "further columns");
  return AMLRT_OK;
}

static amlrt_status read_header(amlrt__reader *r, uint32_t file, amlrt_error *err)
{
  amlrt__schema *schema = file > 0 ? &r->other : &r->first;
  amlrt_status st;
  bool more;

  if (r->map.has_header) {
    if ((st = amlrt__csv_next(&r->csv, &more, err)) < 0) return st;
    if (!more)
      return amlrt__fail(err, AMLRT_E_HEADER,
                         "%s: the file is empty, it should begin with a header", r->csv.in->name);
  }
  st = amlrt__schema_find(schema, &r->csv, r->opts->format, &r->map, &r->t->texts, err);
  if (st < 0) return st;
  r->schema = schema;
  return use_schema(r, file, err);
}

// ---- rows ---------------------------------------------------------------------------------------

static amlrt_status add_row(amlrt__reader *r, const amlrt__row *row, amlrt_error *err)
{
  amlrt_status st = amlrt__collect_add(&r->rows, row, err);

  for (uint32_t i = 0; st == AMLRT_OK && i < r->schema->n_extra; i++)
    st = amlrt__collect_extra(&r->rows, i, amlrt__csv_text(&r->csv, r->schema->extra_at[i]), err);
  return st;
}

static amlrt_status take_record(amlrt__reader *r, uint32_t file, amlrt_error *err)
{
  amlrt__row row;
  amlrt__fault fault = r->csv.fault;

  if (!amlrt__collect_line(&r->rows, file, r->csv.line)) return amlrt__nomem(err, "transactions");
  r->t->input[file].rows_read++;
  row = (amlrt__row){.id = {"", 0}};
  if (!fault.reason)
    fault = r->schema->format == AMLRT_FORMAT_IBM ? amlrt__ibm_row(r, &row)
                                                  : amlrt__generic_row(r, &row);
  if (!fault.reason) return add_row(r, &row, err);
  r->t->input[file].rows_rejected++;
  if (!amlrt__table_reject(r->t, file, r->csv.line, fault.column, amlrt__reason_text(fault.reason)))
    return amlrt__nomem(err, "rejects");
  return AMLRT_OK;
}

static amlrt_status ask_host(amlrt__reader *r, uint64_t bytes, amlrt_error *err)
{
  const amlrt_read_opts *o = r->opts;

  if (o->progress) o->progress(o->user, r->rows.n_read, bytes);
  if (o->cancelled && o->cancelled(o->user)) {
    (void)amlrt__fail(err, AMLRT_INTERRUPTED, "reading was stopped on request");
    return AMLRT_INTERRUPTED;
  }
  return AMLRT_OK;
}

static amlrt_status read_rows(amlrt__reader *r, uint32_t file, uint64_t bytes_before,
                              amlrt_error *err)
{
  amlrt_status st = AMLRT_OK;
  bool more = true;

  while (st == AMLRT_OK) {
    st = amlrt__csv_next(&r->csv, &more, err);
    if (st < 0 || !more) break;
    st = take_record(r, file, err);
    if (st == AMLRT_OK && r->rows.n_read % ROWS_BETWEEN_QUESTIONS == 0)
      st = ask_host(r, bytes_before + r->csv.in->bytes, err);
  }
  return st;
}

// ---- files --------------------------------------------------------------------------------------

static amlrt_status read_csv(amlrt__reader *r, uint32_t file, amlrt__input *in,
                             uint64_t bytes_before, amlrt_error *err)
{
  amlrt_status st = amlrt__csv_init(&r->csv, in, r->map.delimiter, err);

  if (st < 0) return st;
  st = read_header(r, file, err);
  if (st == AMLRT_OK) st = read_rows(r, file, bytes_before, err);
  amlrt__schema_release(&r->other);
  amlrt__csv_release(&r->csv);
  return st;
}

static amlrt_status read_file(amlrt__reader *r, uint32_t file, amlrt_error *err)
{
  amlrt_input_info *info = &r->t->input[file];
  uint64_t bytes_before = 0;
  amlrt__input in;
  amlrt_status st = amlrt__input_open(&in, info->path, r->rows.mem, err);

  if (st < 0) return st;
  for (uint32_t i = 0; i < file; i++)
    bytes_before += r->t->input[i].bytes;
  st = read_csv(r, file, &in, bytes_before, err);
  if (st == AMLRT_OK) {
    info->bytes = in.bytes;
    amlrt__sha256_end(&in.hash, info->sha256);
    st = ask_host(r, bytes_before + in.bytes, err);
  }
  amlrt__input_close(&in);
  return st;
}

// ---- all ----------------------------------------------------------------------------------------

static amlrt_status check_arguments(const char *const *paths, size_t n, const amlrt_read_opts *o,
                                    amlrt_error *err)
{
  size_t n_stdin = 0;

  if (n == 0 || n > 1000000)
    return amlrt__fail(err, AMLRT_E_ARG, n ? "too many files" : "there is no file to read");
  for (size_t i = 0; i < n; i++)
    n_stdin += strcmp(paths[i], "-") == 0;
  if (n_stdin > 1) return amlrt__fail(err, AMLRT_E_ARG, "standard input is named twice");
  if (!(o->max_rejects >= 0.0 && o->max_rejects <= 1.0))
    return amlrt__fail(err, AMLRT_E_ARG, "the share of rows that may be rejected is from 0 to 1");
  if (o->map_path && o->format == AMLRT_FORMAT_IBM)
    return amlrt__fail(err, AMLRT_E_ARG,
                       "a column map is for the generic format, not for the IBM one");
  return AMLRT_OK;
}

static amlrt_status prepare(amlrt__reader *r, const char *const *paths, size_t n, amlrt_error *err)
{
  amlrt_table *t = r->t;

  t->input = amlrt__array(&t->mem, n, sizeof *t->input);
  r->late = amlrt__array(&t->mem, n, sizeof *r->late);
  r->keys = amlrt__alloc(&t->mem, AMLRT__RECORD_MAX + 2);
  if (!t->input || !r->late || !r->keys) return amlrt__nomem(err, "reading");
  r->rows.late = r->late;
  t->n_inputs = (uint32_t)n;
  for (size_t i = 0; i < n; i++) {
    t->input[i].path = amlrt__pool_copy(&t->texts, paths[i], strlen(paths[i]));
    if (!t->input[i].path) return amlrt__nomem(err, "reading");
  }
  return r->opts->map_path ? amlrt__map_read(&r->map, r->opts->map_path, err) : AMLRT_OK;
}

// Whether too many rows were rejected. The error is written, the table stays.
static bool too_many_rejects(const amlrt__reader *r, amlrt_error *err)
{
  const amlrt_table *t = r->t;
  const amlrt_reject *first = t->reject;
  char column[32] = "", share[32];

  if ((double)t->n_rejects <= r->opts->max_rejects * (double)r->rows.n_read) return false;
  if (first->column) snprintf(column, sizeof column, " column %" PRIu32 ":", first->column);
  amlrt_double_print(share, r->opts->max_rejects);
  (void)amlrt__fail(err, AMLRT_E_REJECTS,
                    "%" PRIu64 " of %" PRIu64 " rows were rejected, more than the share of %s that "
                    "is allowed; the first: %s:%" PRIu64 ":%s %s",
                    t->n_rejects, r->rows.n_read, share, t->input[first->file].path, first->line,
                    column, first->reason);
  return true;
}

static amlrt_status attributes(amlrt__reader *r, amlrt_error *err)
{
  bool ibm = r->first.format == AMLRT_FORMAT_IBM;
  amlrt_status st = ibm ? amlrt__bank_attribute(r->t, err) : AMLRT_OK;

  if (st == AMLRT_OK && r->opts->accounts_path)
    st = amlrt__accounts_read(r->t, r->opts->accounts_path, ibm, err);
  if (st == AMLRT_OK && !amlrt__attributes_settle(r->t)) st = amlrt__nomem(err, "accounts");
  return st;
}

static amlrt_status read_all(amlrt__reader *r, const char *const *paths, size_t n, amlrt_error *err)
{
  amlrt_status st = prepare(r, paths, n, err);
  bool too_many = false;

  for (uint32_t i = 0; st == AMLRT_OK && i < r->t->n_inputs; i++)
    st = read_file(r, i, err);
  if (st == AMLRT_OK) st = amlrt__collect_judge(&r->rows, err);
  if (st == AMLRT_OK && (too_many = too_many_rejects(r, err))) amlrt__collect_drop_all(&r->rows);
  if (st == AMLRT_OK) st = amlrt__collect_finish(&r->rows, err);
  for (uint32_t i = 0; i < r->t->n_inputs; i++)
    r->t->input[i].rows_used = r->t->input[i].rows_read - r->t->input[i].rows_rejected;
  if (st == AMLRT_OK) st = too_many ? AMLRT_E_REJECTS : attributes(r, err);
  return st;
}

amlrt_status amlrt_table_read(amlrt_table **out, const char *const *paths, size_t n_paths,
                              const amlrt_read_opts *opts, amlrt_error *err)
{
  const amlrt_read_opts defaults = amlrt_read_opts_default();
  amlrt__reader r = {.opts = opts ? opts : &defaults};
  const amlrt_alloc *mem = r.opts->mem ? r.opts->mem : amlrt_alloc_default();
  amlrt_status st;

  *out = NULL;
  if ((st = check_arguments(paths, n_paths, r.opts, err)) < 0) return st;
  r.t = amlrt__table_new(mem);
  if (!r.t) return amlrt__nomem(err, "reading");
  amlrt__collect_init(&r.rows, r.t);
  amlrt__map_init(&r.map, &r.t->mem);
  st = read_all(&r, paths, n_paths, err);
  amlrt__collect_release(&r.rows);
  amlrt__schema_release(&r.first);
  amlrt__release(&r.t->mem, r.late);
  amlrt__release(&r.t->mem, r.keys);
  amlrt__map_release(&r.map);
  if (st == AMLRT_OK || st == AMLRT_E_REJECTS)
    *out = r.t;
  else
    amlrt_table_free(r.t);
  return st;
}
