#include "tests/unit/support_ref.h"

#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// ---- patterns and tables --------------------------------------------------------------------------

void ref_compile(sema_bench *b, const char *body, const cx_allocator *mem)
{
  static const char head[] = "#!amlc 1\n/// A test.\npattern t {\n  meta { id: "
                             "\"6f1c1a52-6c0e-4c39-9d53-0b7e6b1f0a11\"; version: \"1.0.0\"; }\n";
  size_t n = strlen(head) + strlen(body) + 4;
  char *text = malloc(n);

  ck_assert_ptr_nonnull(text);
  snprintf(text, n, "%s%s\n}\n", head, body);
  sema_bench_init(b, mem, NULL);
  sema_bench_run(b, "t.aml", text, NULL, 0);
  if (!b->m) ck_abort_msg("%s\n%s", sema_bench_diagnostics(b), text);
  free(text);
}

enum { N_WORDS = 8 };

// The words of a line, ended by NUL in place; returns the start of the next line.
static char *words_of(char *line, char *word[N_WORDS], unsigned *n)
{
  char *end = line + strcspn(line, "\n"), *next = *end ? end + 1 : end;

  *end = '\0';
  *n = 0;
  for (char *at = line + strspn(line, " "); *at && *n < N_WORDS; at += strspn(at, " ")) {
    word[(*n)++] = at;
    at += strcspn(at, " ");
    if (*at) *at++ = '\0';
  }
  return next;
}

static const char *given(char *const word[N_WORDS], unsigned n, unsigned i)
{
  return i < n && strcmp(word[i], "-") != 0 ? word[i] : NULL;
}

static amlrt_status add_line(amlrt_builder *b, char *const word[N_WORDS], unsigned n)
{
  amlrt_tx tx = {.from = word[0], .to = word[1]};

  ck_assert_uint_ge(n, 3);
  ck_assert(amlrt_time_parse(&tx.time, word[2], strlen(word[2])));
  tx.amount = given(word, n, 3);
  tx.currency = given(word, n, 4);
  tx.format = given(word, n, 5);
  tx.amount_received = given(word, n, 6);
  tx.currency_received = given(word, n, 7);
  return amlrt_builder_add(b, &tx, NULL);
}

amlrt_status ref_table(amlrt_table **out, const char *tx, const amlrt_alloc *mem)
{
  amlrt_builder *b = NULL;
  char *copy = strdup(tx), *word[N_WORDS] = {0};
  unsigned n;

  *out = NULL;
  ck_assert_ptr_nonnull(copy);
  amlrt_status st = amlrt_builder_new(&b, mem, NULL);
  for (char *line = copy; *line && st >= 0;) {
    line = words_of(line, word, &n);
    if (n > 0) st = add_line(b, word, n);
  }
  if (st >= 0) st = amlrt_builder_finish(out, b, NULL);
  amlrt_builder_free(b);
  free(copy);
  return st;
}

// ---- matches as lines -------------------------------------------------------------------------------

static void put(ref_printer *p, const char *fmt, ...) AMLRT_PRINTF(2, 3);
static void put(ref_printer *p, const char *fmt, ...)
{
  va_list args;

  if (p->cap - p->n < 4096) {
    p->cap = p->cap * 2 + 8192;
    p->at = realloc(p->at, p->cap);
    ck_assert_ptr_nonnull(p->at);
  }
  va_start(args, fmt);
  p->n += (size_t)vsnprintf(p->at + p->n, p->cap - p->n, fmt, args);
  va_end(args);
}

static void put_id(ref_printer *p, uint32_t row)
{
  char id[64];
  amlrt_table_id_text(p->table, row, id, sizeof id);
  put(p, "%s", id);
}

static void put_role(ref_printer *p, const amlrt_role_info *r, const amlrt_list *l)
{
  const char *open = r->kind == AMLRT_ROLE_GROUP ? "[" : r->kind == AMLRT_ROLE_CHAIN ? "<" : "";
  const char *close = r->kind == AMLRT_ROLE_GROUP ? "]" : r->kind == AMLRT_ROLE_CHAIN ? ">" : "";

  put(p, " %s=%s", r->name, open);
  for (uint32_t i = 0; i < l->n; i++)
    put(p, "%s%s", i ? " " : "", amlrt_table_account(p->table, l->at[i]));
  put(p, "%s", close);
}

