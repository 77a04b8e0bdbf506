// The plan trigger-major: for each stage that can hold the trigger, its ends are bound, and from there
// the other single roles along stages that every match must have. What comes out is more than the
// matches, never less; the runtime's evaluator decides.
//
// First of the passes on kernel IR: it writes the loops that the others improve. It leaves patterns
// with chains, and triggers from which a role cannot be reached, to the runtime's own generator.
#include "passes/bind_inside.h"
#include "passes/kir_write.h"
#include "passes/passes.h"

enum { MAX_FORKS = 2 };

static void write_rest(binder *b, kir_node *block);

// ---- names ----------------------------------------------------------------------------------------------

static const char *interned(binder *b, const char *text)
{
  return cx_intern_z(b->u->c, text);
}

// The variable of a role's account. Names of roles are more than C's.
static const char *role_variable(binder *b, uint32_t role)
{
  const char *name = b->m->roles.at[role].name;
  bool plain = true;

  for (const char *at = name; *at; at++)
    plain = plain && ((*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') ||
                      (*at >= '0' && *at <= '9') || *at == '_');
  return interned(b, plain ? arena_printf(b->u->mem, "the_%s", name)
                           : arena_printf(b->u->mem, "role%u", role));
}

static kir_node *account(binder *b, const char *name)
{
  return kw_var(b->m, name, KTY_U32, b->where);
}

// ---- conditions -----------------------------------------------------------------------------------------

static kir_node *make(binder *b, kir_op op, kir_node *x, kir_node *y)
{
  return kw_make(b->m, op, b->where, x, y);
}

// Not the account of a single role that is bound already: keys differ, and no group holds one.
static kir_node *is_new(binder *b, uint32_t role, const char *name)
{
  kir_node *out = NULL;

  for (uint32_t r = 0; r < b->m->roles.n; r++) {
    if (r == role || !b->known[r] || !bind_is_single(b, r) || bind_may_equal(b, role, r)) continue;
    out = kw_and(b->m, out, make(b, KIR_U_NE, account(b, name), account(b, b->known[r])));
  }
  return out;
}

static kir_node *in_time(binder *b, uint32_t stage, const char *row)
{
  return bind_in_time(b->u, b->where, stage, row);
}

// A transfer `row` between `near` and the account `there` of role `far` may lie in the stage.
static kir_node *fits(binder *b, const bind_link *l, const char *near, const char *there,
                      const char *row)
{
  const kir_stage *st = &b->m->stages.at[l->stage];
  kir_node *out = is_new(b, l->far, there);

  // Where near is a key, the line above has said it unless the two may be equal.
  bool said = bind_is_single(b, l->near) && !bind_may_equal(b, l->near, l->far);
  if (!st->ends_may_equal && !said)
    out = kw_and(b->m, out, make(b, KIR_U_NE, account(b, there), account(b, near)));
  out = kw_and(b->m, out, in_time(b, l->stage, row));
  out = kw_and(b->m, out, bind_passes(b->m, b->where, l->stage, row));
  return kw_and(b->m, out, make(b, KIR_ALLOWED, account(b, there), NULL));
}

// ---- stages between roles that are bound ------------------------------------------------------------------

// A stage between two single roles needs a transfer. What follows stands inside the loop that looks for
// one, which ends at the first. Gives the block to go on in; *last: the innermost such block.
static kir_node *write_link(binder *b, kir_node *block, uint32_t stage, uint32_t role)
{
  const kir_stage *st = &b->m->stages.at[stage];
  bool paid = st->from == role;
  const char *other = b->known[paid ? st->to : st->from];
  const char *nbr = interned(b, arena_printf(b->u->mem, "n%u", ++b->n_loops));
  const char *row = interned(b, arena_printf(b->u->mem, "row%u", b->n_loops));

  kir_node *slice = kw_slice(b->m, paid, account(b, b->known[role]));
  kir_node *body = kw_for_each(b->m, block, slice, nbr, row);
  kir_node *same = make(b, KIR_U_EQ, account(b, nbr), account(b, other));
  kir_node *cond = kw_and(b->m, same, in_time(b, stage, row));
  return kw_if(b->m, body, kw_and(b->m, cond, bind_passes(b->m, b->where, stage, row)));
}

static bool links(const binder *b, const kir_stage *st, uint32_t role)
{
  if (st->kind != KIR_STAGE_PLAIN || !st->required) return false;
  uint32_t other = st->from == role ? st->to : st->to == role ? st->from : KIR_NONE;
  return other != KIR_NONE && bind_is_single(b, other) && b->known[other];
}

// Once `role` is bound: its stages to other roles that are, but for `met`, whose transfer is at hand.
static void write_links(binder *b, kir_node *block, uint32_t role, uint32_t met, uint32_t from)
{
  for (uint32_t i = from; i < b->m->stages.n; i++) {
    if (i == met || !links(b, &b->m->stages.at[i], role)) continue;
    kir_node *inside = write_link(b, block, i, role);
    write_links(b, inside, role, met, i + 1);
    kir_append(b->m, inside, make(b, KIR_STOP, NULL, NULL));
    return;
  }
  write_rest(b, block);
}

// ---- ways -------------------------------------------------------------------------------------------------

static uint32_t free_slot(binder *b)
{
  for (uint32_t s = 0; s < KW_SLOTS; s++)
    if (!(b->slots & (1u << s))) {
      b->slots |= 1u << s;
      return s;
    }
  return KW_SLOTS;
}

static void bind_role(binder *b, kir_node *block, uint32_t role, const char *name, uint32_t met)
{
  const char *variable = role_variable(b, role);

  kw_let(b->m, block, variable, account(b, name));
  b->known[role] = variable;
  write_links(b, block, role, met, 0);
  b->known[role] = NULL;
}

static void write_step(binder *b, kir_node *block, const bind_way *way, uint32_t k,
                       const char *near, const uint32_t *slot);

// By a set the accounts are those of `near`.
static void write_same(binder *b, kir_node *block, const bind_way *way, uint32_t k,
                       const char *near, const uint32_t *slot)
{
  const bind_link *l = &way->link[k];
  kir_node *cond = make(b, KIR_ALLOWED, account(b, near), NULL);
  kir_node *inside = kw_if(b->m, block, kw_and(b->m, is_new(b, l->far, near), cond));

  if (k + 1 < way->n)
    write_step(b, inside, way, k + 1, near, slot);
  else
    bind_role(b, inside, l->far, near, KIR_NONE);
}

static void write_step(binder *b, kir_node *block, const bind_way *way, uint32_t k,
                       const char *near, const uint32_t *slot)
{
  const bind_link *l = &way->link[k];

  if (l->stage == KIR_NONE) {
    write_same(b, block, way, k, near, slot);
    return;
  }
  const char *nbr = interned(b, arena_printf(b->u->mem, "n%u", ++b->n_loops));
  const char *row = interned(b, arena_printf(b->u->mem, "row%u", b->n_loops));
  kir_node *body = kw_for_each(b->m, block, kw_slice(b->m, l->paid, account(b, near)), nbr, row);
  kir_node *inside = kw_if(b->m, body, fits(b, l, near, nbr, row));
  if (slot[k] < KW_SLOTS)
    inside = kw_if(b->m, inside, kw_mark(b->m, KIR_MARK, slot[k], account(b, nbr)));
  if (k + 1 < way->n)
    write_step(b, inside, way, k + 1, nbr, slot);
  else
    bind_role(b, inside, l->far, nbr, l->stage);
}

// Each account is gone on from once, as far as there are marks: the last step's count most.
static void write_way(binder *b, kir_node *block, const bind_way *way)
{
  uint32_t slot[BIND_MAX_LINKS], before = b->slots;

  for (uint32_t k = way->n; k-- > 0;) {
    slot[k] = way->link[k].stage == KIR_NONE ? KW_SLOTS : free_slot(b);
    if (slot[k] < KW_SLOTS) kw_marks_begin(b->m, block, slot[k], b->where);
  }
  write_step(b, block, way, 0, b->known[way->link[0].near], slot);
  b->slots = before;
}

// Two ways of one step: at run time the one with fewer transfers is gone.
static void write_fork(binder *b, kir_node *block, const bind_way *one, const bind_way *two)
{
  const bind_way *way[2] = {one, two};
  kir_node *size[2], *arm[2];

  b->forks++;
  for (int i = 0; i < 2; i++) {
    const bind_link *l = &way[i]->link[0];
    kir_node *slice = kw_slice(b->m, l->paid, account(b, b->known[l->near]));
    size[i] = make(b, KIR_SIZE_OF, slice, NULL);
    arm[i] = kw_block(b->m, b->where);
    write_way(b, arm[i], way[i]);
  }
  kir_node *args[3] = {make(b, KIR_U_LT, size[1], size[0]), arm[1], arm[0]};
  kir_append(b->m, block, kir_make(b->m, KIR_IF, b->where, args, 3));
}

static void write_candidate(binder *b, kir_node *block)
{
  kir_node **keys = arena_try(b->u->mem, (b->m->roles.n + 1) * sizeof *keys);
  uint32_t n = 0;

  for (uint32_t r = 0; keys && r < b->m->roles.n; r++)
    if (bind_is_single(b, r)) keys[n++] = account(b, b->known[r]);
  if (keys) kir_append(b->m, block, kir_make(b->m, KIR_CANDIDATE, b->where, keys, n));
}

static void write_rest(binder *b, kir_node *block)
{
  bind_way way, other;
  bool all;

  if (!cx_ok(b->u->c)) return;
  if (!bind_next(b, &way, &all)) {
    AML_BUG_UNLESS(all || !cx_ok(b->u->c)); // can_bind has tried
    write_candidate(b, block);
  } else if (b->forks < MAX_FORKS && bind_other_way(b, &way, &other)) {
    write_fork(b, block, &way, &other);
  } else {
    write_way(b, block, &way);
  }
}

// ---- the trigger ------------------------------------------------------------------------------------------

// Can all single roles be reached from what is known? What is reached stays so: no need to go back.
static bool can_bind(binder *b)
{
  uint32_t n = b->m->roles.n;
  const char **before = b->known;
  const char **known = arena_try(b->u->mem, (n + 1) * sizeof *known);
  bind_way way;
  bool all = false;

  if (!known) return false;
  for (uint32_t r = 0; r < n; r++)
    known[r] = before[r];
  b->known = known;
  while (bind_next(b, &way, &all))
    known[way.link[way.n - 1].far] = "";
  b->known = before;
  return all;
}

static kir_node *trigger_fits(binder *b, uint32_t stage)
{
  const kir_stage *st = &b->m->stages.at[stage];
  kir_node *from = account(b, interned(b, "from")), *to = account(b, interned(b, "to"));
  kir_node *out = NULL;

  if (!st->ends_may_equal) out = make(b, KIR_U_NE, from, to);
  out = kw_and(b->m, out, bind_passes(b->m, b->where, stage, interned(b, "e")));
  out = kw_and(b->m, out, make(b, KIR_ALLOWED, account(b, interned(b, "from")), NULL));
  return kw_and(b->m, out, make(b, KIR_ALLOWED, account(b, interned(b, "to")), NULL));
}

// The trigger's ends are known; roles of one account get their variable.
static void know_ends(binder *b, kir_node *block, const kir_stage *st)
{
  static const char *const name[2] = {"from", "to"};
  uint32_t end[2] = {st->from, st->to};

  for (int e = 0; e < 2; e++) {
    if (end[e] == KIR_NONE) continue;
    b->known[end[e]] = interned(b, name[e]);
    if (!bind_is_single(b, end[e])) continue;
    const char *variable = role_variable(b, end[e]);
    if (block) kw_let(b->m, block, variable, account(b, interned(b, name[e])));
    b->known[end[e]] = variable;
  }
}

static void forget(binder *b)
{
  for (uint32_t r = 0; r < b->m->roles.n; r++)
    b->known[r] = NULL;
}

// False: the runtime's own generator is asked.
static bool write_trigger(binder *b, kir_node *block, uint32_t stage)
{
  const kir_stage *st = &b->m->stages.at[stage];
  bool both = st->from != KIR_NONE && st->to != KIR_NONE;

  kw_comment(b->m, block, arena_printf(b->u->mem, "the trigger is in %s", st->name), b->where);
  kir_node *inside = kw_if(b->m, block, trigger_fits(b, stage));
  forget(b);
  know_ends(b, NULL, st);
  if (!can_bind(b)) {
    kir_node *e = account(b, interned(b, "e"));
    kir_append(b->m, inside, make(b, KIR_GENERATE_ALL, e, NULL));
    return false;
  }
  know_ends(b, inside, st);
  if (both && bind_is_single(b, st->from) && bind_is_single(b, st->to))
    write_links(b, inside, st->from, stage, 0);
  else
    write_rest(b, inside);
  return true;
}

// No transfer of the stage can be the latest, or there is none inside the window.
static bool is_kept_out(const binder *b, uint32_t stage)
{
  const pass_times *t = &b->u->times.at[stage];
  return t->late > 0 || t->early >= b->m->within;
}

static kir_node *write_parallel(binder *b, bool *any)
{
  kir_node *body = kw_block(b->m, b->where);
  kir_node *out = make(b, KIR_PARALLEL, body, NULL);

  out->name = interned(b, "e");
  kir_node *e = account(b, out->name);
  kw_let(b->m, body, interned(b, "from"), make(b, KIR_FROM_OF, e, NULL));
  e = account(b, out->name);
  kw_let(b->m, body, interned(b, "to"), make(b, KIR_TO_OF, e, NULL));
  for (uint32_t i = 0; i < b->m->stages.n && cx_ok(b->u->c); i++)
    if (b->m->stages.at[i].can_trigger && !is_kept_out(b, i)) *any |= write_trigger(b, body, i);
  return out;
}

// The loops of a trigger's stage nest as deep as there are single roles, and there are as many nests as
// stages. Past so many roles the text grows faster than it helps: a path of 8 took gcc 0.7 s, of 16 6 s.
enum { MOST_SINGLES = 8 };

// Chains are searched for, and without a single role there is nothing to bind.
static bool is_for_runtime(const kir_module *m)
{
  uint32_t singles = 0;

  for (uint32_t r = 0; r < m->roles.n; r++) {
    if (m->roles.at[r].kind == KIR_ROLE_CHAIN) return true;
    singles += m->roles.at[r].kind == KIR_ROLE_ONE;
  }
  return singles == 0 || singles > MOST_SINGLES;
}

pass_outcome pass_bind(pass_unit *u)
{
  binder b = {.u = u, .m = u->kir, .where = u->gir->span};
  bool any = false;

  if (is_for_runtime(u->kir)) return PASS_UNCHANGED;
  b.known = arena_try(u->mem, (u->kir->roles.n + 1) * sizeof *b.known);
  if (!b.known) return PASS_FAILED;
  kir_node *parallel = write_parallel(&b, &any);
  if (!cx_ok(u->c)) return PASS_FAILED;
  if (!any) return PASS_UNCHANGED;
  kir_fn *fn = kir_fn_new(u->kir, KIR_FN_GENERATE, "generate", b.where);
  fn->comment = interned(&b, "candidates: the trigger, and an account for each single role");
  kir_append(u->kir, fn->body, parallel);
  u->kir->generate = u->kir->fns.n - 1;
  return cx_ok(u->c) ? PASS_CHANGED : PASS_FAILED;
}
