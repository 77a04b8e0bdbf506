// What exists, keys, groups, `any`, hubs, triggers: docs/semantics.md, 2, 3 and 4. Expected matches were
// counted by hand.
#include "tests/unit/support_ref.h"

#include <check.h>

static const ref_case cases[] = {
    {.name = "one transfer, one match",
     .pattern = "within 10s; stage s: a -> b;",
     .tx = "x y 3\n"
           "y z 5\n",
     .expect = "0 1 a=x b=y s:0\n"
               "1 1 a=y b=z s:1\n"},
    {.name = "nothing to look at",
     .pattern = "within 10s; stage s: a -> b;",
     .tx = "",
     .expect = ""},
    {.name = "parallel payments are all in the stage",
     .pattern = "within 10s; stage s: a -> b;",
     .tx = "x y 1\n"
           "x y 2\n"
           "x y 2\n",
     .expect = "0 1 a=x b=y s:0\n"
               "1 1 a=x b=y s:0,1\n"
               "2 1 a=x b=y s:0,1,2\n"},
    {.name = "a window is open below and closed above",
     .pattern = "within 10s; stage s: a -> b;",
     .tx = "x y 0\n"
           "x y 9\n"
           "x y 10\n"
           "x y 19\n",
     .expect = "0 1 a=x b=y s:0\n"
               "1 1 a=x b=y s:0,1\n"
               "2 1 a=x b=y s:1,2\n"
               "3 1 a=x b=y s:2,3\n"},
    {.name = "of equal times the id decides what exists",
     .pattern = "within 10s; stage one: a -> b; stage two: b -> c;",
     .tx = "x y 5\n"
           "y z 5\n"
           "z w 5\n",
     .expect = "1 1 a=x b=y c=z one:0 two:1\n"
               "2 1 a=y b=z c=w one:1 two:2\n"},
    {.name = "rows come in any order",
     .pattern = "within 10s; stage one: a -> b; stage two: b -> c;",
     .tx = "y z 7\n"
           "x y 5\n",
     .expect = "0 1 a=x b=y c=z one:1 two:0\n"},
    {.name = "no self-transfers",
     .pattern = "within 10s; stage s: a -> b;",
     .tx = "x x 1\n",
     .expect = ""},
    {.name = "may equal allows self-transfers",
     .pattern = "within 10s; stage s: a -> b; may equal a, b;",
     .tx = "x x 1\n"
           "x y 2\n",
     .expect = "0 1 a=x b=x s:0\n"
               "1 1 a=x b=y s:1\n"},
    {.name = "keys are different accounts",
     .pattern = "within 10s; stage one: a -> b; stage two: b -> c;",
     .tx = "x y 1\n"
           "y x 2\n",
     .expect = ""},
    {.name = "may equal of two single roles",
     .pattern = "within 10s; stage one: a -> b; stage two: b -> c; may equal a, c;",
     .tx = "x y 1\n"
           "y x 2\n",
     .expect = "1 1 a=x b=y c=x one:0 two:1\n"
               "1 1 a=y b=x c=y one:1 two:0\n"},
    {.name = "a group holds no key",
     .pattern = "within 10s; stage one: a -> b; set g[1..] = out(a) as all;",
     .tx = "x y 1\n"
           "x z 2\n",
     .expect = "1 1 a=x b=y g=[z] one:0 all:1\n"
               "1 1 a=x b=z g=[y] one:1 all:0\n"},
    {.name = "may equal of a group and a key",
     .pattern = "within 10s; stage one: a -> b; set g[1..] = out(a) as all; may equal g, b;",
     .tx = "x y 1\n"
           "x z 2\n",
     .expect = "0 1 a=x b=y g=[y] one:0 all:0\n"
               "1 1 a=x b=y g=[y z] one:0 all:0,1\n"
               "1 1 a=x b=z g=[y z] one:1 all:0,1\n"},
    {.name = "any is no key",
     .pattern = "within 10s; stage got: any -> a; stage paid: a -> b;",
     .tx = "y x 1\n"
           "x y 2\n"
           "z x 3\n",
     .expect = "2 1 a=x b=y got:2 paid:1\n"},
    {.name = "the ends of any differ",
     .pattern = "within 10s; stage got: any -> a;",
     .tx = "x x 1\n"
           "y x 2\n",
     .expect = "1 1 a=x got:1\n"},
    {.name = "a group is all that fit",
     .pattern = "within 3s; stage pay: p[2..] -> hub;",
     .tx = "a h 1\n"
           "b h 2\n"
           "b h 3\n"
           "c h 4\n",
     .expect = "1 1 p=[a b] hub=h pay:0,1\n"
               "2 1 p=[a b] hub=h pay:0,1,2\n"
               "3 1 p=[b c] hub=h pay:1,2,3\n"},
    {.name = "an upper bound says what was true at the trigger",
     .pattern = "within 10s; stage pay: p[2..2] -> hub;",
     .tx = "a h 1\n"
           "b h 2\n"
           "c h 3\n",
     .expect = "1 1 p=[a b] hub=h pay:0,1\n"},
    {.name = "a graded size",
     .pattern = "within 10s; stage pay: p[1~3..] -> hub;",
     .tx = "a h 1\n"
           "b h 2\n"
           "c h 3\n",
     .constraints = true,
     .expect = "1 0.5 p=[a b] hub=h pay:0,1\n"
               "  2 0.5\n"
               "2 1 p=[a b c] hub=h pay:0,1,2\n"
               "  3 1\n"},
    {.name = "a group that may be empty",
     .pattern = "within 10s; stage one: a -> b; stage more: b -> g[0..];",
     .tx = "x y 1\n"
           "y z 2\n",
     .expect = "0 1 a=x b=y g=[] one:0 more:\n"
               "1 1 a=x b=y g=[z] one:0 more:1\n"
               "1 1 a=y b=z g=[] one:1 more:\n"},
    {.name = "the trigger may be asked to be in one stage",
     .pattern = "within 10s; trigger one; stage one: a -> b; stage two: b -> c;",
     .tx = "x y 1\n"
           "y z 2\n"
           "x y 3\n",
     .expect = "2 1 a=x b=y c=z one:0,2 two:1\n"},
    {.name = "a middle group is bound from both sides",
     .pattern = "within 10s; stage s: a -> m[2..]; stage t: m -> b;",
     .tx = "x p 1\n"
           "x q 2\n"
           "x r 3\n"
           "p y 4\n"
           "q y 5\n"
           "s y 6\n"
           "x s 7\n",
     .expect = "4 1 a=x m=[p q] b=y s:0,1 t:3,4\n"
               "6 1 a=x m=[p q s] b=y s:0,1,6 t:3,4,5\n"},
    {.name = "groups may share accounts",
     .pattern = "within 10s; stage in1: g[1..] -> a; stage out1: a -> h[1..];",
     .tx = "x y 1\n"
           "y x 2\n",
     .expect = "1 1 g=[y] a=x h=[y] in1:1 out1:0\n"
               "1 1 g=[x] a=y h=[x] in1:0 out1:1\n"},
    {.name = "within D of a stage counts back from its own latest",
     .pattern = "within 100s; stage s: g[1..] -> a within 5s; stage t: a -> b;",
     .tx = "x y 1\n"
           "w y 5\n"
           "v y 6\n"
           "y z 50\n",
     .expect = "3 1 g=[v w] a=y b=z s:1,2 t:3\n"},
    {.name = "hubs fill no role",
     .pattern = "within 10s; hubs at most 2; stage s: a -> b;",
     .tx = "x y 1\n"
           "x z 2\n"
           "x w 3\n"
           "v y 4\n",
     .expect = "0 1 a=x b=y s:0\n"
               "1 1 a=x b=z s:1\n"
               "3 1 a=v b=y s:3\n"},
    {.name = "hubs are no members and no any",
     .pattern = "within 10s; hubs at most 1; stage s: g[1..] -> a; stage t: any -> a;",
     .tx = "x y 1\n"
           "x z 2\n"
           "y w 3\n",
     .expect = "0 1 g=[x] a=y s:0 t:0\n"
               "2 1 g=[y] a=w s:2 t:2\n"},
    {.name = "a self-transfer counts once in and once out",
     .pattern = "within 10s; hubs at most 1; stage s: a -> b;",
     .tx = "x x 1\n"
           "x y 2\n"
           "z w 3\n",
     .expect = "2 1 a=z b=w s:2\n"},
    {.name = "the limit on hubs of the run is reported",
     .pattern = "within 10s; stage s: a -> b;",
     .tx = "x y 1\n"
           "x z 2\n",
     .hub_limit = 1,
     .status = AMLRT_TRUNCATED,
     .expect = "0 1 a=x b=y s:0\n"},
    {.name = "a limit on hubs that nobody reaches is not",
     .pattern = "within 10s; stage s: a -> b;",
     .tx = "x y 1\n"
           "x z 2\n",
     .hub_limit = 2,
     .expect = "0 1 a=x b=y s:0\n"
               "1 1 a=x b=z s:1\n"},
    {.name = "a limit on matches",
     .pattern = "within 10s; stage s: a -> b;",
     .tx = "x y 1\n"
           "x z 2\n",
     .match_limit = 1,
     .status = AMLRT_TRUNCATED,
     .expect = "0 1 a=x b=y s:0\n"},
    {.name = "a limit on matches that cuts nothing",
     .pattern = "within 10s; stage s: a -> b;",
     .tx = "x y 1\n"
           "x z 2\n",
     .match_limit = 2,
     .expect = "0 1 a=x b=y s:0\n"
               "1 1 a=x b=z s:1\n"},
    {.name = "earlier rows could break an upper bound",
     .pattern = "within 10s; stage pay: p[1..2] -> hub;",
     .tx = "a h 5\n"
           "b h 10\n"
           "b h 15\n",
     .partial = true,
     .expect = "0 1? p=[a] hub=h pay:0\n"
               "1 1? p=[a b] hub=h pay:0,1\n"
               "2 1 p=[b] hub=h pay:1,2\n"},
    {.name = "earlier rows cannot break a lower bound",
     .pattern = "within 10s; stage pay: p[1..] -> hub;",
     .tx = "a h 1\n",
     .partial = true,
     .expect = "0 1 p=[a] hub=h pay:0\n"},
};

START_TEST(keys)
{
  ref_case_check(&cases[_i]);
}
END_TEST

Suite *make_ref_keys_suite(void);
Suite *make_ref_keys_suite(void)
{
  Suite *s = suite_create("ref_keys");
  TCase *tc = tcase_create("keys");

  tcase_add_loop_test(tc, keys, 0, sizeof cases / sizeof *cases);
  suite_add_tcase(s, tc);
  return s;
}
