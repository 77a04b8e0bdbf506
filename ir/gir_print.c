// Graph IR as text. One line a node, arguments above those that use them; nothing is left out but
// spans. gir_parse.c reads it back; ir/README.md shows it.
#include "ir/gir_table.h"
#include "ir/base/map.h"

typedef struct printer {
  strbuf *out;
  const gir_pattern *p;
  arena *mem;
  map *taken;         // labels that are names
  const char **label; // by node id; NULL: not printed yet
  bool *done;         // by node id
  uint32_t n_numbered;
} printer;

// ---- pieces ---------------------------------------------------------------------------------------

void gir_print_name(strbuf *out, const char *name)
{
  if (gir_is_word(name))
    strbuf_puts(out, name);
  else
    gir_print_quoted(out, name);
}

void gir_print_rational(strbuf *out, rational v)
{
  strbuf text;
  rational back;
  strbuf_init(&text, out->c);
  rational_print(&text, v);
  if (rational_read(&back, strbuf_text(&text), text.n) && rational_cmp(back, v) == 0) {
    strbuf_puts(out, strbuf_text(&text));
  } else {
    rational_print(out, (rational){v.num, 1});
    strbuf_putc(out, '/');
    rational_print(out, (rational){v.den, 1});
  }
  strbuf_release(&text);
}

// money USD, money none, number
static void print_type(strbuf *out, gir_type type, const char *currency)
{
  strbuf_printf(out, " %s", gir_types[type].name);
  if (type != TY_MONEY) return;
  strbuf_putc(out, ' ');
  if (currency)
    gir_print_quoted(out, currency);
  else
    strbuf_puts(out, "none");
}

void gir_print_range(strbuf *out, const gir_range *r)
{
  const rational *end[] = {&r->a, &r->b, &r->c, &r->d};
  strbuf_puts(out, " in");
  print_type(out, r->type, r->currency);
  strbuf_putc(out, ' ');
  for (int i = 0; i < 4; i++) {
    if (i == 2) strbuf_puts(out, "..");
    if (!(r->has & (1u << i))) continue;
    if (i == 3) strbuf_putc(out, '~');
    gir_print_rational(out, *end[i]);
    if (i == 0) strbuf_putc(out, '~');
  }
}

static void print_value(strbuf *out, const gir_const *v)
{
  print_type(out, v->type, v->text);
  strbuf_putc(out, ' ');
  if (v->type == TY_TEXT)
    gir_print_quoted(out, v->text);
  else
    gir_print_rational(out, v->v);
}

static void print_imms(strbuf *out, const gir_node *n)
{
  for (int k = 0; k < 3; k++) {
    gir_word w = gir_imm_word(n->op, k);
    const char *at;
    size_t len;
    if (!w.name) continue;
    strbuf_putc(out, ' ');
    strbuf_add(out, w.name, w.n);
    strbuf_putc(out, '=');
    if (gir_value_name(&w, n->imm[k], &at, &len))
      strbuf_add(out, at, len);
    else
      strbuf_printf(out, "%lld", (long long)n->imm[k]);
  }
}

// ---- nodes ----------------------------------------------------------------------------------------

// Roles and stages are called by their names where these are free, all else is numbered.
static const char *make_label(printer *pr, const gir_node *n)
{
  bool named = (n->type == TY_ROLE || n->type == TY_STAGE) && n->name && gir_is_word(n->name);
  const char *name = named ? cx_intern_z(pr->out->c, n->name) : NULL;
  if (name && map_put(pr->taken, name, pr)) return name;
  return arena_printf(pr->mem, "%u", ++pr->n_numbered);
}

static void print_args(printer *pr, const gir_node *n)
{
  uint32_t last = n->n_args; // missing ones at the end need no word
  while (last > 0 && !n->args[last - 1])
    last--;
  for (uint32_t k = 0; k < last; k++) {
    if (n->args[k])
      strbuf_printf(pr->out, " %%%s", pr->label[n->args[k]->id]);
    else
      strbuf_puts(pr->out, " none");
  }
}

static void print_node(printer *pr, const gir_node *n)
{
  if (pr->done[n->id]) return;
  pr->done[n->id] = true;
  for (uint32_t k = 0; k < n->n_args; k++)
    if (n->args[k]) print_node(pr, n->args[k]);
  strbuf_puts(pr->out, "  ");
  pr->label[n->id] = "";
  if (n->type != TY_STMT) {
    pr->label[n->id] = make_label(pr, n);
    strbuf_printf(pr->out, "%%%s = ", pr->label[n->id]);
  }
  strbuf_puts(pr->out, gir_ops[n->op].name);
  if (gir_has_attr(n->op, 'n')) {
    strbuf_putc(pr->out, ' ');
    gir_print_name(pr->out, n->name);
  }
  print_args(pr, n);
  if (gir_has_attr(n->op, 'v')) print_value(pr->out, &n->value);
  if (gir_has_attr(n->op, 'r')) gir_print_range(pr->out, &n->range);
  print_imms(pr->out, n);
  if (gir_has_attr(n->op, 't')) {
    strbuf_putc(pr->out, ' ');
    gir_print_quoted(pr->out, n->text);
  }
  if (gir_ops[n->op].gives == TY_ANY) strbuf_printf(pr->out, " : %s", gir_types[n->type].name);
  strbuf_putc(pr->out, '\n');
}

