// Chains: docs/semantics.md, 3 and 4.4 (closed chains), 5. Counted by hand.
#include "tests/unit/support_ref.h"

#include <check.h>

static const ref_case cases[] = {
    {.name = "a chain is a list of accounts, each list a match",
     .pattern = "within 100s; stage w: a -> via{1..2} -> b; along w: this before next;",
     .tx = "p q 1\n"
           "q r 2\n"
           "r s 3\n",
     .expect = "1 1 a=p via=<q> b=r w:0,1\n"
               "2 1 a=p via=<q r> b=s w:0,1,2\n"
               "2 1 a=q via=<r> b=s w:1,2\n"},
    {.name = "without an order the trigger may be any hop",
     .pattern = "within 100s; stage w: a -> via{2..2} -> b;",
     .tx = "r s 1\n"
           "p q 2\n"
           "q r 3\n",
     .expect = "2 1 a=p via=<q r> b=s w:0,1,2\n"},
    {.name = "every transfer of a hop needs partners in the hops beside it",
     .pattern = "within 100s; stage w: a -> via{1..1} -> b; along w: this before next;",
     .tx = "p q 1\n"
           "q r 1\n" // nothing before it
           "p q 2\n"
           "q r 3\n"
           "p q 3\n", // nothing after it
     .expect = "3 1 a=p via=<q> b=r w:0,2,3\n"},
    {.name = "an account is visited once",
     .pattern = "within 100s; stage w: a -> via{2..3} -> b; along w: this before next;",
     .tx = "p q 1\n"
           "q p 2\n"
           "p r 3\n",
     .expect = ""},
    {.name = "a chain is no self-transfer",
     .pattern = "within 100s; stage w: a -> via{1..2} -> b; along w: this before next;",
     .tx = "p q 1\n"
           "q q 2\n"
           "q r 3\n",
     .expect = "2 1 a=p via=<q> b=r w:0,2\n"},
    {.name = "a graded length",
     .pattern = "within 100s; stage w: a -> via{1~3..5} -> b; along w: this before next;",
     .tx = "p q 1\n"
           "q r 2\n"
           "r s 3\n",
     .constraints = true,
     .expect = "2 0.5 a=p via=<q r> b=s w:0,1,2\n"
               "  2 0.5\n"
               "  none 1\n"},
    {.name = "gaps along: the mean over hops, the worst shown",
     .pattern = "within 100s; stage w: a -> via{2..2} -> b; along w: gap(this, next) in ..10s~20s;",
     .tx = "p q 1\n"
           "q r 6\n"
           "r s 21\n",
     .constraints = true,
     .expect = "2 0.75 a=p via=<q r> b=s w:0,1,2\n"
               "  2 1\n"
               "  15 0.75\n"},
    {.name = "amounts along",
     .pattern = "within 100s; ignoring currency; stage w: a -> via{1..3} -> b;"
                "along w: this before next; along w: next.amount / this.amount in 0.8..1;",
     .tx = "p q 1 100 USD\n"
           "q r 2 90 USD\n"
           "r s 3 80 USD\n"
           "r t 4 70 USD\n",
     // 80 / 90 is in, 70 / 90 is not.
     .expect = "1 1 a=p via=<q> b=r w:0,1\n"
               "2 1 a=p via=<q r> b=s w:0,1,2\n"
               "2 1 a=q via=<r> b=s w:1,2\n"},
    {.name = "a filter sees every hop",
     .pattern = "within 100s; stage w: a -> via{1..2} -> b where format = \"Wire\";"
                "along w: this before next;",
     .tx = "p q 1 1 USD Wire\n"
           "q r 2 1 USD Cash\n"
           "q r 3 1 USD Wire\n",
     .expect = "2 1 a=p via=<q> b=r w:0,2\n"},
    {.name = "within D of a walk counts over all hops",
     .pattern = "within 100s; stage w: a -> via{1..1} -> b within 5s;",
     .tx = "p q 1\n"
           "p q 2\n"
           "q r 6\n",
     .expect = "2 1 a=p via=<q> b=r w:1,2\n"},
    {.name = "a ring in order starts where its first hop does",
     .pattern = "within 100s; stage ring: a -> via{1..5} -> a; along ring: this before next;",
     .tx = "y z 1\n"
           "z x 2\n"
           "x y 3\n",
     .expect = "2 1 a=y via=<z x> ring:0,1,2\n"},
    {.name = "last and first hop are not consecutive",
     .pattern = "within 100s; stage ring: a -> via{1..5} -> a; along ring: this before next;",
     .tx = "y z 1\n"
           "z y 2\n"
           "y z 3\n",
     .expect = "1 1 a=y via=<z> ring:0,1\n"
               "2 1 a=z via=<y> ring:1,2\n"},
    {.name = "a ring without an order is one match, from its smallest account",
     .pattern = "within 100s; stage ring: a -> via{1..5} -> a;",
     .tx = "y z 1\n"
           "z x 2\n"
           "y x 3\n"
           "x y 4\n",
     .expect = "3 1 a=x via=<y> ring:2,3\n"
               "3 1 a=x via=<y z> ring:0,1,3\n"},
    {.name = "two rings through one trigger",
     .pattern = "within 100s; stage ring: a -> via{2..2} -> a; along ring: this before next;",
     .tx = "a b 1\n"
           "a c 2\n"
           "b d 3\n"
           "c d 4\n"
           "d a 5\n",
     .expect = "4 1 a=a via=<b d> ring:0,2,4\n"
               "4 1 a=a via=<c d> ring:1,3,4\n"},
    {.name = "two ends of a chain that may be one account",
     .pattern =
         "within 100s; stage w: a -> via{1..2} -> b; along w: this before next; may equal a, b;",
     .tx = "p q 1\n"
           "q p 2\n"
           "q r 3\n",
     .expect = "1 1 a=p via=<q> b=p w:0,1\n"
               "2 1 a=p via=<q> b=r w:0,2\n"},
    {.name = "the same without an order: the trigger may be the first hop",
     .pattern = "within 100s; stage w: a -> via{1..1} -> b; may equal a, b;",
     .tx = "q p 1\n"
           "p q 2\n",
     .expect = "1 1 a=p via=<q> b=p w:0,1\n"
               "1 1 a=q via=<p> b=q w:0,1\n"},
    {.name = "a chain beside a stage: the trigger in the stage",
     .pattern = "within 100s; stage w: a -> via{1..2} -> b; stage s: b -> c;"
                "along w: this before next; each b: w before s;",
     .tx = "p q 1\n"
           "q r 2\n"
           "r s 3\n",
     // Only the chain's last hop is b's.
     .expect = "2 1 a=p via=<q> b=r c=s w:0,1 s:2\n"},
    {.name = "a chain whose start is bound",
     .pattern = "within 100s; stage s: x -> a; stage w: a -> via{1..1} -> b; each a: w before s;",
     .tx = "p q 1\n"
           "q r 2\n"
           "o p 3\n",
     .expect = "2 1 x=o a=p via=<q> b=r s:2 w:0,1\n"},
    {.name = "a ring whose start is bound",
     .pattern = "within 100s; stage s: x -> a; stage ring: a -> via{1..2} -> a;",
     .tx = "p q 1\n"
           "q p 2\n"
           "o q 3\n"
           "o p 4\n",
     // The ring starts at p.
     .expect = "3 1 x=o a=p via=<q> s:3 ring:0,1\n"},
    {.name = "each at the start of a ring sees its first and its last hop",
     .pattern = "within 100s; stage ring: a -> via{2..2} -> a; along ring: this before next;"
                "each a: count(ring) in 2..2;",
     .tx = "p q 1\n"
           "q r 2\n"
           "r p 3\n",
     .expect = "2 1 a=p via=<q r> ring:0,1,2\n"},
    {.name = "counting a chain",
     .pattern = "within 100s; stage w: a -> via{1..3} -> b; along w: this before next;"
                "require count(via) + 1 in 3..;",
     .tx = "p q 1\n"
           "q r 2\n"
           "r s 3\n",
     .constraints = true,
     .expect = "2 1 a=p via=<q r> b=s w:0,1,2\n"
               "  2 1\n"
               "  none 1\n"
               "  3 1\n"},
    {.name = "barred accounts break a chain",
     .pattern =
         "within 100s; hubs at most 1; stage w: a -> via{1..3} -> b; along w: this before next;",
     .tx = "p q 1\n"
           "q r 2\n"
           "q s 3\n"
           "s t 4\n"
           "t u 5\n",
     .expect = "1 1 a=p via=<q> b=r w:0,1\n"
               "4 1 a=s via=<t> b=u w:3,4\n"},
    {.name = "no group holds an account of a chain, unless it may equal",
     .pattern = "within 100s; stage w: a -> via{1..1} -> b; along w: this before next;"
                "stage s: a -> g[1..]; ",
     .tx = "p q 1\n"
           "p r 2\n"
           "q s 3\n",
     .expect = "2 1 a=p via=<q> b=s g=[r] w:0,2 s:1\n"},
    {.name = "may equal of a group and a chain",
     .pattern = "within 100s; stage w: a -> via{1..1} -> b; along w: this before next;"
                "stage s: a -> g[1..]; may equal g, via;",
     .tx = "p q 1\n"
           "p r 2\n"
           "q s 3\n",
     .expect = "2 1 a=p via=<q> b=s g=[q r] w:0,2 s:0,1\n"},
};

START_TEST(walks)
{
  ref_case_check(&cases[_i]);
}
END_TEST

Suite *make_ref_walks_suite(void);
Suite *make_ref_walks_suite(void)
{
  Suite *s = suite_create("ref_walks");
  TCase *tc = tcase_create("walks");

  tcase_add_loop_test(tc, walks, 0, sizeof cases / sizeof *cases);
  suite_add_tcase(s, tc);
  return s;
}
