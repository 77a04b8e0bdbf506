// Pair constraints, overlap, absences: docs/semantics.md, 4.2 (a), 5 and 7. Counted by hand.
#include "tests/unit/support_ref.h"

#include <check.h>

#define TWO "within 100s; ignoring currency; stage s: a -> b; stage t: b -> c;"
#define GRP "within 100s; ignoring currency; stage s: a -> m[1..]; stage t: m -> b;"

static const ref_case cases[] = {
    {.name = "before: every transfer left has some partner in order",
     .pattern = TWO "each b: s before t;",
     .tx = "y z 1 1 USD\n" // nothing came before it
           "x y 2 1 USD\n"
           "y z 3 1 USD\n"
           "x y 3 1 USD\n" // nothing goes after it
           "y z 3 1 USD\n",
     .constraints = true,
     .expect = "2 1 a=x b=y c=z s:1 t:2\n"
               "  none 1\n"
               "4 1 a=x b=y c=z s:1 t:2,4\n"
               "  none 1\n"},
    {.name = "not after: equal times will do, whatever the ids",
     .pattern = TWO "each b: s not after t;",
     .tx = "y z 3 1 USD\n"
           "x y 3 1 USD\n",
     .expect = "1 1 a=x b=y c=z s:1 t:0\n"},
    {.name = "what is dropped takes its partners along",
     .pattern = "within 100s; stage s: a -> b; stage t: b -> c; stage u: c -> d;"
                "each b: s before t; each c: t before u;",
     .tx = "x y 5\n"
           "y z 4\n" // before s
           "y z 6\n"
           "z w 5\n" // its only earlier t is gone
           "z w 7\n",
     .expect = "4 1 a=x b=y c=z d=w s:0 t:2 u:4\n"},
    {.name = "gap: from a transfer to a strictly later one",
     .pattern = TWO "each b: gap(s, t) in ..10s;",
     .tx = "x y 1 1 USD\n"
           "y z 1 1 USD\n"
           "y z 11 1 USD\n"
           "y z 12 1 USD\n",
     .constraints = true,
     .expect = "2 1 a=x b=y c=z s:0 t:2\n"
               "  10 1\n"},
    {.name = "a graded gap: the mean over s of its best partner",
     .pattern = TWO "each b: gap(s, t) in ..10s~20s;",
     .tx = "x y 1 1 USD\n"
           "x y 10 1 USD\n"
           "y z 16 1 USD\n",
     .constraints = true,
     // 15 s: 0.5; 6 s: 1. The worst is the first, with its best partner.
     .expect = "2 0.75 a=x b=y c=z s:0,1 t:2\n"
               "  15 0.75\n"},
    {.name = "a gap with a top: the best is in it, or next to it",
     .pattern = TWO "each b: gap(s, t) in 0s~10s..20s~40s;",
     .tx = "x y 0 1 USD\n"
           "y z 5 1 USD\n"
           "y z 30 1 USD\n"
           "y z 31 1 USD\n",
     .constraints = true,
     .expect = "1 0.5 a=x b=y c=z s:0 t:1\n"
               "  5 0.5\n"
               "2 0.5 a=x b=y c=z s:0 t:1,2\n"
               "  5 0.5\n"
               "3 0.5 a=x b=y c=z s:0 t:1,2,3\n"
               "  5 0.5\n"},
    {.name = "a gap named the other way round",
     .pattern = TWO "each b: gap(t, s) in ..10s~20s;",
     .tx = "y z 1 1 USD\n"
           "x y 3 1 USD\n"
           "x y 16 1 USD\n",
     .constraints = true,
     .expect = "1 1 a=x b=y c=z s:1 t:0\n"
               "  2 1\n"
               "2 1 a=x b=y c=z s:1,2 t:0\n"
               "  2 1\n"},
    {.name = "amounts of a pair",
     .pattern = TWO "each b: t.amount / s.amount in 0.5~0.9..1;",
     .tx = "x y 1 100 USD\n"
           "x y 2 50 USD\n"
           "y z 3 90 USD\n"
           "y z 4 70 USD\n"
           "y z 5 30 USD\n",
     .constraints = true,
     // t 90: of 100: 0.9, degree 1. t 70: of 100: 0.7, degree 0.5. t 30: of 50: 0.6, degree 0.25.
     // Side A is t, the one named first in the comparison's own words.
     .expect = "2 1 a=x b=y c=z s:0 t:2\n"
               "  0.9 1\n"
               "3 0.75 a=x b=y c=z s:0 t:2,3\n"
               "  0.7 0.75\n"
               "4 0.5833333333333144 a=x b=y c=z s:0,1 t:2,3,4\n"
               "  0.6 0.5833333333333144\n"},
    {.name = "all constraints of two sides hold for one and the same pair",
     .pattern = GRP "each m: s before t; each m: t.amount / s.amount in 0.9..1;",
     .tx = "x p 5 100 USD\n"
           "p y 4 95 USD\n" // the right amount, too early
           "p y 6 50 USD\n" // late enough, too little
           "x q 5 100 USD\n"
           "q y 6 95 USD\n",
     .expect = "4 1 a=x m=[q] b=y s:3 t:4\n"},
    {.name = "the mean over a group is a mean of means",
     .pattern = GRP "each m: gap(s, t) in ..10s~20s;",
     .tx = "x p 0 1 USD\n"
           "x p 8 1 USD\n"
           "p y 15 1 USD\n"
           "x q 10 1 USD\n"
           "q y 15 1 USD\n",
     .constraints = true,
     // p: 15 s 0.5 and 7 s 1: 0.75. q: 1.
     .expect = "2 0.75 a=x m=[p] b=y s:0,1 t:2\n"
               "  1 1\n"
               "  15 0.75\n"
               "4 0.875 a=x m=[p q] b=y s:0,1,3 t:2,4\n"
               "  2 1\n"
               "  15 0.875\n"},
    {.name = "a side that may be empty asks nothing of the other",
     .pattern = "within 100s; stage s: a -> b; stage t: b -> g[0..]; each b: s before t;",
     .tx = "x y 5\n"
           "y p 4\n"
           "y q 6\n"
           "x y 7\n",
     .constraints = true,
     // t needs an s before it; s needs no t after it.
     .expect = "1 1 a=y b=p g=[] s:1 t:\n"
               "  0 1\n"
               "  none 1\n"
               "0 1 a=x b=y g=[] s:0 t:\n"
               "  0 1\n"
               "  none 1\n"
               "2 1 a=x b=y g=[q] s:0 t:2\n"
               "  1 1\n"
               "  none 1\n"
               "2 1 a=y b=q g=[] s:2 t:\n"
               "  0 1\n"
               "  none 1\n"
               "3 1 a=x b=y g=[q] s:0,3 t:2\n"
               "  1 1\n"
               "  none 1\n"},
    {.name = "two sides that may be empty ask each other",
     .pattern = "within 100s; stage u: x -> b; stage s: f[0..] -> b; stage t: b -> g[0..];"
                "each b: s before t;",
     .tx = "k b 1\n"
           "b q 2\n"
           "m b 3\n"
           "b r 4\n",
     // With x=k, m pays too late for q, so both go; with x=m, k pays before q and r.
     .expect = "0 1 x=k b=b f=[] g=[] u:0 s: t:\n"
               "1 1 x=b b=q f=[] g=[] u:1 s: t:\n"
               "2 1 x=m b=b f=[k] g=[q] u:2 s:0 t:1\n"
               "3 1 x=b b=r f=[] g=[] u:3 s: t:\n"
               "3 1 x=k b=b f=[m] g=[r] u:0 s:2 t:3\n"
               "3 1 x=m b=b f=[k] g=[q r] u:2 s:0 t:1,3\n"},
    {.name = "overlap: the share of pairs not in order",
     .pattern = "within 100s; stage s: g[1..] -> a; stage t: a -> h[1..];"
                "require s before t overlap ..0.25~0.75;",
     .tx = "p x 1\n"
           "q x 3\n"
           "x u 3\n"
           "x v 4\n",
     .constraints = true,
     // Trigger 2: pairs (1,3) in order, (3,3) not: 0.5 gives 0.5. Trigger 3: 1 of 4: 1.
     .expect = "2 0.5 g=[p q] a=x h=[u] s:0,1 t:2\n"
               "  2 1\n"
               "  1 1\n"
               "  0.5 0.5\n"
               "3 1 g=[p q] a=x h=[u v] s:0,1 t:2,3\n"
               "  2 1\n"
               "  2 1\n"
               "  0.25 1\n"},
    {.name = "absent: no such transfer in the window",
     .pattern = "within 10s; stage s: a -> b; absent back: b -> a;",
     .tx = "x y 1\n"
           "y x 5\n"
           "x y 6\n"
           "x y 12\n"
           "x y 15\n",
     .expect = "0 1 a=x b=y s:0\n"
               "4 1 a=x b=y s:2,3,4\n"},
    {.name = "absent of a group: of no member left",
     .pattern = "within 10s; stage s: g[2..] -> a; absent back: a -> g;",
     .tx = "p x 1\n"
           "q x 2\n"
           "x p 3\n"
           "q x 4\n"
           "r x 12\n",
     .expect = "1 1 g=[p q] a=x s:0,1\n"
               "4 1 g=[q r] a=x s:3,4\n"},
    {.name = "absent with any: keys too",
     .pattern = "within 10s; stage s: a -> b; absent other: any -> a;",
     .tx = "x y 1\n"
           "x x 2\n" // nobody else
           "x y 3\n"
           "y x 4\n"
           "x y 5\n",
     .expect = "0 1 a=x b=y s:0\n"
               "2 1 a=x b=y s:0,2\n"},
    {.name = "absent with a filter",
     .pattern = "within 10s; stage s: a -> b; absent back: b -> a where format = \"Wire\";",
     .tx = "x y 1 1 USD Cash\n"
           "y x 2 1 USD Cash\n"
           "x y 3 1 USD Cash\n"
           "y x 4 1 USD Wire\n"
           "x y 5 1 USD Cash\n",
     .expect = "0 1 a=x b=y s:0\n"
               "1 1 a=y b=x s:1\n"
               "2 1 a=x b=y s:0,2\n"
               "3 1 a=y b=x s:1,3\n"},
    {.name = "absent before the first: back to the start of the window",
     .pattern = "within 10s; stage s: a -> b; stage t: b -> c; absent q: any -> b before first(t);",
     .tx = "x y 1\n"
           "y z 2\n"
           "x y 13\n"
           "y z 14\n",
     .expect = ""},
    {.name = "absent before the first, for D: older than the window counts",
     .pattern = "within 10s; stage s: a -> b; absent q: any -> a before first(s) for 100s;",
     .tx = "w x 1\n"
           "x y 100\n"
           "x y 101\n"
           "x y 105\n"
           "x y 111\n",
     // first(s) - 100 < 1 for the first window (100: 0 < 1; found). At 111 the first is 105: 5 > 1.
     .expect = "0 1 a=w b=x s:0\n"
               "4 1 a=x b=y s:3,4\n"},
    {.name = "strictly before the first, and later than D before it",
     .pattern = "within 10s; stage s: a -> b; absent q: any -> a before first(s) for 10s;",
     .tx = "w x 90\n"
           "x y 100\n" // 90 is not later than 100 - 10
           "v u 191\n"
           "u t 200\n" // 191 is
           "r u 300\n"
           "u t 300\n", // at the same time is not before
     .expect = "0 1 a=w b=x s:0\n"
               "1 1 a=x b=y s:1\n"
               "2 1 a=v b=u s:2\n"
               "4 1 a=r b=u s:4\n"
               "5 1 a=u b=t s:5\n"},
    {.name = "nothing is absent where the anchor is empty",
     .pattern = "within 10s; stage s: a -> b; stage t: b -> g[0..];"
                "absent q: any -> b before first(t) for 100s;",
     .tx = "x y 1\n"
           "y z 2\n",
     .expect = ""},
    {.name = "how far back an absence looks decides what is inconclusive",
     .pattern = "within 10s; stage s: a -> b; absent q: any -> a before first(s) for 50s;",
     .tx = "w v 50\n"
           "x y 99\n"
           "x y 100\n"
           "x y 110\n",
     .partial = true,
     // 99 - 50 + 1 = 50 is the first row's time; 100 - 50 + 1 is later.
     .expect = "0 1? a=w b=v s:0\n"
               "1 1 a=x b=y s:1\n"
               "2 1 a=x b=y s:1,2\n"
               "3 1 a=x b=y s:3\n"},
    {.name = "an absence in the window is inconclusive at its start",
     .pattern = "within 10s; stage s: a -> b; absent q: b -> a;",
     .tx = "x y 10\n"
           "x y 18\n"
           "x y 19\n",
     .partial = true,
     .expect = "0 1? a=x b=y s:0\n"
               "1 1? a=x b=y s:0,1\n"
               "2 1 a=x b=y s:0,1,2\n"},
    {.name = "hubs are seen by absences",
     .pattern = "within 10s; hubs at most 2; stage s: a -> b; absent q: any -> a;",
     .tx = "h p 1\n"
           "h q 2\n"
           "h x 3\n"
           "x y 4\n",
     .expect = "0 1 a=h b=p s:0\n"
               "1 1 a=h b=q s:1\n"},
};

START_TEST(pairs)
{
  ref_case_check(&cases[_i]);
}
END_TEST

Suite *make_ref_pairs_suite(void);
Suite *make_ref_pairs_suite(void)
{
  Suite *s = suite_create("ref_pairs");
  TCase *tc = tcase_create("pairs");

  tcase_add_loop_test(tc, pairs, 0, sizeof cases / sizeof *cases);
  suite_add_tcase(s, tc);
  return s;
}
