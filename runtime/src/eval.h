// A candidate while it is evaluated: docs/semantics.md, 4 to 8.
#ifndef AMLRT_SRC_EVAL_H
#define AMLRT_SRC_EVAL_H

#include "runtime/src/view.h"

typedef struct amlrt__group {
  uint32_t *account; // start, ascending
  bool *left;
  uint32_t n, n_left;        // some may be dropped from the start: eval_weed.c
  const amlrt__place *place; // by account, of members that have this serial; NULL: few, search
  uint32_t serial;
} amlrt__group;

// The place of an account in a group; AMLRT_NONE: it is no member.
static inline uint32_t amlrt__member_of(const amlrt__group *g, uint32_t account)
{
  if (!g->place) return amlrt__find(g->account, g->n, account);
  return g->place[account].serial == g->serial ? g->place[account].at : AMLRT_NONE;
}

// Places of a stage's transfers by member of one end: of member m, at[begin[m]] .. at[begin[m + 1] - 1].
typedef struct amlrt__by {
  uint32_t *begin, *at;
  uint32_t *member;        // by place
  uint32_t *n_left;        // by member
  uint32_t *seen, seen_by; // by member, for counting different ones
} amlrt__by;

typedef struct amlrt__tx { // a stage
  uint32_t *row;           // ascending; of a walk hop by hop
  bool *left;
  uint32_t n, n_left;
  amlrt__by by[2]; // by end, where that is a group; [0] by hop of a walk
  uint32_t n_hops; // of a walk
} amlrt__tx;

struct amlrt_eval {
  amlrt_worker *w;
  const amlrt__list *keys; // by role; of a group empty
  bool late;               // groups that are only evidence are at hand, else the others (program.h)
  bool late_trigger;       // e* may lie in a stage of such a group
  amlrt__group *group;     // by role
  amlrt__tx *tx;           // by stage
  amlrt_result *result;    // by constraint
  amlrt__list *rows;       // by stage: what is left, once shrinking is done; at NULL: not asked yet
  // The member that is asked for at present (under `each`), and what is left of its stages.
  amlrt__list *member_rows; // by stage; at NULL: not asked yet
  uint32_t member_role, member, member_account;
  bool alone; // only the member at hand has transfers: what asks for more sets `unsure`
  bool unsure;
  amlrt__view *view; // of a plan that keeps sums: nothing but `w` is set beside it. NULL: as above
};

// What a plan knows of a candidate already: who is in one of its groups, and the transfers of that group's two
// stages, less what shrinking would drop. Only for a group that stands in these two stages alone, with one
// account each, and whose start counts for nothing else (run->start_counts).
struct amlrt__given {
  uint32_t trigger, role;
  uint32_t stage[2];
  amlrt__list member; // accounts, ascending, none of them barred or a key
  amlrt__list row[2]; // by stage, ascending
  uint32_t *place[2]; // by row: of its member
};
// NULL: nothing, or of another trigger.
static inline const amlrt__given *amlrt__given_of(const amlrt_eval *v)
{
  const amlrt__given *g = v->w->given;
  return g && g->trigger == v->w->trigger ? g : NULL;
}

// ---- eval_start.c, eval_start_tx.c: 4.1 -------------------------------------------------------------

// Is it the turn of the stage, of the role?
static inline bool amlrt__is_at_hand(const amlrt_eval *v, uint32_t stage)
{
  return v->w->run->late[stage] == v->late;
}
static inline bool amlrt__role_at_hand(const amlrt_eval *v, uint32_t role)
{
  return v->w->run->p->roles[role].late == v->late;
}
// *hopeless: whatever shrinking does, this is no match.
bool amlrt__start(amlrt_eval *v, bool *hopeless);
bool amlrt__start_stage(amlrt_eval *v, uint32_t stage);
// Who a set right of a `-` holds, ascending: judged for good.
bool amlrt__start_right(amlrt_eval *v, uint32_t set, amlrt__list *out);
// The accounts at end `far` that at least `needed` different partners at the other end have a transfer
// of the stage with.
bool amlrt__reached_by(amlrt_worker *w, uint32_t stage, int far, const amlrt__list *partners,
                       uint64_t needed, amlrt__list *out);
// Transfers from one account to another that pass the stage's filter, looked for where there are fewer.
bool amlrt__hop(amlrt_worker *w, uint32_t stage, uint32_t from, uint32_t to, amlrt__list *out);
bool amlrt__is_key(const amlrt_worker *w, const amlrt__list *keys, uint32_t account,
                   uint32_t but_for_role);
// May the account be `any` in a stage: no key, and not barred?
bool amlrt__is_any(amlrt_worker *w, const amlrt__list *keys, uint32_t account);
bool amlrt__holds_trigger(const amlrt_eval *v);  // e* is left
bool amlrt__lacks_required(const amlrt_eval *v); // a stage that needs a transfer has none left

