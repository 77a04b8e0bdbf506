// Feature columns: one row a transaction, filled match by match.
//
// A column takes memory when its first value comes: the bins of a histogram are mostly empty.
#include "amlrt/feature.h"
#include "runtime/src/match_copy.h"
#include "runtime/src/alloc.h"
#include "runtime/src/error.h"
#include "runtime/src/outfile.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

// By row; NULL while nothing is in it.
typedef struct column {
  uint32_t *count; // values seen: a COUNT, a bin, or what a mean is divided by
  double *number;  // SUM, MIN, MAX, MEAN
} column;

typedef struct feature {
  const amlrt_feature_info *info;
  column *columns; // one, or one a bin
  uint32_t n_columns;
} feature;

typedef struct pattern_columns {
  uint32_t *count;
  amlrt_degree *degree; // the highest
  feature *features;
} pattern_columns;

struct amlrt_features {
  amlrt_alloc mem;
  const amlrt_pattern_info *patterns;
  uint32_t n_patterns;
  const amlrt_table *table;
  uint32_t n_rows;
  amlrt_attribute attribute;
  pattern_columns *of;
  amlrt__u32s rows, tmp;
};

// ---- making ---------------------------------------------------------------------------------------

static bool feature_init(feature *f, const amlrt_feature_info *info, const amlrt_alloc *mem)
{
  bool bins = info->kind == AMLRT_FEATURE_HISTOGRAM;

  f->info = info;
  f->n_columns = bins ? (uint32_t)(info->bin_hi - info->bin_lo + 1) : 1;
  f->columns = amlrt__array(mem, f->n_columns, sizeof *f->columns);
  return f->columns != NULL;
}

static bool pattern_init(pattern_columns *c, const amlrt_pattern_info *p, const amlrt_alloc *mem)
{
  c->features = amlrt__array(mem, p->n_features, sizeof *c->features);
  if (!c->features) return false;
  for (uint32_t i = 0; i < p->n_features; i++)
    if (!feature_init(&c->features[i], &p->features[i], mem)) return false;
  return true;
}

static bool bins_fit(const amlrt_pattern_info *p)
{
  for (uint32_t i = 0; i < p->n_features; i++) {
    const amlrt_feature_info *f = &p->features[i];
    if (f->kind != AMLRT_FEATURE_HISTOGRAM) continue;
    amlrt_i128 n = (amlrt_i128)f->bin_hi - f->bin_lo + 1;
    if (n < 1 || n > INT32_MAX || f->bin_hi == INT64_MAX) return false;
  }
  return true;
}

amlrt_status amlrt_features_new(amlrt_features **out, const amlrt_pattern_info *patterns,
                                uint32_t n_patterns, const amlrt_table *table,
                                amlrt_attribute attribute, const amlrt_alloc *mem, amlrt_error *err)
{
  if (!mem) mem = amlrt_alloc_default();
  *out = NULL;
  for (uint32_t i = 0; i < n_patterns; i++)
    if (!bins_fit(&patterns[i]))
      return amlrt__fail(err, AMLRT_E_ARG, "the bins of a feature of pattern '%s' do not fit",
                         patterns[i].name);
  amlrt_features *f = amlrt__array(mem, 1, sizeof *f);
  if (!f) return amlrt__nomem(err, "feature columns");
  *f = (amlrt_features){.mem = *mem,
                        .patterns = patterns,
                        .table = table,
                        .n_rows = amlrt_table_columns(table)->n_rows,
                        .attribute = attribute};
  f->of = amlrt__array(mem, n_patterns, sizeof *f->of);
  bool ok = f->of != NULL;
  if (ok) f->n_patterns = n_patterns;
  for (uint32_t i = 0; i < n_patterns && ok; i++)
    ok = pattern_init(&f->of[i], &patterns[i], mem);
  if (!ok) {
    amlrt_features_free(f);
    return amlrt__nomem(err, "feature columns");
  }
  *out = f;
  return AMLRT_OK;
}

static void feature_release(feature *f, const amlrt_alloc *mem)
{
  for (uint32_t i = 0; f->columns && i < f->n_columns; i++) {
    amlrt__release(mem, f->columns[i].count);
    amlrt__release(mem, f->columns[i].number);
  }
  amlrt__release(mem, f->columns);
}

