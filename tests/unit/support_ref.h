// Patterns and hand-drawn graphs as texts, and matches as lines, for the tests of ir/reference.
//
//   ref_case_check(&(ref_case){.pattern = "within 10s; stage s: a -> b;",
//                              .tx = "x y 3\n"
//                                    "y z 5\n",
//                              .expect = "0 1 a=x b=y s:0\n"
//                                        "1 1 a=y b=z s:1\n"});
//
// A transfer is a line `FROM TO TIME [AMOUNT CURRENCY [FORMAT [AMOUNT CURRENCY]]]`, the second amount
// what was received, `-` for what is not given; its id is the number of its line. A match is a line: trigger,
// degree, roles (a group in [], a chain in <>), stages with their ids; `?` marks an inconclusive one.
#ifndef AML_TESTS_SUPPORT_REF_H
#define AML_TESTS_SUPPORT_REF_H

#include "ir/reference/ref.h"
#include "tests/unit/support_sema.h"

typedef struct ref_case {
  const char *name;
  const char *pattern; // body: what stands between the braces after meta
  const char *tx;
  const char *expect;
  const char *rates; // text of a rate table; NULL: none
  bool constraints;  // a line of each constraint under each match: " value degree"
  bool partial;      // the history may be incomplete
  int64_t hub_limit;
  uint64_t match_limit;
  amlrt_status status; // of the run
} ref_case;

// Runs the case in several ways that must give the same: as it is; looking for the trigger in every
// stage; and each trigger on its own.
void ref_case_check(const ref_case *c);

// A compiled pattern; fails the test when there are errors.
void ref_compile(sema_bench *b, const char *body, const cx_allocator *mem);
// A table of a text of transfers.
amlrt_status ref_table(amlrt_table **out, const char *tx, const amlrt_alloc *mem);

// An amlrt_match_fn that prints matches as above.
typedef struct ref_printer {
  const amlrt_pattern_info *info;
  const amlrt_table *table;
  bool constraints;
  char *at; // freed by the caller
  size_t n, cap;
} ref_printer;
amlrt_status ref_print(void *printer, const amlrt_match *m);

#endif
