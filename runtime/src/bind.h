// The generic generator: keys bound outward from the trigger, for any pattern (docs/semantics.md, 3).
#ifndef AMLRT_SRC_BIND_H
#define AMLRT_SRC_BIND_H

#include "runtime/src/eval.h"

typedef struct amlrt__binder { // a search under way
  amlrt_worker *w;
  const amlrt__run *run;
  amlrt__list *keys; // by role, as far as bound; at NULL: not bound, or a group
  uint32_t *account; // by role: where keys of single roles lie
  uint32_t *witness; // by group: this account is a member; AMLRT_NONE: nothing known
} amlrt__binder;

// bind_keys.c
bool amlrt__bind_rest(amlrt__binder *b);
// May the key role have the account, beside what is bound? A chain: as one more of its list.
bool amlrt__key_fits(amlrt__binder *b, uint32_t role, uint32_t account);
static inline bool amlrt__is_bound(const amlrt__binder *b, uint32_t role)
{
  return b->keys[role].at != NULL; // a chain may be bound to no account at all: via{0..3}
}
static inline bool amlrt__is_single(const amlrt__run *run, uint32_t role)
{
  return run->p->roles[role].kind == AMLRT_ROLE_ONE;
}
void amlrt__bind_one(amlrt__binder *b, uint32_t role, uint32_t account);
void amlrt__unbind(amlrt__binder *b, uint32_t role);

// bind_link.c: the unbound single role with the fewest candidates along stages; *role AMLRT_NONE: none.
bool amlrt__bind_next(amlrt__binder *b, uint32_t *role, amlrt__list *candidates);

// walk_search.c
bool amlrt__walk_from_trigger(amlrt__binder *b, uint32_t stage); // e* is one of its transfers
bool amlrt__walk_from_ends(amlrt__binder *b, uint32_t stage);    // an end or both are bound

// walk_reach.c: which accounts can be reached from `target` in the stage's transfers, and when at the
// earliest. For pruning only: it may say yes too often.
struct amlrt__reach {
  uint64_t serial;   // counts uses
  uint64_t *seen;    // by account: serial
  int64_t *earliest; // by account: time of arrival, where hops are in order of time
  uint32_t *hops;    // by account: the fewest, where they are not
  bool ordered;
};
bool amlrt__reach_make(amlrt_worker *w, uint32_t stage, const amlrt_ppair *p, uint32_t target,
                       uint32_t most_hops);
// May a path go from the target over `account`, and on with one of `rows`, in so many hops?
bool amlrt__may_reach(const amlrt_worker *w, uint32_t stage, const amlrt_ppair *p, uint32_t account,
                      const amlrt__list *rows, uint32_t most_hops);

#endif