static void print_nodes(printer *pr, gir_node *const *nodes, uint32_t n)
{
  for (uint32_t i = 0; i < n; i++)
    print_node(pr, nodes[i]);
}

// ---- patterns -------------------------------------------------------------------------------------

static void print_line(strbuf *out, const char *word, const char *text)
{
  strbuf_printf(out, "  %s ", word);
  gir_print_quoted(out, text);
  strbuf_putc(out, '\n');
}

static void print_meta(strbuf *out, const gir_meta *m)
{
  strbuf_puts(out, "  meta ");
  gir_print_name(out, m->key);
  for (uint32_t i = 0; i < m->values.n; i++) {
    strbuf_putc(out, ' ');
    gir_print_quoted(out, m->values.at[i]);
  }
  strbuf_putc(out, '\n');
}

static void print_param(strbuf *out, const gir_param *p)
{
  strbuf_puts(out, "  param ");
  gir_print_name(out, p->name);
  strbuf_putc(out, ' ');
  gir_print_name(out, p->type);
  strbuf_putc(out, ' ');
  gir_print_quoted(out, p->value);
  strbuf_putc(out, ' ');
  gir_print_quoted(out, p->reason);
  strbuf_putc(out, '\n');
}

static void print_head(strbuf *out, const gir_pattern *p)
{
  strbuf_puts(out, "\npattern ");
  gir_print_name(out, p->name);
  strbuf_puts(out, " {\n");
  print_line(out, "id", p->id);
  print_line(out, "version", p->version);
  print_line(out, "status", p->status);
  print_line(out, "doc", p->doc);
  for (uint32_t i = 0; i < p->meta.n; i++)
    print_meta(out, &p->meta.at[i]);
  for (uint32_t i = 0; i < p->params.n; i++)
    print_param(out, &p->params.at[i]);
  strbuf_printf(out, "  within %lld\n", (long long)p->within);
  strbuf_printf(out, "  currency %s\n", gir_currency_names[p->currency]);
  strbuf_printf(out, "  hubs %lld\n\n", (long long)p->hubs);
}

static void print_derived(printer *pr)
{
  const gir_pattern *p = pr->p;
  strbuf_puts(pr->out, "\n");
  if (p->trigger) strbuf_printf(pr->out, "  trigger %%%s\n", pr->label[p->trigger->id]);
  strbuf_printf(pr->out, "  derived span=%lld breakable=%s triggers", (long long)p->span_s,
                p->breakable ? "yes" : "no");
  for (uint32_t i = 0; i < p->triggers.n; i++)
    strbuf_printf(pr->out, " %%%s", pr->label[p->triggers.at[i]->id]);
  strbuf_puts(pr->out, "\n}\n");
}

static void print_pattern(strbuf *out, const gir_pattern *p)
{
  printer pr = {.out = out, .p = p, .mem = arena_new(out->c, "gir print")};
  if (!pr.mem) return;
  pr.taken = map_new(pr.mem);
  pr.label = arena_try(pr.mem, (p->n_nodes + 1) * sizeof *pr.label);
  pr.done = arena_try(pr.mem, (p->n_nodes + 1) * sizeof *pr.done);
  if (pr.label && pr.done) {
    print_head(out, p);
    print_nodes(&pr, p->body.at, p->body.n);
    print_nodes(&pr, p->title.at, p->title.n);
    print_nodes(&pr, p->features.at, p->features.n);
    print_derived(&pr);
  }
  arena_free(pr.mem);
}

// ---- profiles -------------------------------------------------------------------------------------

static void print_profile(strbuf *out, const gir_profile *f)
{
  strbuf_puts(out, "\nprofile ");
  gir_print_name(out, f->name);
  strbuf_printf(out, " {\n  within %lld\n", (long long)f->within);
  strbuf_printf(out, "  for%s%s\n", f->for_from ? " from" : "", f->for_to ? " to" : "");
  strbuf_printf(out, "  over%s%s\n", f->over_out ? " out" : "", f->over_in ? " in" : "");
  for (uint32_t i = 0; i < f->stats.n; i++) {
    const gir_stat *s = &f->stats.at[i];
    strbuf_printf(out, "  stat %s", gir_stat_names[s->kind]);
    if (s->column) {
      strbuf_putc(out, ' ');
      gir_print_name(out, s->column);
    }
    strbuf_putc(out, '\n');
  }
  strbuf_puts(out, "}\n");
}

void gir_print(strbuf *out, const gir_module *m)
{
  strbuf_printf(out, "gir %d\n", GIR_TEXT_VERSION);
  for (uint32_t i = 0; i < m->patterns.n; i++)
    print_pattern(out, m->patterns.at[i]);
  for (uint32_t i = 0; i < m->profiles.n; i++)
    print_profile(out, m->profiles.at[i]);
}
