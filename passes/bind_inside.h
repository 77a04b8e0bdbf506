// What the files of the plan trigger-major share: kir_bind.c writes loops (and kir_size_bounds.c bounds them), bind_links.c says which way
// a role that is not bound can be reached.
#ifndef AML_PASSES_BIND_INSIDE_H
#define AML_PASSES_BIND_INSIDE_H

#include "passes/pass.h"

// One step from accounts of a role to accounts of another: along a stage that sure has a transfer
// between the two, or because a set says that they are the same.
typedef struct bind_link {
  uint32_t stage; // KIR_NONE: the accounts are the same
  bool paid;      // near pays far
  uint32_t near, far;
} bind_link;

enum { BIND_MAX_LINKS = 4 }; // a longer way is the runtime's own generator's to go

typedef struct bind_way { // to a single role
  bind_link link[BIND_MAX_LINKS];
  uint32_t n;
} bind_way;

typedef struct binder {
  pass_unit *u;
  kir_module *m;
  span where;
  const char **known; // by role: variable of its account; of a group, of one member; NULL: none
  uint32_t n_loops;   // for names of variables
  uint32_t slots;     // marks in use on the way down to where we write
  uint32_t forks;     // choices between two ways, all in all
} binder;

bool bind_is_single(const binder *b, uint32_t role);
bool bind_may_equal(const binder *b, uint32_t a, uint32_t c);

// The shortest way to a single role that is not bound. False: there is none; *all: because all are.
bool bind_next(const binder *b, bind_way *out, bool *all);
// Another way of one link to the same role, along another stage; false: there is none.
bool bind_other_way(const binder *b, const bind_way *first, bind_way *out);

// What PUSHDOWN found out about the times of a stage, asked of the transfer in variable `row`; NULL:
// nothing. (bind_links.c)
kir_node *bind_in_time(pass_unit *u, span where, uint32_t stage, const char *row);
// Does the transfer exist, and pass the stage's filter? NULL: whatever a slice holds does.
kir_node *bind_passes(kir_module *m, span where, uint32_t stage, const char *row);

#endif
