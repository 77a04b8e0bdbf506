#include "runtime/src/read.h"
#include "runtime/src/error.h"
#include "runtime/src/pipe.h"
#include "amlrt/sched.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

typedef struct reader {
  amlrt_table *t;
  const amlrt_read_opts *opts;
  size_t block_bytes;
  uint32_t threads;
  amlrt__map map;
  amlrt__collect rows;
  amlrt__schema first, other;  // of the first file, and of a further one
  const amlrt__schema *schema; // of the file being read: one of the two
  amlrt__late_columns *late;   // by file
  uint64_t bytes_before;       // of the files before
} reader;

amlrt_read_opts amlrt_read_opts_default(void)
{
  return (amlrt_read_opts){.format = AMLRT_FORMAT_AUTO, .max_rejects = 0.01};
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
static amlrt_status use_schema(reader *r, uint32_t file, amlrt_error *err)
{
  const amlrt__schema *s = r->schema;

  r->late[file] = late_columns_of(s);
  if (file > 0)
    return amlrt__schema_same(&r->first, r->t->input[0].path, s, r->t->input[file].path, err);
  r->t->has = columns_of(s);
  r->rows.has_id = has(s, AMLRT__COL_ID);
  for (uint32_t i = 0; i < s->n_extra; i++)
    if (!amlrt__collect_new_extra(&r->rows, s->extra_name[i]))
      return amlrt__nomem(err, "further columns");
  return AMLRT_OK;
}

static amlrt_status use_header(reader *r, amlrt__pipe *p, amlrt__csv *head, amlrt_error *err)
{
  amlrt__schema *schema = p->file > 0 ? &r->other : &r->first;
  bool more = true;
  amlrt_status st = AMLRT_OK;

  p->line = 1;
  if (r->map.has_header) st = amlrt__pipe_header(p, head, &more, err);
  if (st < 0) return st;
  if (!more)
    return amlrt__fail(err, AMLRT_E_HEADER, "%s: the file is empty, it should begin with a header",
                       head->name);
  st = amlrt__schema_find(schema, head, r->opts->format, &r->map, &r->t->texts, err);
  if (st < 0) return st;
  r->schema = p->schema = schema;
  return use_schema(r, p->file, err);
}

// ---- files --------------------------------------------------------------------------------------

static amlrt_status ask_host(void *user, uint64_t rows, uint64_t bytes, amlrt_error *err)
{
  reader *r = user;
  const amlrt_read_opts *o = r->opts;

  if (o->progress) o->progress(o->user, rows, r->bytes_before + bytes);
  if (o->cancelled && o->cancelled(o->user)) {
    (void)amlrt__fail(err, AMLRT_INTERRUPTED, "reading was stopped on request");
    return AMLRT_INTERRUPTED;
  }
  return AMLRT_OK;
}

static amlrt_status read_through(reader *r, uint32_t file, amlrt__input *in, amlrt_error *err)
{
  amlrt__pipe p = {.in = in,
                   .rows = &r->rows,
                   .file = file,
                   .threads = r->threads,
                   .block_bytes = r->block_bytes,
                   .delimiter = r->map.delimiter,
                   .ask = ask_host,
                   .user = r};
  amlrt__csv head;
  amlrt_status st = amlrt__pipe_start(&p, err);

  amlrt__csv_init_part(&head, in->name, r->map.delimiter, r->rows.mem);
  if (st == AMLRT_OK) st = use_header(r, &p, &head, err);
  amlrt__csv_release(&head);
  if (st == AMLRT_OK) st = amlrt__pipe_rows(&p, err);
  amlrt__pipe_release(&p);
  amlrt__schema_release(&r->other);
  return st;
}

static amlrt_status read_file(reader *r, uint32_t file, amlrt_error *err)
{
  amlrt_input_info *info = &r->t->input[file];
  amlrt__input in;
  amlrt_status st = amlrt__input_open(&in, info->path, r->rows.mem, err);

  if (st < 0) return st;
  st = read_through(r, file, &in, err);
  if (st == AMLRT_OK) {
    info->bytes = in.bytes;
    amlrt__sha256_end(&in.hash, info->sha256);
    st = ask_host(r, r->rows.n_read, in.bytes, err);
    r->bytes_before += in.bytes;
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

static amlrt_status prepare(reader *r, const char *const *paths, size_t n, amlrt_error *err)
{
  amlrt_table *t = r->t;

  t->input = amlrt__array(&t->mem, n, sizeof *t->input);
  r->late = amlrt__array(&t->mem, n, sizeof *r->late);
  if (!t->input || !r->late) return amlrt__nomem(err, "reading");
  r->rows.late = r->late;
  r->rows.threads = r->threads;
  t->n_inputs = (uint32_t)n;
  for (size_t i = 0; i < n; i++) {
    t->input[i].path = amlrt__pool_copy(&t->texts, paths[i], strlen(paths[i]));
    if (!t->input[i].path) return amlrt__nomem(err, "reading");
  }
  return r->opts->map_path ? amlrt__map_read(&r->map, r->opts->map_path, err) : AMLRT_OK;
}

// Whether too many rows were rejected. The error is written, the table stays.
static bool too_many_rejects(const reader *r, amlrt_error *err)
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

static amlrt_status attributes(reader *r, amlrt_error *err)
{
  bool ibm = r->first.format == AMLRT_FORMAT_IBM;
  amlrt_status st = ibm ? amlrt__bank_attribute(r->t, err) : AMLRT_OK;

  if (st == AMLRT_OK && r->opts->accounts_path)
    st = amlrt__accounts_read(r->t, r->opts->accounts_path, ibm, err);
  if (st == AMLRT_OK && !amlrt__attributes_settle(r->t)) st = amlrt__nomem(err, "accounts");
  return st;
}

static amlrt_status read_all(reader *r, const char *const *paths, size_t n, amlrt_error *err)
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

static void release(reader *r)
{
  amlrt__collect_release(&r->rows);
  amlrt__schema_release(&r->first);
  amlrt__release(&r->t->mem, r->late);
  amlrt__map_release(&r->map);
}

amlrt_status amlrt__table_read_cut(amlrt_table **out, const char *const *paths, size_t n_paths,
                                   const amlrt_read_opts *opts, size_t block_bytes,
                                   amlrt_error *err)
{
  const amlrt_read_opts defaults = amlrt_read_opts_default();
  reader r = {.opts = opts ? opts : &defaults, .block_bytes = block_bytes};
  const amlrt_alloc *mem = r.opts->mem ? r.opts->mem : amlrt_alloc_default();
  amlrt_status st;

  *out = NULL;
  if ((st = check_arguments(paths, n_paths, r.opts, err)) < 0) return st;
  r.threads = amlrt_threads(r.opts->threads);
  r.t = amlrt__table_new(mem);
  if (!r.t) return amlrt__nomem(err, "reading");
  amlrt__collect_init(&r.rows, r.t);
  amlrt__map_init(&r.map, &r.t->mem);
  st = read_all(&r, paths, n_paths, err);
  release(&r);
  if (st == AMLRT_OK || st == AMLRT_E_REJECTS)
    *out = r.t;
  else
    amlrt_table_free(r.t);
  return st;
}

amlrt_status amlrt_table_read(amlrt_table **out, const char *const *paths, size_t n_paths,
                              const amlrt_read_opts *opts, amlrt_error *err)
{
  return amlrt__table_read_cut(out, paths, n_paths, opts, AMLRT__BLOCK_BYTES, err);
}
