// Money, currencies, rates, what cannot be evaluated: docs/semantics.md, 6. Counted by hand.
#include "tests/unit/support_ref.h"

#include <check.h>

static const char rates[] = "date,currency,rate\n"
                            "*,USD,1\n"
                            "1970-01-01,EUR,2\n"
                            "1970-01-02,EUR,3\n";

static const ref_case cases[] = {
    {.name = "a literal has its currency, and another one cannot be compared",
     .pattern = "within 100s; stage s: a -> b where amount >= 10 USD;",
     .tx = "x y 1 10 USD\n"
           "x y 2 10.01 EUR\n"
           "x y 3 9.99 USD\n"
           "x y 4 11 -\n"
           "x y 5 - USD\n",
     .expect = "0 1 a=x b=y s:0\n"},
    {.name = "the names of a currency are one currency",
     .pattern = "within 100s; stage s: a -> b where amount >= 10 EUR and currency = \"Euro\";",
     .tx = "x y 1 10 Euro\n"
           "x y 2 10 EUR\n",
     .expect = "0 1 a=x b=y s:0\n"
               "1 1 a=x b=y s:0,1\n"},
    {.name = "or with a true part is true, and with a false part false",
     .pattern = "within 100s; stage s: a -> b where amount >= 10 USD or format = \"Cash\";"
                "stage t: b -> c where not (amount >= 10 USD and format = \"Cash\");",
     .tx = "x y 1 1 EUR Cash\n"
           "x y 2 1 EUR Wire\n"
           "y z 3 1 EUR Wire\n"
           "y z 4 1 EUR Cash\n",
     .expect = "2 1 a=x b=y c=z s:0 t:2\n"},
    {.name = "a currency that is not given equals nothing and differs from nothing",
     .pattern = "within 100s; stage s: a -> b where currency != \"USD\";",
     .tx = "x y 1 1 -\n"
           "x y 2 1 EUR\n",
     .expect = "1 1 a=x b=y s:1\n"},
    {.name = "two comparisons may be in two currencies",
     .pattern = "within 100s; stage s: a -> b where amount >= 10 USD or amount >= 20 EUR;",
     .tx = "x y 1 15 USD\n"
           "x y 2 15 EUR\n"
           "x y 3 20 EUR\n",
     .expect = "0 1 a=x b=y s:0\n"
               "2 1 a=x b=y s:0,2\n"},
    {.name = "with rates all is converted at its own time",
     .pattern = "within 2d; stage s: a -> b where amount >= 10 USD;",
     .tx = "x y 1 4 EUR\n"
           "x y 2 5 EUR\n"
           "x y 86400 4 EUR\n",
     .rates = rates,
     .expect = "1 1 a=x b=y s:1\n"
               "2 1 a=x b=y s:1,2\n"},
    {.name = "what has no rate stays unknown",
     .pattern = "within 2d; stage s: a -> b where amount >= 10 USD;",
     .tx = "x y 1 1000 GBP\n"
           "x y 2 10 USD\n",
     .rates = rates,
     .expect = "1 1 a=x b=y s:1\n"},
    {.name = "of one currency nothing is converted",
     .pattern = "within 2d; stage s: a -> b; require max(s.amount) / min(s.amount) in 1..1;",
     .tx = "x y 1 5 EUR\n"
           "x y 86400 5 EUR\n",
     .rates = rates,
     .expect = "0 1 a=x b=y s:0\n"
               "1 1 a=x b=y s:0,1\n"},
    {.name = "a pair that cannot be compared is no pair",
     .pattern = "within 100s; stage s: a -> b; stage t: b -> c;"
                "each b: t.amount / s.amount in 0.5..1;",
     .tx = "x y 1 10 USD\n"
           "y z 2 9 EUR\n"
           "y z 3 8 USD\n",
     .expect = "2 1 a=x b=y c=z s:0 t:2\n"},
    {.name = "with rates it is",
     .pattern = "within 100s; stage s: a -> b; stage t: b -> c;"
                "each b: t.amount / s.amount in 0.5..1;",
     .tx = "x y 1 10 USD\n"
           "y z 2 4 EUR\n",
     .rates = rates,
     .constraints = true,
     .expect = "1 1 a=x b=y c=z s:0 t:1\n"
               "  0.8 1\n"},
    {.name = "a constraint that cannot be evaluated is left out and said so",
     .pattern = "within 100s; stage s: a -> b; stage t: b -> c;"
                "require sum(t.amount) / sum(s.amount) in 0.5..1;",
     .tx = "x y 1 10 USD\n"
           "y z 2 90 USD\n"
           "y z 3 1 EUR\n",
     .constraints = true,
     .expect = "2 1 a=x b=y c=z s:0 t:1,2\n"
               "  none left out\n"},
    {.name = "of a group it is left out where one member left cannot be asked, in that round",
     .pattern = "within 100s; stage s: a -> m[1..]; stage t: m -> b;"
                "each m: sum(t.amount) / sum(s.amount) in 0.5..1; each m: count(s) <= 1;",
     .tx = "x p 1 10 USD\n"
           "p y 2 99 USD\n" // far too much
           "x q 3 10 USD\n"
           "q y 4 5 EUR\n" // cannot be asked
           "x q 5 10 USD\n"
           "q y 6 1 EUR\n", // q has two s: out in the first round, then p is asked
     .constraints = true,
     // Trigger 3: p and q, the first constraint is left out for both. Later q goes, then p.
     .expect = "3 1 a=x m=[p q] b=y s:0,2 t:1,3\n"
               "  2 1\n"
               "  none left out\n"
               "  1 1\n"},
    {.name = "count and distinct can always be asked",
     .pattern = "within 100s; stage s: a -> b; require distinct(s.currency) = 2 and count(s) = 3;",
     .tx = "x y 1 1 USD\n"
           "x y 2 1 EUR\n"
           "x y 3 1 -\n",
     .expect = "2 1 a=x b=y s:0,1,2\n"},
    {.name = "ignoring currency: amounts are plain numbers",
     .pattern =
         "within 100s; ignoring currency; stage s: a -> b; require sum(s.amount) in 3.5..3.5;",
     .tx = "x y 1 1 USD\n"
           "x y 2 2.25 EUR\n"
           "x y 3 0.25 -\n",
     .constraints = true,
     .expect = "2 1 a=x b=y s:0,1,2\n"
               "  3.5 1\n"},
    {.name = "same currency: only what is in the trigger's exists",
     .pattern = "within 100s; same currency; stage s: a -> b; absent back: b -> a;",
     .tx = "x y 1 1 USD\n"
           "x y 2 1 EUR\n"
           "y x 3 1 EUR\n"
           "x y 4 1 USD\n"
           "x y 5 1 EUR\n"
           "x y 6 1 -\n",
     .expect = "0 1 a=x b=y s:0\n"
               "1 1 a=x b=y s:1\n"
               "3 1 a=x b=y s:0,3\n"},
    {.name = "hubs are counted in what exists",
     .pattern = "within 100s; same currency; hubs at most 1; stage s: a -> b;",
     .tx = "x y 1 1 USD\n"
           "x z 2 1 EUR\n"
           "x w 3 1 EUR\n",
     .expect = "0 1 a=x b=y s:0\n"
               "1 1 a=x b=z s:1\n"},
    {.name = "sums are exact",
     .pattern = "within 100s; stage s: a -> b; require sum(s.amount) = 0.3 USD;",
     .tx = "x y 1 0.1 USD\n"
           "x y 2 0.2 USD\n",
     .constraints = true,
     .expect = "1 1 a=x b=y s:0,1\n"
               "  0.3USD 1\n"},
    {.name = "large amounts, many decimals",
     .pattern = "within 100s; stage s: a -> b; require sum(s.amount) > 100_000_000_000 BTC;",
     .tx = "x y 1 100000000000 BTC\n"
           "x y 2 0.000001 BTC\n",
     .expect = "1 1 a=x b=y s:0,1\n"},
    {.name = "a graded range of money is converted too",
     .pattern = "within 2d; stage s: a -> b; require sum(s.amount) in 10 USD~20 USD..;",
     .tx = "x y 1 5 USD\n"
           "x y 2 5 EUR\n",
     .rates = rates,
     .constraints = true,
     .expect = "1 0.5 a=x b=y s:0,1\n"
               "  15 0.5\n"},
    {.name = "amount received has its own currency",
     .pattern = "within 100s; stage s: a -> b where amount_received >= 5 EUR;",
     .tx = "x y 1 5 USD - 5 EUR\n"
           "x y 2 5 EUR - 5 USD\n",
     .expect = "0 1 a=x b=y s:0\n"},
};

START_TEST(money)
{
  ref_case_check(&cases[_i]);
}
END_TEST

Suite *make_ref_money_suite(void);
Suite *make_ref_money_suite(void)
{
  Suite *s = suite_create("ref_money");
  TCase *tc = tcase_create("money");

  tcase_add_loop_test(tc, money, 0, sizeof cases / sizeof *cases);
  suite_add_tcase(s, tc);
  return s;
}