// ---- eval_weed.c: what cannot stay ----------------------------------------------------------------------

// Could the transfer stay in the stage, by what its account has in the other sides of its pairs?
bool amlrt__may_stay(const amlrt_eval *v, uint32_t stage, uint32_t row);
// Drops members that could not stay; *hopeless: too few are left.
bool amlrt__weed(amlrt_eval *v, uint32_t role, bool *hopeless);

// ---- eval_own.c: members judged before others start ------------------------------------------------------

// For which groups: sets run->own_to. False: no memory.
bool amlrt__own_make(amlrt__run *run);
// Does the member whose transfer the trigger must be fail by what it has alone?
bool amlrt__judge_own_trigger(amlrt_eval *v, uint32_t role, bool *hopeless);
// Drops all other members that do; *hopeless: too few are left.
bool amlrt__judge_own(amlrt_eval *v, uint32_t role, bool *hopeless);

// ---- eval_left.c: what is left ------------------------------------------------------------------------

uint32_t amlrt__n_left(const amlrt_eval *v, uint32_t role); // members of a group, accounts of a key
// Members of a role that something may be asked of: of a group all that it started with.
uint32_t amlrt__n_members(const amlrt_eval *v, uint32_t role);
int amlrt__role_end(const amlrt__run *run, uint32_t stage, uint32_t role); // -1: does not touch it
// Places left of the transfers of one account of a role; of one hop; ascending, but for walks.
bool amlrt__places_at(amlrt_eval *v, uint32_t stage, uint32_t role, uint32_t member,
                      amlrt__list *out);
bool amlrt__places_of_hop(amlrt_eval *v, uint32_t stage, uint32_t hop, amlrt__list *out);
// Rows of places, in the same order; out may be places.
void amlrt__to_rows(const amlrt_eval *v, uint32_t stage, const amlrt__list *places, uint32_t *out);
bool amlrt__rows_of(amlrt_eval *v, uint32_t stage, uint32_t role, uint32_t member,
                    amlrt__list *out);
bool amlrt__rows_of_hop(amlrt_eval *v, uint32_t stage, uint32_t hop, amlrt__list *out);
// What a stage name means under `each` of the member at hand, or of the match (role AMLRT_NONE).
bool amlrt__rows_asked(amlrt_eval *v, uint32_t stage, uint32_t role, uint32_t account,
                       amlrt__list *out);
bool amlrt__ask_member(amlrt_eval *v, uint32_t role, uint32_t member); // sets the member at hand
bool amlrt__members_left(amlrt_eval *v, uint32_t role, amlrt__list *out);

// ---- eval_shrink.c: 4.2 -------------------------------------------------------------------------------

// *hopeless: no match; what is left was not made sure of.
bool amlrt__shrink(amlrt_eval *v, bool *hopeless);

// ---- eval_pairs.c: partners (4.2, 5) --------------------------------------------------------------------

// has[i]: rows[side].at[i] has a partner on the other side that passes all constraints.
bool amlrt__pair_partners(amlrt_worker *w, const amlrt_ppair *p, const amlrt__list rows[2],
                          int side, bool *has);
typedef struct amlrt__best {
  bool found;
  uint32_t partner; // row
  amlrt_degree degree;
} amlrt__best;
// For every transfer of the side constraint k names first: its best partner, by place.
bool amlrt__pair_best(amlrt_worker *w, const amlrt_ppair *p, const amlrt_ppair_cond *k,
                      const amlrt__list rows[2], amlrt__best *best);
// Their mean: the degree of constraint k at one account.
bool amlrt__pair_mean(amlrt_worker *w, const amlrt_ppair *p, const amlrt_ppair_cond *k,
                      const amlrt__list rows[2], amlrt_degree *mean);
amlrt_value amlrt__pair_value(amlrt_worker *w, const amlrt_ppair_cond *k, uint32_t mine,
                              uint32_t partner);

// ---- eval_judge.c, eval_absent.c: 4.3, 5, 7 ---------------------------------------------------------------

bool amlrt__judge(amlrt_eval *v, amlrt_degree *degree); // *degree 0: no match; fills v->result
bool amlrt__is_absent(amlrt_eval *v, const amlrt_pcon *c, bool *holds);
bool amlrt__is_inconclusive(amlrt_eval *v, bool *is); // 8
// `each` of a group: degree and value of every member left (by member); *left_out: cannot be said.
bool amlrt__each_members(amlrt_eval *v, const amlrt_pcon *c, amlrt_cond *by_member, bool *left_out);

// ---- eval_result.c, run_match.c -------------------------------------------------------------------------

bool amlrt__emit(amlrt_eval *v, amlrt_degree degree);
// Writes the match to the chunk's output; the consumer reads it with amlrt__match_read.
bool amlrt__match_write(amlrt_worker *w, const amlrt_match *m);

#endif