void amlrt_features_free(amlrt_features *f)
{
  if (!f) return;
  amlrt_alloc mem = f->mem;

  for (uint32_t i = 0; i < f->n_patterns; i++) {
    pattern_columns *c = &f->of[i];
    for (uint32_t k = 0; c->features && k < f->patterns[i].n_features; k++)
      feature_release(&c->features[k], &mem);
    amlrt__release(&mem, c->features);
    amlrt__release(&mem, c->count);
    amlrt__release(&mem, c->degree);
  }
  amlrt__release(&mem, f->of);
  amlrt__u32s_release(&f->rows, &mem);
  amlrt__u32s_release(&f->tmp, &mem);
  amlrt__release(&mem, f);
}

// ---- adding ---------------------------------------------------------------------------------------

// The column a value falls into, or AMLRT_NONE: below the first bin. The last bin is open above.
static uint32_t column_of(const feature *f, amlrt_frac v)
{
  const amlrt_feature_info *info = f->info;

  if (info->kind != AMLRT_FEATURE_HISTOGRAM) return 0;
  if (amlrt_frac_cmp(v, amlrt_frac_int(info->bin_lo)) < 0) return AMLRT_NONE;
  if (amlrt_frac_cmp(v, amlrt_frac_int(info->bin_hi)) >= 0) return f->n_columns - 1;
  amlrt_i128 whole = v.num / v.den - (v.num % v.den < 0);
  return (uint32_t)(whole - info->bin_lo);
}

static bool has_number(const feature *f)
{
  return f->info->kind != AMLRT_FEATURE_COUNT && f->info->kind != AMLRT_FEATURE_HISTOGRAM;
}

// Memory for all that the match touches, before anything is counted.
static bool feature_room(amlrt_features *a, feature *f, const amlrt_value *v)
{
  uint32_t at = v->kind == AMLRT_VALUE_NONE ? AMLRT_NONE : column_of(f, v->v);

  if (at == AMLRT_NONE) return true;
  column *c = &f->columns[at];
  if (!c->count) c->count = amlrt__array(&a->mem, a->n_rows, sizeof *c->count);
  if (!c->number && has_number(f)) c->number = amlrt__array(&a->mem, a->n_rows, sizeof *c->number);
  return c->count && (c->number || !has_number(f));
}

static bool match_room(amlrt_features *f, const amlrt_match *m)
{
  pattern_columns *c = &f->of[m->pattern];

  if (!c->count) c->count = amlrt__array(&f->mem, f->n_rows, sizeof *c->count);
  if (!c->degree) c->degree = amlrt__array(&f->mem, f->n_rows, sizeof *c->degree);
  bool ok = c->count && c->degree;
  for (uint32_t i = 0; ok && i < f->patterns[m->pattern].n_features; i++)
    ok = feature_room(f, &c->features[i], &m->feature_values[i]);
  return ok;
}

static void put_number(column *c, amlrt_feature_kind kind, uint32_t row, double v)
{
  double *at = &c->number[row];
  bool first = c->count[row] == 0;

  switch (kind) {
  case AMLRT_FEATURE_COUNT:
  case AMLRT_FEATURE_HISTOGRAM:
    return;
  case AMLRT_FEATURE_SUM:
  case AMLRT_FEATURE_MEAN:
    *at = first ? v : *at + v; // in the order the matches come: triggers ascending
    return;
  case AMLRT_FEATURE_MIN:
    if (first || v < *at) *at = v;
    return;
  case AMLRT_FEATURE_MAX:
    if (first || v > *at) *at = v;
    return;
  }
}

static void count_value(feature *f, const amlrt_value *v, uint32_t row)
{
  uint32_t at = v->kind == AMLRT_VALUE_NONE ? AMLRT_NONE : column_of(f, v->v);

  if (at == AMLRT_NONE) return;
  column *c = &f->columns[at];
  if (c->number) put_number(c, f->info->kind, row, amlrt_frac_double(v->v));
  c->count[row]++;
}

