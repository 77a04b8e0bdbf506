#include "passes/copy.h"

typedef struct copier {
  gir_pattern *to;
  gir_node **made; // by id of the original
} copier;

static gir_node *copy_node(copier *k, const gir_node *n)
{
  enum { FEW = 8 };
  gir_node *few[FEW] = {0}, **args = few;

  if (!n) return NULL;
  if (k->made[n->id]) return k->made[n->id];
  if (n->n_args > FEW) args = arena_try(k->to->mem, n->n_args * sizeof *args);
  for (uint32_t i = 0; args && i < n->n_args; i++)
    args[i] = copy_node(k, n->args[i]);
  gir_node *out = gir_make(k->to, n->op, n->span, args, args ? n->n_args : 0);
  out->name = n->name;
  out->text = n->text;
  for (int i = 0; i < 3; i++)
    out->imm[i] = n->imm[i];
  out->range = n->range;
  out->value = n->value;
  out->type = n->type;
  k->made[n->id] = out;
  return out;
}

static void copy_head(gir_pattern *to, const gir_pattern *p)
{
  to->id = p->id;
  to->version = p->version;
  to->status = p->status;
  to->doc = p->doc;
  for (uint32_t i = 0; i < p->meta.n; i++)
    VEC_PUSH(to->mem, &to->meta, p->meta.at[i]); // values are shared: nobody changes them
  for (uint32_t i = 0; i < p->params.n; i++)
    VEC_PUSH(to->mem, &to->params, p->params.at[i]);
  to->within = p->within;
  to->currency = p->currency;
  to->hubs = p->hubs;
}

gir_pattern *copy_pattern(gir_module *m, const gir_pattern *p)
{
  gir_pattern *to = gir_pattern_new(m, p->name, p->span);
  copier k = {.to = to, .made = arena_try(m->mem, ((size_t)p->n_nodes + 1) * sizeof(gir_node *))};

  if (!k.made) return NULL;
  copy_head(to, p);
  for (uint32_t i = 0; i < p->body.n; i++)
    gir_add(to, copy_node(&k, p->body.at[i]));
  for (uint32_t i = 0; i < p->title.n; i++)
    gir_add(to, copy_node(&k, p->title.at[i]));
  for (uint32_t i = 0; i < p->features.n; i++)
    gir_add(to, copy_node(&k, p->features.at[i]));
  to->trigger = copy_node(&k, p->trigger);
  gir_derive(to);
  return cx_ok(arena_cx(m->mem)) ? to : NULL;
}