static void put_value(ref_printer *p, const amlrt_value *v)
{
  char text[32];

  if (v->kind == AMLRT_VALUE_NONE) {
    put(p, "none");
    return;
  }
  amlrt_double_print(text, amlrt_frac_double(v->v));
  put(p, "%s", text);
  if (v->kind == AMLRT_VALUE_MONEY && v->currency)
    put(p, "%s", amlrt_table_currency(p->table, v->currency, NULL));
}

static void put_constraints(ref_printer *p, const amlrt_match *m)
{
  char text[32];

  for (uint32_t k = 0; k < p->info->n_constraints; k++) {
    const amlrt_result *r = &m->constraints[k];
    put(p, "  ");
    put_value(p, &r->value);
    amlrt_double_print(text, amlrt_degree_double(r->degree));
    put(p, r->left_out ? " left out\n" : " %s\n", text);
  }
}

amlrt_status ref_print(void *printer, const amlrt_match *m)
{
  ref_printer *p = printer;
  char degree[32];

  put_id(p, m->trigger);
  amlrt_double_print(degree, amlrt_degree_double(m->degree));
  put(p, " %s%s", degree, m->inconclusive ? "?" : "");
  for (uint32_t r = 0; r < p->info->n_roles; r++)
    put_role(p, &p->info->roles[r], &m->roles[r]);
  for (uint32_t s = 0; s < p->info->n_stages; s++) {
    put(p, " %s:", p->info->stages[s].name);
    for (uint32_t i = 0; i < m->stages[s].n; i++) {
      if (i) put(p, ",");
      put_id(p, m->stages[s].at[i]);
    }
  }
  put(p, "\n");
  if (p->constraints) put_constraints(p, m);
  return AMLRT_OK;
}

// ---- a case -----------------------------------------------------------------------------------------

static amlrt_rates *read_rates(const char *text)
{
  char path[] = "/tmp/aml_ref_rates_XXXXXX";
  amlrt_rates *r = NULL;

  if (!text) return NULL;
  int fd = mkstemp(path);
  ck_assert_int_ge(fd, 0);
  ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
  close(fd);
  ck_assert_int_eq(amlrt_rates_read(&r, path, NULL, NULL), AMLRT_OK);
  unlink(path);
  return r;
}

static char *run(const ref_case *c, const gir_pattern *p, ref_printer *out, ref_opts *o)
{
  out->n = 0;
  put(out, "%s", "");
  amlrt_status st = ref_run(p, 0, out->table, o, ref_print, out, NULL, NULL);
  ck_assert_msg(st == c->status, "%s: status %d", c->name, st);
  return out->at;
}

static void same(const ref_case *c, const char *how, const char *is)
{
  ck_assert_msg(strcmp(is, c->expect) == 0, "%s, %s:\n%sexpected:\n%s", c->name, how, is,
                c->expect);
}

void ref_case_check(const ref_case *c)
{
  sema_bench b;
  ref_printer out = {.constraints = c->constraints};
  amlrt_table *t;
  amlrt_rates *rates = read_rates(c->rates);
  ref_opts o = {.rates = rates,
                .history_complete = !c->partial,
                .only_trigger = AMLRT_NONE,
                .hub_limit = c->hub_limit,
                .match_limit = c->match_limit};

  ref_compile(&b, c->pattern, NULL);
  const gir_pattern *p = b.m->patterns.at[0];
  ck_assert_int_eq(ref_table(&t, c->tx, NULL), AMLRT_OK);
  out.table = t;
  out.info = ref_pattern_info(b.mem, p);
  same(c, "as it is", run(c, p, &out, &o));
  o.all_stages = true;
  same(c, "all stages", run(c, p, &out, &o));
  o.all_stages = false;
  ref_printer all = {.constraints = c->constraints, .table = t, .info = out.info};
  put(&all, "%s", "");
  for (uint32_t e = 0; e < amlrt_table_columns(t)->n_rows && c->status == AMLRT_OK; e++) {
    o.only_trigger = e;
    put(&all, "%s", run(c, p, &out, &o));
  }
  if (c->status == AMLRT_OK) same(c, "trigger by trigger", all.at);
  free(all.at);
  free(out.at);
  amlrt_table_free(t);
  amlrt_rates_free(rates);
  sema_bench_release(&b);
}
