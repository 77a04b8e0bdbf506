// Phrases of explain.c: each adds words without a line end.
#ifndef AML_FRONTEND_DRIVER_EXPLAIN_WORDS_H
#define AML_FRONTEND_DRIVER_EXPLAIN_WORDS_H

#include "ir/gir.h"

typedef enum {
  WORDS_VALUE,
  WORDS_COUNT,
  WORDS_SHARE
} words_kind; // of a range; COUNT: whole numbers

// "at least 2 accounts, fully from 5" for noun " accounts", which may be ""
void words_range(strbuf *out, const gir_range *r, words_kind kind, const char *noun);
// "one account", "a group of at least 3 accounts", "a chain of 1 to 11 accounts, each paying the next"
void words_role(strbuf *out, const gir_node *role);
// "those that paid mule, except any that are in mule"
void words_set(strbuf *out, const gir_node *set, const gir_node *group);
// "from any account to account where format = "Cash""
void words_stage(strbuf *out, const gir_node *stage);
// A statement that is a condition, or one of a row of PAIRs over the same stages (the first tells all of
// them, the others are false). False: it adds nothing.
bool words_condition(strbuf *out, const gir_pattern *p, const gir_node *stmt);
// The alert's title, as the pattern has it: "{source} reached {sink}"; nothing where it has none
void words_title(strbuf *out, const gir_pattern *p);
// "its matches counted by count(mid): columns n.2 to n.30, the last one also for all above"
void words_feature(strbuf *out, const gir_node *feature);
// A condition below the node has a graded range.
bool words_has_slope(const gir_node *n);
// "a", "a and b", "a, b and c" as they are added: call before the k-th of n.
void words_comma(strbuf *out, uint32_t k, uint32_t n, const char *last);

#endif
