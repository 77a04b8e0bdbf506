// Sets, shares, support, filters: docs/semantics.md, 4.1, 4.2 and 5. Counted by hand.
#include "tests/unit/support_ref.h"

#include <check.h>

static const ref_case cases[] = {
    {.name = "intersection: the same as two stages",
     .pattern = "within 10s; stage one: a -> b; set m[1..] = out(a) as s & in(b) as t;",
     .tx = "x y 1\n"
           "x p 2\n"
           "p y 3\n"
           "x q 4\n",
     .expect = "2 1 a=x b=y m=[p] one:0 s:1 t:2\n"},
    {.name = "union: one of the two will do, and both terms are evidence",
     .pattern = "within 10s; stage one: a -> b; set m[2..] = out(a) as s | in(b) as t;",
     .tx = "x y 1\n"
           "x p 2\n"
           "q y 3\n",
     .expect = "2 1 a=x b=y m=[p q] one:0 s:1 t:2\n"},
    {.name = "difference: who is right of it is none, for good",
     .pattern = "within 10s; stage one: a -> b; set m[1..] = out(a) as s - in(a);",
     .tx = "x y 1\n"
           "x p 2\n"
           "x q 3\n"
           "p x 4\n"
           "x r 5\n",
     .expect = "1 1 a=x b=p m=[y] one:1 s:0\n"
               "1 1 a=x b=y m=[p] one:0 s:1\n"
               "2 1 a=x b=p m=[q y] one:1 s:0,2\n"
               "2 1 a=x b=q m=[p y] one:2 s:0,1\n"
               "2 1 a=x b=y m=[p q] one:0 s:1,2\n"
               // p paid x back: p is none now. But as b it is no member anyway.
               "4 1 a=x b=p m=[q r y] one:1 s:0,2,4\n"
               "4 1 a=x b=q m=[r y] one:2 s:0,4\n"
               "4 1 a=x b=r m=[q y] one:4 s:0,2\n"
               "4 1 a=x b=y m=[q r] one:0 s:2,4\n"},
    {.name = "a filter on a term",
     .pattern = "within 10s; ignoring currency; stage one: a -> b;"
                "set m[1..] = out(a where amount >= 5) as s;",
     .tx = "x y 1 9 USD\n"
           "x p 2 5 USD\n"
           "x q 3 4 USD\n",
     .expect = "1 1 a=x b=p m=[y] one:1 s:0\n"
               "1 1 a=x b=y m=[p] one:0 s:1\n"
               "2 1 a=x b=q m=[p y] one:2 s:0,1\n"},
    {.name = "accounts paid by at least two of a group",
     .pattern =
         "within 20s; trigger s; stage s: g[2..] -> a; set m[1..] = out(g, at least 2) as t;",
     .tx = "p z 1\n"
           "p z 2\n"
           "q z 3\n"
           "p w 4\n"
           "p w 5\n"
           "p x 6\n"
           "q x 7\n",
     // z is paid by p and q, w by p alone. a = z or w: then x is no start yet.
     .expect = "6 1 g=[p q] a=x m=[z] s:5,6 t:0,1,2\n"},
    {.name = "a member that goes takes its transfers along",
     .pattern = "within 20s; trigger s; stage s: g[1..] -> a; stage got: any -> g;"
                "set m[1..] = out(g, at least 2) as t;",
     .tx = "p z 1\n"
           "q z 2\n"
           "r z 3\n"
           "k p 4\n"
           "k q 5\n"
           "p x 6\n"
           "r x 7\n"
           "q x 8\n",
     // r got nothing, so it is no member, and its transfers count for nobody.
     .expect = "7 1 g=[p q] a=x m=[z] s:5,7 got:3,4 t:0,1\n"},
    {.name = "a share counts as one at first, and is judged when the rest is done",
     .pattern = "within 20s; trigger s; stage s: g[2..] -> a;"
                "set m[0..] = out(g, at least 60%) as t;",
     .tx = "p z 1\n"
           "q z 2\n"
           "p w 3\n"
           "p x 4\n"
           "q x 5\n"
           "r x 6\n",
     // At 1, a is z and nobody is paid. Of two: z has 2, w has 1 (50 %). Of three: z has 2 (66 %).
     .expect = "1 1 g=[p q] a=z m=[] s:0,1 t:\n"
               "4 1 g=[p q] a=x m=[z] s:3,4 t:0,1\n"
               "5 1 g=[p q r] a=x m=[z] s:3,4,5 t:0,1\n"},
    {.name = "all of a group",
     .pattern = "within 20s; trigger s; stage s: g[2..] -> a; set m[0..] = out(g, all) as t;",
     .tx = "p z 1\n"
           "q z 2\n"
           "p x 4\n"
           "q x 5\n"
           "r x 6\n",
     .expect = "1 1 g=[p q] a=z m=[] s:0,1 t:\n"
               "3 1 g=[p q] a=x m=[z] s:2,3 t:0,1\n"
               "4 1 g=[p q r] a=x m=[] s:2,3,4 t:\n"},
    {.name = "a share right of a minus is counted over the starts",
     .pattern = "within 20s; trigger s; stage s: g[2..] -> a; stage u: b -> g;"
                "set m[0..] = out(b) as t - out(g, all);",
     .tx = "b p 1\n"
           "b q 2\n"
           "b z 3\n"
           "b w 4\n"
           "p z 5\n"
           "q z 6\n"
           "p w 7\n"
           "p x 8\n"
           "q x 9\n",
     // z is paid by all of {p, q}; w by p alone. p and q are paid by b too.
     .expect = "5 1 g=[p q] a=z b=b m=[p q w] s:4,5 u:0,1 t:0,1,3\n"
               "8 1 g=[p q] a=x b=b m=[p q w] s:7,8 u:0,1 t:0,1,3\n"},
    {.name = "a role in a set",
     .pattern = "within 20s; stage s: a -> g[1..]; stage c: a -> b; set m[1..] = in(b) as t & g;",
     .tx = "x p 1\n"
           "x q 2\n"
           "x y 3\n"
           "p y 4\n"
           "r y 5\n",
     .expect = "3 1 a=x g=[p q] b=y m=[p] s:0,1 c:2 t:3\n"},
    {.name = "three terms in a row of differences",
     .pattern = "within 20s; stage one: a -> b; set m[1..] = out(a) as s - in(a) - out(b);",
     .tx = "p x 1\n"
           "y q 2\n"
           "x p 3\n"
           "x q 4\n"
           "x r 5\n"
           "x y 6\n",
     .expect = "3 1 a=x b=p m=[q] one:2 s:3\n"
               "4 1 a=x b=p m=[q r] one:2 s:3,4\n"
               "4 1 a=x b=q m=[r] one:3 s:4\n"
               "4 1 a=x b=r m=[q] one:4 s:3\n"
               "5 1 a=x b=p m=[q r y] one:2 s:3,4,5\n"
               "5 1 a=x b=q m=[r y] one:3 s:4,5\n"
               "5 1 a=x b=r m=[q y] one:4 s:3,5\n"
               "5 1 a=x b=y m=[r] one:5 s:4\n"},
    {.name = "support of a layer",
     .pattern = "within 20s; trigger seed; stage seed: a -> b; set l[2..] = in(b) as s;"
                "set r[2..] = out(a) as t; stage layer: l -> r support 2.., 2..;",
     .tx = "p u 1\n"
           "p v 2\n"
           "q u 3\n"
           "q v 4\n"
           "k u 5\n"
           "q w 6\n"
           "p y 7\n"
           "q y 8\n"
           "k y 9\n"
           "x u 10\n"
           "x v 11\n"
           "x w 12\n"
           "x y 13\n",
     // k pays one of R only, w is paid by one of L only.
     .expect = "12 1 a=x b=y l=[p q] r=[u v] seed:12 s:6,7 t:9,10 layer:0,1,2,3\n"},
    {.name = "support falls when members go",
     .pattern = "within 20s; trigger seed; stage seed: a -> b; set l[1..] = in(b) as s;"
                "set r[1..] = out(a) as t; stage layer: l -> r support 2.., 2..;",
     .tx = "p u 1\n"
           "p v 2\n"
           "q v 3\n"
           "q w 4\n"
           "p y 5\n"
           "q y 6\n"
           "x u 7\n"
           "x v 8\n"
           "x w 9\n"
           "x y 10\n",
     // u and w have one payer each; without them p and q have one payee each.
     .expect = ""},
    {.name = "a filter on a stage",
     .pattern =
         "within 20s; stage s: a -> b where format = \"Cash\" and currency in {\"USD\", \"EUR\"};",
     .tx = "x y 1 5 USD Cash\n"
           "x y 2 5 USD Wire\n"
           "x y 3 5 GBP Cash\n"
           "x y 4 5 EUR Cash\n"
           "x y 5 - - Cash\n",
     .expect = "0 1 a=x b=y s:0\n"
               "3 1 a=x b=y s:0,3\n"},
    {.name = "a graded filter: the mean over what is left",
     .pattern = "within 20s; ignoring currency; stage s: a -> b where amount in 0~4..;",
     .tx = "x y 1 1 USD\n"
           "x y 2 3 USD\n"
           "x y 3 9 USD\n"
           "x y 4 0 USD\n",
     .constraints = true,
     .expect = "0 0.25 a=x b=y s:0\n"
               "  1 0.25\n"
               "1 0.5 a=x b=y s:0,1\n"
               "  1 0.5\n"
               "2 0.6666666666666856 a=x b=y s:0,1,2\n"
               "  1 0.6666666666666856\n"},
    {.name = "and is the least, or the greatest",
     .pattern = "within 20s; ignoring currency;"
                "stage s: a -> b where amount in 0~4.. and amount_received in 0~8..;"
                "stage t: b -> c where amount in 0~4.. or amount_received in 0~8..;",
     .tx = "x y 1 1 USD - 1 USD\n"
           "y z 2 1 USD - 1 USD\n",
     .constraints = true,
     .expect = "1 0.125 a=x b=y c=z s:0 t:1\n"
               "  1 0.125\n"
               "  1 0.25\n"},
    {.name = "times and accounts in a filter",
     .pattern = "within 20s; stage s: a -> b where time >= 1970-01-01T00:00:03Z and from != \"w\";",
     .tx = "x y 1\n"
           "x y 3\n"
           "w y 4\n",
     .expect = "1 1 a=x b=y s:1\n"},
    {.name = "each aggregate of a group: who has degree 0 goes, all at once",
     .pattern = "within 20s; ignoring currency; stage s: a -> m[1..]; stage t: m -> b;"
                "each m: sum(t.amount) / sum(s.amount) in 0.5~1..;",
     .tx = "x p 1 10 USD\n"
           "x q 2 10 USD\n"
           "x r 3 10 USD\n"
           "p y 4 10 USD\n"
           "q y 5 5 USD\n"
           "r y 6 8 USD\n",
     .constraints = true,
     // q keeps half: degree 0. r: 0.8 is 0.6 of the way. The worst is r.
     .expect = "3 1 a=x m=[p] b=y s:0 t:3\n"
               "  1 1\n"
               "  1 1\n"
               "5 0.8000000000000114 a=x m=[p r] b=y s:0,2 t:3,5\n"
               "  2 1\n"
               "  0.8 0.8000000000000114\n"},
    {.name = "aggregates that look at the whole group are judged again",
     .pattern = "within 20s; stage s: a -> m[1..]; stage t: m -> b; each m: count(t) >= count(m);",
     .tx = "x p 1\n"
           "x q 2\n"
           "p y 3\n"
           "p y 4\n"
           "q y 5\n",
     // Of p with two and q with one, q goes (1 < 2), then p has 2 >= 1.
     .expect = "2 1 a=x m=[p] b=y s:0 t:2\n"
               "3 1 a=x m=[p] b=y s:0 t:2,3\n"},
    {.name = "each of a single role is judged at the end",
     .pattern = "within 20s; stage s: g[1..] -> a; stage t: a -> h[1..];"
                "each a: count(t) >= count(s);",
     .tx = "p x 1\n"
           "q x 2\n"
           "x u 3\n"
           "x v 4\n",
     .expect = "3 1 g=[p q] a=x h=[u v] s:0,1 t:2,3\n"},
    {.name = "require, count, span, first, last, distinct, min, max, mean",
     .pattern = "within 20s; ignoring currency; stage s: g[1..] -> a;"
                "require count(g) in 2.. and count(s) >= 3;"
                "require span in 2s..;"
                "require last(s) - first(s) in 2s..;"
                "require distinct(s.format) in 2..;"
                "require min(s.amount) in ..1; require max(s.amount) in 6..;"
                "require mean(s.amount) in 3..3;",
     .tx = "p x 1 1 USD Cash\n"
           "p x 2 2 USD Wire\n"
           "q x 3 6 USD Cash\n",
     .constraints = true,
     .expect = "2 1 g=[p q] a=x s:0,1,2\n"
               "  2 1\n"
               "  2 1\n"
               "  2 1\n"
               "  2 1\n"
               "  2 1\n"
               "  1 1\n"
               "  6 1\n"
               "  3 1\n"},
    {.name = "an aggregate of nothing but count and sum has degree 0",
     .pattern = "within 20s; ignoring currency; stage s: a -> b; stage t: b -> g[0..];"
                "require mean(t.amount) >= 1;",
     .tx = "x y 1 1 USD\n"
           "y z 2 1 USD\n",
     .expect = "1 1 a=x b=y g=[z] s:0 t:1\n"},
    {.name = "its not has degree 0 too",
     .pattern = "within 20s; ignoring currency; stage s: a -> b; stage t: b -> g[0..];"
                "require not (mean(t.amount) >= 5);",
     .tx = "x y 1 1 USD\n"
           "y z 2 1 USD\n",
     .expect = "1 1 a=x b=y g=[z] s:0 t:1\n"},
    {.name = "sum and count of nothing are 0",
     .pattern = "within 20s; stage s: a -> b; stage t: b -> g[0..];"
                "require sum(t.amount) <= 0 USD and count(t) = 0;",
     .tx = "x y 1 1 USD\n"
           "y z 2 1 USD\n",
     .expect = "0 1 a=x b=y g=[] s:0 t:\n"
               "1 1 a=y b=z g=[] s:1 t:\n"},
    {.name = "division by 0 has degree 0",
     .pattern = "within 20s; ignoring currency; stage s: a -> b; stage t: b -> g[0..];"
                "require sum(s.amount) / sum(t.amount) >= 1;",
     .tx = "x y 1 1 USD\n"
           "y z 2 1 USD\n",
     .expect = "1 1 a=x b=y g=[z] s:0 t:1\n"},
};

START_TEST(sets)
{
  ref_case_check(&cases[_i]);
}
END_TEST

Suite *make_ref_sets_suite(void);
Suite *make_ref_sets_suite(void)
{
  Suite *s = suite_create("ref_sets");
  TCase *tc = tcase_create("sets");

  tcase_add_loop_test(tc, sets, 0, sizeof cases / sizeof *cases);
  suite_add_tcase(s, tc);
  return s;
}
