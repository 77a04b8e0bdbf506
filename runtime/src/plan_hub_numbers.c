// How many different neighbours an account has in the window that ends with each of its transfers: the same for
// all patterns of a run that hang on this number alone, over the same transfers and with the same limit on hubs.
// The first of them notes it as it goes, a byte a transfer; the others then only look up what it comes to.
//
// What is noted is what the neediest of them asks for: the first pattern sweeps all accounts that could have as
// many neighbours as that one needs. Where neighbours are barred at times, numbers say how many are not; but what
// matches then have in common hangs on who they are, so that episodes of such accounts are swept by each pattern.
#include "runtime/src/alloc.h"
#include "runtime/src/plan_hub.h"

enum { NUMBER, MOST, UNEVEN };

static bool common_of(const amlrt__hub *h, amlrt__common *out)
{
  const amlrt__run *run = h->run;

  if (!h->counts || run->hub_limit > UINT32_MAX) return false;
  const amlrt__hub_stage *st = &h->stage[0];
  *out = (amlrt__common){.plan = AMLRT_PLAN_HUB,
                         .rows = {run->p->stages[st->stage].same_rows, (uint32_t)run->hub_limit},
                         .side = {st->side},
                         .least = st->least};
  return out->rows[0] != 0 && run->p->currency != AMLRT_CURRENCY_SAME && !run->known[st->stage];
}

bool amlrt__hub_wants(const amlrt__run *run, const amlrt_pplan *row, amlrt__commons *all)
{
  const amlrt__plan pl = {.run = run, .row = row};
  amlrt__hub h = {0};
  amlrt__common c;

  bool ok = amlrt__hub_spec(&h, &pl);
  if (ok && common_of(&h, &c)) ok = amlrt__common_want(all, run->mem, &c);
  amlrt__hub_spec_release(&h);
  return ok;
}

static bool make_room(amlrt__common *c, const amlrt__run *run)
{
  const amlrt_columns *col = run->col;

  if (!c->array[NUMBER]) c->array[NUMBER] = amlrt__array(run->mem, col->n_rows, 1);
  for (int i = MOST; i <= UNEVEN; i++)
    if (!c->array[i]) c->array[i] = amlrt__array(run->mem, col->n_accounts, 1);
  return c->array[NUMBER] && c->array[MOST] && c->array[UNEVEN];
}

bool amlrt__hub_begin_numbers(amlrt__hub *h)
{
  amlrt__common what;

  if (common_of(h, &what)) h->common = amlrt__common_of(h->run, &what);
  if (!h->common) return true;
  if (!make_room(h->common, h->run)) return false;
  h->numbers = (amlrt__hub_numbers){h->common->array[NUMBER], h->common->array[MOST],
                                    h->common->array[UNEVEN]};
  h->knows = h->common->is_made;
  h->notes = !h->knows;
  if (h->notes) h->stage[0].least = h->common->least;
  return true;
}

void amlrt__hub_end_numbers(amlrt__hub *h)
{
  if (h->notes && h->n_done == h->n_units) h->common->is_made = true;
}

bool amlrt__hub_is_numbered(const amlrt__hub_sweep *s)
{
  const amlrt__hub_numbers *n = &s->h->numbers;
  uint32_t a = s->account;

  if (!s->h->knows || atomic_load_explicit(&n->most[a], memory_order_relaxed) == AMLRT__HUB_MANY)
    return false;
  return s->w->want != AMLRT__WANT_FOLD ||
         !atomic_load_explicit(&n->uneven[a], memory_order_relaxed);
}

// Blocks of one account's triggers are different units.
static void raise(atomic_uchar *most, unsigned char to)
{
  unsigned char was = atomic_load_explicit(most, memory_order_relaxed);

  while (was < to && !atomic_compare_exchange_weak_explicit(most, &was, to, memory_order_relaxed,
                                                            memory_order_relaxed)) {
  }
}

void amlrt__hub_note(const amlrt__hub_sweep *s, uint32_t entry, uint32_t n)
{
  unsigned char number = n < AMLRT__HUB_MANY ? (unsigned char)n : AMLRT__HUB_MANY;

  s->h->numbers.of[entry] = number;
  raise(&s->h->numbers.most[s->account], number);
}

void amlrt__hub_note_uneven(const amlrt__hub_sweep *s)
{
  if (s->h->notes)
    atomic_store_explicit(&s->h->numbers.uneven[s->account], 1, memory_order_relaxed);
}