// No other count of the row is above its count of matches.
static amlrt_status count_row(amlrt_features *f, const amlrt_match *m, uint32_t row)
{
  pattern_columns *c = &f->of[m->pattern];

  if (c->count[row] == UINT32_MAX) return AMLRT_E_TOO_LARGE;
  c->count[row]++;
  if (m->degree > c->degree[row]) c->degree[row] = m->degree;
  for (uint32_t i = 0; i < f->patterns[m->pattern].n_features; i++)
    count_value(&c->features[i], &m->feature_values[i], row);
  return AMLRT_OK;
}

amlrt_status amlrt_features_add(void *features, const amlrt_match *m)
{
  amlrt_features *f = features;
  amlrt_status st = AMLRT_OK;

  if (m->pattern >= f->n_patterns || m->trigger >= f->n_rows) return AMLRT_E_ARG;
  if (!match_room(f, m)) return AMLRT_E_NOMEM;
  if (f->attribute == AMLRT_ATTRIBUTE_TRIGGER) return count_row(f, m, m->trigger);
  uint32_t n_stages = f->patterns[m->pattern].n_stages;
  if (!amlrt__match_rows(&f->rows, &f->tmp, m, n_stages, &f->mem)) return AMLRT_E_NOMEM;
  for (size_t i = 0; i < f->rows.n && st >= 0; i++)
    st = count_row(f, m, f->rows.at[i]);
  return st;
}

// ---- writing --------------------------------------------------------------------------------------

static void put_name(amlrt_out *o, const amlrt_pattern_info *p, const char *name,
                     const int64_t *bin)
{
  amlrt_out_printf(o, ",%s.%s", p->name, name); // names are words of the language: no quotes
  if (bin) amlrt_out_printf(o, ".%" PRId64, *bin);
}

static void put_header(amlrt_out *o, const amlrt_features *f)
{
  amlrt__out_puts(o, "id");
  for (uint32_t i = 0; i < f->n_patterns; i++) {
    const amlrt_pattern_info *p = &f->patterns[i];
    put_name(o, p, "count", NULL);
    put_name(o, p, "degree", NULL);
    for (uint32_t k = 0; k < p->n_features; k++) {
      const amlrt_feature_info *info = &p->features[k];
      bool bins = info->kind == AMLRT_FEATURE_HISTOGRAM;
      if (!bins) put_name(o, p, info->name, NULL);
      for (int64_t b = info->bin_lo; bins && b <= info->bin_hi; b++)
        put_name(o, p, info->name, &b);
    }
  }
  amlrt__out_puts(o, "\n");
}

static void put_count(amlrt_out *o, const uint32_t *count, uint32_t row)
{
  uint32_t v = count ? count[row] : 0;

  if (v == 0) {
    amlrt_out_write(o, ",0", 2); // nearly all of a file
  } else {
    amlrt_out_write(o, ",", 1);
    amlrt__out_u64(o, v);
  }
}

static void put_feature(amlrt_out *o, const feature *f, uint32_t row)
{
  const column *c = f->columns;

  if (!has_number(f)) {
    for (uint32_t i = 0; i < f->n_columns; i++)
      put_count(o, f->columns[i].count, row);
    return;
  }
  amlrt_out_write(o, ",", 1);
  if (!c->count || !c->count[row]) return; // of nothing
  double v = c->number[row];
  amlrt__out_double(o, f->info->kind == AMLRT_FEATURE_MEAN ? v / c->count[row] : v);
}

static void put_row(amlrt_out *o, const amlrt_features *f, uint32_t row)
{
  amlrt__out_csv_id(o, f->table, row);
  for (uint32_t i = 0; i < f->n_patterns; i++) {
    const pattern_columns *c = &f->of[i];
    put_count(o, c->count, row);
    amlrt_out_write(o, ",", 1);
    amlrt__out_double(o, c->degree ? amlrt_degree_double(c->degree[row]) : 0.0);
    for (uint32_t k = 0; k < f->patterns[i].n_features; k++)
      put_feature(o, &c->features[k], row);
  }
  amlrt_out_write(o, "\n", 1);
}

void amlrt_write_features(amlrt_out *o, const amlrt_features *f)
{
  put_header(o, f);
  for (uint32_t k = 0; k < f->n_rows && amlrt__out_ok(o); k++)
    put_row(o, f, amlrt_table_row_by_input(f->table, k));
}
