// Reading transactions: formats, rejects, amounts, ids, order.
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/support_table.h"

Suite *make_table_suite(void);

static const char ibm[] = IBM_HEADER
    ",Is Laundering\n"
    "2022/09/01 00:20,021174,800737690,012,80011F990,2848.96,Euro,2848.96,Euro,ACH,1\n"
    "2022/09/01 00:10,012,8001473E0,0012,8001473E0,0.01,Bitcoin,1052300000000.05,US Dollar,Wire,0\n"
    "2022/09/01 00:20,1,A,1,B,1,Euro,2.5,Euro,ACH,0\n";

// ---- IBM ----------------------------------------------------------------------------------------

START_TEST(ibm_rows)
{
  table_test x = start();

  read_text(&x, ibm, AMLRT_OK);
  ck_assert_uint_eq(amlrt_table_columns(x.t)->n_rows, 3);
  ck_assert_str_eq(row(x.t, 0), "1 012:8001473E0>0012:8001473E0 1052300000000.05 US Dollar > 0.01 "
                                "Bitcoin Wire @1661991000");
  ck_assert_str_eq(row(x.t, 1),
                   "0 021174:800737690>012:80011F990 2848.96 Euro > 2848.96 Euro ACH @1661991600");
  ck_assert_str_eq(row(x.t, 2), "2 1:A>1:B 2.5 Euro > 1 Euro ACH @1661991600");
  ck_assert_uint_eq(amlrt_table_row_by_input(x.t, 0), 1);
  ck_assert_uint_eq(amlrt_table_row_by_input(x.t, 1), 0);
  ck_assert(amlrt_table_ids_are_integers(x.t));
  ck_assert(amlrt_table_has_column(x.t, "amount_received"));
  ck_assert(!amlrt_table_has_column(x.t, "id") && !amlrt_table_has_column(x.t, "label"));
  ck_assert_uint_eq(amlrt_table_find_id(x.t, "3"), AMLRT_NONE);
  ck_assert_uint_eq(amlrt_table_find_id(x.t, "01"), AMLRT_NONE);
  ck_assert_str_eq(amlrt_table_account(x.t, 0), "0012:8001473E0"); // by bytes
  totals(x.t);
  stop(&x);
}
END_TEST

START_TEST(ibm_header_variants)
{
  static const char *const headers[] = {
      IBM_HEADER "\n", "\xef\xbb\xbf" IBM_HEADER ",Is Laundering\r\n", "\n" IBM_HEADER};
  for (size_t i = 0; i < 3; i++) {
    table_test x = start();
    read_text(&x, headers[i], AMLRT_OK);
    ck_assert_uint_eq(amlrt_table_columns(x.t)->n_rows, 0);
    ck_assert_uint_eq(amlrt_table_columns(x.t)->n_accounts, 0);
    ck_assert_uint_eq(amlrt_table_n_currencies(x.t), 1);
    ck_assert_uint_eq(amlrt_table_find_currency(x.t, "EUR"), 0);
    stop(&x);
  }
}
END_TEST

static const struct {
  const char *text, *words;
  amlrt_format format;
} bad_headers[] = {
    {"", "is empty", AMLRT_FORMAT_AUTO},
    {"\n\n", "is empty", AMLRT_FORMAT_IBM},
    {"Timestamp,From Bank,Account.1\n",
     "column 3 of the header should be 'Account', it is 'Account.1'", AMLRT_FORMAT_IBM},
    {"Timestamp,From Bank\n", "column 3 of the header should be 'Account'", AMLRT_FORMAT_IBM},
    {"Timestamp,From Bank\n", "Timestamp,From Bank,Account,To Bank,Account", AMLRT_FORMAT_IBM},
    {IBM_HEADER ",Is Laundering,More\n", "has 11 columns, this one has 12", AMLRT_FORMAT_IBM},
    {"src,dst,time\n", "column 1 of the header should be 'Timestamp', it is 'src'",
     AMLRT_FORMAT_IBM},
    {"from,to,when\n", "it is 'from,to,when'", AMLRT_FORMAT_AUTO},
    {"from,to,when\n", "src,dst,time", AMLRT_FORMAT_AUTO},
    {"from,to,when\n", "Timestamp,From Bank,Account", AMLRT_FORMAT_AUTO},
    {"from,to,when\n", "--map", AMLRT_FORMAT_AUTO},
    {IBM_HEADER "\n", "no column 'src'", AMLRT_FORMAT_GENERIC},
    {"src,dst\n", "no column 'time'", AMLRT_FORMAT_GENERIC},
    {"src,dst,time,src\n", "the column 'src' twice", AMLRT_FORMAT_AUTO},
    {"src,dst,time,x,x\n", "the column 'x' twice", AMLRT_FORMAT_AUTO},
    {"src,\"dst\n,time\n", "the header cannot be read", AMLRT_FORMAT_AUTO},
    {"src,dst,time,\xff\n", "not UTF-8", AMLRT_FORMAT_AUTO},
};

START_TEST(header_errors)
{
  table_test x = start();

  x.opts.format = bad_headers[_i].format;
  read_text(&x, bad_headers[_i].text, AMLRT_E_HEADER);
  says(&x, bad_headers[_i].words);
  says(&x, "data.csv");
  stop(&x);
}
END_TEST

// ---- bad rows -----------------------------------------------------------------------------------

START_TEST(ibm_rejects)
{
  table_test x = start();

  x.opts.max_rejects = 1;
  read_text(&x,
            IBM_HEADER "\n"
                       "2022/09/01 00:20,1,A,1,B,1,Euro,1,Euro,ACH\n"
                       "2022/02/30 00:20,1,A,1,B,1,Euro,1,Euro,ACH\n"
                       "2022/09/01 00:20,,A,1,B,1,Euro,1,Euro,ACH\n"
                       "2022/09/01 00:20,1,,1,B,1,Euro,1,Euro,ACH\n"
                       "2022/09/01 00:20,1,A,1,,1,Euro,1,Euro,ACH\n"
                       "2022/09/01 00:20,1:2,A,1,B,1,Euro,1,Euro,ACH\n"
                       "2022/09/01 00:20,1,A,1,B,,Euro,1,Euro,ACH\n"
                       "2022/09/01 00:20,1,A,1,B,1,Euro,-1,Euro,ACH\n"
                       "2022/09/01 00:20,1,A,1,B,1,Euro,1e3,Euro,ACH\n"
                       "2022/09/01 00:20,1,A,1,B,1,Euro,1234567890123456789,Euro,ACH\n"
                       "2022/09/01 00:20,1,A,1,B,1,Euro,1,Euro,ACH,0\n"
                       "2022/09/01 00:20,1,A,1,B,1,Euro,1,Euro,A\xff\n"
                       "1662000000,1,A,1,B,1,Euro,1,Euro,ACH\n"
                       "2022/09/01 00:21,1,A,1,C,1,Euro,1,Euro,ACH\n",
            AMLRT_OK);
  ck_assert_uint_eq(amlrt_table_columns(x.t)->n_rows, 2);
  ck_assert_str_eq(row(x.t, 1), "13 1:A>1:C 1 Euro > 1 Euro ACH @1661991660"); // numbers are kept
  ck_assert_uint_eq(amlrt_table_n_rejects(x.t), 12);
  reject_is(x.t, 0, 3, 1, "the time cannot be read");
  reject_is(x.t, 1, 4, 2, "the bank is empty");
  reject_is(x.t, 2, 5, 3, "the account is empty");
  reject_is(x.t, 3, 6, 5, "the account is empty");
  reject_is(x.t, 4, 7, 2, "the bank contains ':'");
  reject_is(x.t, 5, 8, 6, "the amount cannot be read");
  reject_is(x.t, 6, 9, 8, "the amount is negative");
  reject_is(x.t, 7, 10, 8, "the amount cannot be read");
  reject_is(x.t, 8, 11, 8, "the amount has more than 18 digits");
  reject_is(x.t, 9, 12, 0, "wrong number of fields");
  reject_is(x.t, 10, 13, 10, "not UTF-8");
  reject_is(x.t, 11, 14, 1, "the time cannot be read");
  totals(x.t);
  stop(&x);
}
END_TEST

START_TEST(generic_rejects)
{
  table_test x = start();

  x.opts.max_rejects = 1;
  read_text(&x,
            "id,src,dst,time,amount,amount_received\n"
            "1,a,b,1,5,5\n"
            ",a,b,1,5,5\n"
            "\n"
            "2,,b,1,5,5\n"
            "3,a,,1,5,5\n"
            "4,a,b,x,5,5\n"
            "1,a,b,1,5,5\n"
            "5,a,b,1,5,-0.01\n"
            "6,a,b,1,,\n"
            "7,a,\"b\n"
            "8,a,b,2,5,5\n",
            AMLRT_OK);
  ck_assert_uint_eq(amlrt_table_columns(x.t)->n_rows, 3);
  reject_is(x.t, 0, 3, 1, "the id is empty");
  reject_is(x.t, 1, 5, 2, "the account is empty");
  reject_is(x.t, 2, 6, 3, "the account is empty");
  reject_is(x.t, 3, 7, 4, "the time cannot be read");
  reject_is(x.t, 4, 8, 1, "the id is repeated"); // found last, but in its place
  reject_is(x.t, 5, 9, 6, "the amount is negative");
  reject_is(x.t, 6, 11, 3, "a quoted field does not end, or text follows its end");
  ck_assert_str_eq(row(x.t, 1), "6 a>b -  > -   @1");
  totals(x.t);
  stop(&x);
}
END_TEST

START_TEST(too_many_rejects)
{
  static const char text[] = "src,dst,time\na,b,1\na,b,x\na,b,2\na,b,3\n";
  table_test x = start();

  x.opts.max_rejects = 0.25; // not more than the share
  read_text(&x, text, AMLRT_OK);
  stop(&x);
  x.opts.max_rejects = 0.24;
  read_text(&x, text, AMLRT_E_REJECTS);
  says(&x, "1 of 4 rows");
  says(&x, "0.24");
  says(&x, "data.csv:3: column 3: the time cannot be read");
  ck_assert_uint_eq(amlrt_table_columns(x.t)->n_rows, 0);
  ck_assert_uint_eq(amlrt_table_columns(x.t)->n_accounts, 0);
  reject_is(x.t, 0, 3, 3, "the time cannot be read");
  totals(x.t);
  stop(&x);
}
END_TEST

START_TEST(no_rows)
{
  table_test x = start();

  x.opts.max_rejects = 0;
  read_text(&x, "src,dst,time,amount,x\n", AMLRT_OK);
  ck_assert_uint_eq(amlrt_table_columns(x.t)->n_rows, 0);
  ck_assert_uint_eq(amlrt_table_n_extra(x.t), 1);
  ck_assert(amlrt_table_has_column(x.t, "amount"));
  ck_assert(!amlrt_table_has_column(x.t, "currency"));
  ck_assert_uint_eq(amlrt_table_find_id(x.t, "0"), AMLRT_NONE);
  ck_assert_uint_eq(amlrt_table_find_account(x.t, "a"), AMLRT_NONE);
  stop(&x);
}
END_TEST

// ---- amounts ------------------------------------------------------------------------------------

START_TEST(decimals_by_currency)
{
  table_test x = start();
  int d;

  read_text(&x,
            "src,dst,time,amount,currency,amount_received,currency_received\n"
            "a,b,1,10.50,EUR,0.00012300,Bitcoin\n"
            "a,b,2,3,USD,7,JPY\n"
            "a,b,3,3.00,US Dollar,7.000,Yen\n"
            "a,b,4,1.25,,1,\n",
            AMLRT_OK);
  ck_assert_uint_eq(amlrt_table_n_currencies(x.t), 5);
  ck_assert_str_eq(amlrt_table_currency(x.t, 0, &d), "");
  ck_assert_int_eq(d, 2);
  ck_assert_str_eq(amlrt_table_currency(x.t, amlrt_table_find_currency(x.t, "BTC"), &d), "Bitcoin");
  ck_assert_int_eq(d, 6);
  ck_assert_str_eq(amlrt_table_currency(x.t, amlrt_table_find_currency(x.t, "Euro"), &d), "EUR");
  ck_assert_int_eq(d, 1);
  // Two spellings are one currency; the first in byte order is shown.
  ck_assert_str_eq(amlrt_table_currency(x.t, amlrt_table_find_currency(x.t, "usd"), &d),
                   "US Dollar");
  ck_assert_int_eq(d, 0);
  ck_assert_str_eq(amlrt_table_currency(x.t, amlrt_table_find_currency(x.t, "Yen"), &d), "JPY");
  ck_assert_int_eq(amlrt_table_max_decimals(x.t), 6);
  ck_assert_str_eq(row(x.t, 0), "0 a>b 10.5 EUR > 0.000123 Bitcoin  @1");
  ck_assert_uint_eq(amlrt_table_find_currency(x.t, "GBP"), 0);
  ck_assert_uint_eq(amlrt_table_find_currency(x.t, ""), 0);
  stop(&x);
}
END_TEST

// The decimals are those with which the most amounts fit; the rows that do not are the same in any order.
START_TEST(amounts_that_do_not_fit)
{
  static const char *const rows[] = {"a,b,1,123456789012345,EUR\n", "a,c,2,0.1,EUR\n",
                                     "a,d,3,1000.25,EUR\n", "a,e,4,0.00000000000000001,EUR\n",
                                     "a,f,5,0.00000000000000001,USD\n"};
  for (int turn = 0; turn < 5; turn++) {
    char text[512] = "src,dst,time,amount,currency\n";
    size_t n = strlen(text);
    table_test x = start();
    for (int i = 0; i < 5; i++)
      n += (size_t)snprintf(text + n, sizeof text - n, "%s", rows[(i + turn) % 5]);
    x.opts.max_rejects = 1;
    read_text(&x, text, AMLRT_OK);
    ck_assert_uint_eq(amlrt_table_n_rejects(x.t), 1);
    reject_is(x.t, 0, (uint64_t)(2 + (3 - turn + 5) % 5), 4, "the amount has too many decimals");
    ck_assert_uint_eq(amlrt_table_columns(x.t)->n_rows, 4);
    ck_assert_uint_eq(amlrt_table_find_account(x.t, "e"), AMLRT_NONE); // gone with its row
    totals(x.t);
    stop(&x);
  }
}
END_TEST

START_TEST(large_amount)
{
  table_test x = start();

  x.opts.max_rejects = 1;
  read_text(&x,
            "src,dst,time,amount\n"
            "a,b,1,0.01\na,b,1,0.02\na,b,1,12345678901234567\na,b,1,1234567890123456.78\n",
            AMLRT_OK);
  reject_is(x.t, 0, 4, 4, "the amount is too large");
  ck_assert_uint_eq(amlrt_table_columns(x.t)->n_rows, 3);
  totals(x.t);
  stop(&x);
}
END_TEST

START_TEST(received)
{
  table_test x = start();

  read_text(&x, "src,dst,time,amount,currency\na,b,1,5,EUR\n", AMLRT_OK);
  ck_assert_str_eq(row(x.t, 0), "0 a>b 5 EUR > 5 EUR  @1");
  ck_assert(amlrt_table_has_column(x.t, "amount_received"));
  ck_assert(amlrt_table_has_column(x.t, "currency_received"));
  stop(&x);
  read_text(&x, "src,dst,time,amount,currency,amount_received\na,b,1,5,EUR,6\na,b,2,5,EUR,\n",
            AMLRT_OK);
  ck_assert_str_eq(row(x.t, 0), "0 a>b 5 EUR > 6 EUR  @1");
  ck_assert_str_eq(row(x.t, 1), "1 a>b 5 EUR > - EUR  @2");
  stop(&x);
  read_text(&x, "src,dst,time,amount,currency,currency_received\na,b,1,5,EUR,USD\n", AMLRT_OK);
  ck_assert_str_eq(row(x.t, 0), "0 a>b 5 EUR > - USD  @1");
  ck_assert(!amlrt_table_has_column(x.t, "amount_received"));
  stop(&x);
}
END_TEST

// ---- ids, order, further columns ----------------------------------------------------------------

START_TEST(integer_ids)
{
  table_test x = start();

  read_text(&x, "id,src,dst,time\n20,a,b,1\n-3,c,d,1\n9,e,f,1\n100,g,h,0\n", AMLRT_OK);
  ck_assert(amlrt_table_ids_are_integers(x.t) && amlrt_table_has_column(x.t, "id"));
  ck_assert_str_eq(row(x.t, 0), "100 g>h -  > -   @0");
  ck_assert_str_eq(row(x.t, 1), "-3 c>d -  > -   @1");
  ck_assert_str_eq(row(x.t, 2), "9 e>f -  > -   @1");
  ck_assert_str_eq(row(x.t, 3), "20 a>b -  > -   @1");
  ck_assert_int_eq(amlrt_table_id_int(x.t, 3), 20);
  ck_assert_uint_eq(amlrt_table_find_id(x.t, "21"), AMLRT_NONE);
  ck_assert_uint_eq(amlrt_table_columns(x.t)->input_row[0], 3);
  stop(&x);
}
END_TEST

START_TEST(text_ids)
{
  table_test x = start();
  char small[4];

  read_text(&x, "id,src,dst,time\n20,a,b,1\nx7,c,d,1\n9,e,f,1\n007,g,h,0\n", AMLRT_OK);
  ck_assert(!amlrt_table_ids_are_integers(x.t));
  ck_assert_str_eq(row(x.t, 0), "007 g>h -  > -   @0");
  ck_assert_str_eq(row(x.t, 1), "20 a>b -  > -   @1"); // rows of one time in input order
  ck_assert_str_eq(row(x.t, 2), "x7 c>d -  > -   @1");
  ck_assert_str_eq(row(x.t, 3), "9 e>f -  > -   @1");
  ck_assert_uint_eq(amlrt_table_id_text(x.t, 0, small, 2), 3);
  ck_assert_str_eq(small, "0");
  ck_assert_uint_eq(amlrt_table_find_id(x.t, "x8"), AMLRT_NONE);
  stop(&x);
  x.opts.max_rejects = 1;
  read_text(&x, "id,src,dst,time\nx,a,b,1\ny,c,d,1\nx,e,f,0\n7,a,b,1\n7,a,c,1\n", AMLRT_OK);
  reject_is(x.t, 0, 4, 1, "the id is repeated");
  reject_is(x.t, 1, 6, 1, "the id is repeated");
  stop(&x);
}
END_TEST

START_TEST(further_columns)
{
  table_test x = start();
  const amlrt_extra *e;

  read_text(&x,
            "src,label,dst,time,zip,,score,none\n"
            "a,x,b,2,012,q,1.5,\n"
            "b,,c,1,7,q,,\n"
            "c,x,d,3,7,q,-2,\n",
            AMLRT_OK);
  ck_assert_uint_eq(amlrt_table_n_extra(x.t), 4);
  ck_assert_str_eq(amlrt_table_extra(x.t, 0)->name, "label");
  e = amlrt_table_find_extra(x.t, "label");
  ck_assert(e->type == AMLRT_COL_TEXT && !e->text[0] && strcmp(e->text[1], "x") == 0);
  e = amlrt_table_find_extra(x.t, "zip"); // a code: it has a leading zero
  ck_assert(e->type == AMLRT_COL_TEXT && strcmp(e->text[1], "012") == 0);
  e = amlrt_table_find_extra(x.t, "score");
  ck_assert(e->type == AMLRT_COL_NUMBER && e->decimals == 1);
  ck_assert(e->mantissa[0] == AMLRT_NO_AMOUNT && e->mantissa[1] == 15 && e->mantissa[2] == -20);
  e = amlrt_table_find_extra(x.t, "none");
  ck_assert(e->type == AMLRT_COL_NUMBER && e->mantissa[0] == AMLRT_NO_AMOUNT);
  ck_assert_ptr_null(amlrt_table_find_extra(x.t, "src"));
  stop(&x);
}
END_TEST

// ---- several files ------------------------------------------------------------------------------

START_TEST(several_files)
{
  table_test x = start();
  const char *paths[2] = {file_with("a.csv", ibm),
                          file_with("b.csv",
                                    IBM_HEADER "\nbad\n"
                                               "2022/08/31 00:00,9,Z,1,A,1,Euro,1,Euro,ACH\n")};

  x.opts.max_rejects = 0.2;
  read_paths(&x, paths, 2, AMLRT_OK);
  ck_assert_str_eq(row(x.t, 0), "4 9:Z>1:A 1 Euro > 1 Euro ACH @1661904000");
  ck_assert_uint_eq(amlrt_table_reject(x.t, 0)->file, 1);
  ck_assert_uint_eq(amlrt_table_reject(x.t, 0)->line, 2);
  ck_assert_uint_eq(amlrt_table_input(x.t, 0)->rows_used, 3);
  ck_assert_uint_eq(amlrt_table_input(x.t, 1)->rows_read, 2);
  ck_assert_uint_eq(amlrt_table_input(x.t, 0)->bytes, strlen(ibm));
  ck_assert_str_eq(amlrt_table_input(x.t, 1)->path, paths[1]);
  totals(x.t);
  stop(&x);
}
END_TEST

START_TEST(files_of_two_kinds)
{
  table_test x = start();
  const char *mixed[2] = {file_with("a.csv", ibm), file_with("b.csv", "src,dst,time\n")};
  const char *columns[2] = {file_with("c.csv", "src,dst,time,amount\n"),
                            file_with("d.csv", "time,src,dst\n")};
  const char *more[2] = {columns[1], columns[0]};
  const char *extras[2] = {file_with("e.csv", "src,dst,time,x,y\n"),
                           file_with("f.csv", "y,src,dst,time,z\n")};

  read_paths(&x, mixed, 2, AMLRT_E_HEADER);
  says(&x, "the IBM format");
  read_paths(&x, columns, 2, AMLRT_E_HEADER);
  says(&x, "d.csv: has no column 'amount'");
  read_paths(&x, more, 2, AMLRT_E_HEADER);
  says(&x, "d.csv: has no column 'amount'");
  read_paths(&x, extras, 2, AMLRT_E_HEADER);
  says(&x, "f.csv: has no column 'x'");
  stop(&x);
}
END_TEST

START_TEST(columns_in_any_order)
{
  table_test x = start();
  const char *paths[2] = {file_with("a.csv", "src,dst,time,x,y\na,b,1,p,q\n"),
                          file_with("b.csv", "y,x,time,dst,src\ns,r,2,d,c\n")};

  read_paths(&x, paths, 2, AMLRT_OK);
  ck_assert_str_eq(row(x.t, 1), "1 c>d -  > -   @2");
  ck_assert_str_eq(amlrt_table_find_extra(x.t, "x")->text[1], "r");
  ck_assert_str_eq(amlrt_table_find_extra(x.t, "y")->text[1], "s");
  stop(&x);
}
END_TEST

START_TEST(packed)
{
  table_test x = start();
  const char *path = file_packed("a.csv.gz", ibm, 0), *cut = file_packed("b.csv.gz", ibm, 9);

  read_paths(&x, &path, 1, AMLRT_OK);
  ck_assert_uint_eq(amlrt_table_columns(x.t)->n_rows, 3);
  ck_assert_uint_lt(amlrt_table_input(x.t, 0)->bytes, strlen(ibm));
  amlrt_table_free(x.t);
  read_paths(&x, &cut, 1, AMLRT_E_READ);
  says(&x, "b.csv.gz");
  stop(&x);
}
END_TEST

START_TEST(arguments)
{
  table_test x = start();
  const char *twice[2] = {"-", "-"}, *missing = "/nowhere/a.csv";

  read_paths(&x, NULL, 0, AMLRT_E_ARG);
  read_paths(&x, twice, 2, AMLRT_E_ARG);
  read_paths(&x, &missing, 1, AMLRT_E_READ);
  says(&x, "/nowhere/a.csv");
  ck_assert_int_eq(x.err.sys_errno, 2);
  x.opts.max_rejects = -1;
  read_paths(&x, &missing, 1, AMLRT_E_ARG);
  x.opts.max_rejects = 0;
  x.opts.format = AMLRT_FORMAT_IBM;
  x.opts.map_path = "map";
  read_paths(&x, &missing, 1, AMLRT_E_ARG);
  amlrt_table_free(NULL);
}
END_TEST

static bool always(void *user)
{
  ++*(int *)user;
  return true;
}

START_TEST(cancelled)
{
  table_test x = start();
  int asked = 0;

  x.opts.cancelled = always;
  x.opts.user = &asked;
  read_text(&x, ibm, AMLRT_INTERRUPTED);
  ck_assert_int_eq(asked, 1);
  stop(&x);
}
END_TEST

// ---- real data ----------------------------------------------------------------------------------

static void real(const char *name, const char *map, uint32_t n_rows, uint32_t n_accounts)
{
  table_test x = start();
  const char *path = data_file(name);

  if (!path) return;
  x.opts.max_rejects = 0;
  if (map) x.opts.map_path = file_with("m.map", map);
  read_paths(&x, &path, 1, AMLRT_OK);
  const amlrt_columns *c = amlrt_table_columns(x.t);
  ck_assert_uint_eq(c->n_rows, n_rows);
  ck_assert_uint_eq(c->n_accounts, n_accounts);
  for (uint32_t i = 1; i < n_rows; i++) {
    ck_assert(c->time[i - 1] < c->time[i] ||
              (c->time[i - 1] == c->time[i] && c->input_row[i - 1] < c->input_row[i]));
    ck_assert_uint_eq(amlrt_table_row_by_input(x.t, (uint32_t)c->input_row[i]), i);
  }
  for (uint32_t a = 1; a < n_accounts; a++)
    ck_assert_int_lt(strcmp(amlrt_table_account(x.t, a - 1), amlrt_table_account(x.t, a)), 0);
  totals(x.t);
  stop(&x);
}

START_TEST(real_data)
{
  static const char spaces[] = "header = none\ndelimiter = space\nsrc = 1\ndst = 2\ntime = 3\n";

  real("ibm_hi_small/HI-Small_laundering_3209_rows.csv", NULL, 3209, 3170);
  real("ibm_hi_small/HI-Small_Trans_first1000_bankzeros_lost.csv", NULL, 1000, 872);
  real("bitcoin_otc/soc-sign-bitcoinotc_intsec.csv",
       "src = Source\ndst = Target\ntime = Timestamp\nextra.weight = Weight\n", 35592, 5881);
  real("bitcoin_alpha/soc-sign-bitcoinalpha.csv",
       "header = none\nsrc = 1\ndst = 2\nextra.weight = 3\ntime = 4\n", 24186, 3783);
  real("collegemsg/CollegeMsg.txt", spaces, 59835, 1899);
  real("dnc_temporal/dnc-temporal.txt", spaces, 39264, 1891);
  real("amlsim_20k/20K_cycle200/transactions.csv",
       "src = sourceNodeId\ndst = targetNodeId\namount = value\n", 117805, 19980);
}
END_TEST

// ---- large --------------------------------------------------------------------------------------

static size_t make_rows(char *text, int n_rows, bool backwards)
{
  size_t n = (size_t)snprintf(text, 64, "id,src,dst,time,amount,currency\n");

  for (int i = 0; i < n_rows; i++) {
    int k = backwards ? n_rows - 1 - i : i;
    n += (size_t)snprintf(text + n, 64, "%d,acc%d,acc%d,%d,%d.%d,%s\n", k * 7, k % 977, k % 1013,
                          k % 501, k, k % 10, k % 3 ? "EUR" : "Euro");
  }
  return n;
}

// Many rows, in blocks of all kinds, and once more from the last to the first: the same table.
START_TEST(many_rows)
{
  enum { N = 20000 };
  char *text = malloc((size_t)N * 64 + 64), *back = malloc((size_t)N * 64 + 64);
  size_t n = make_rows(text, N, false), m = make_rows(back, N, true);
  table_test x = start(), y = start();

  ck_assert_uint_eq(n, m);
  read_text(&x, text, AMLRT_OK);
  read_text(&y, back, AMLRT_OK);
  for (uint32_t i = 0; i < N; i++) {
    char one[512];
    snprintf(one, sizeof one, "%s", row(x.t, i));
    ck_assert_str_eq(one, row(y.t, i));
  }
  amlrt_table_free(y.t);
  stop(&x);
  free(text);
  free(back);
}
END_TEST

Suite *make_table_suite(void)
{
  Suite *s = suite_create("table");
  TCase *tc = tcase_create("formats");

  tcase_add_test(tc, ibm_rows);
  tcase_add_test(tc, ibm_header_variants);
  tcase_add_loop_test(tc, header_errors, 0, sizeof bad_headers / sizeof *bad_headers);
  tcase_add_test(tc, ibm_rejects);
  tcase_add_test(tc, generic_rejects);
  tcase_add_test(tc, too_many_rejects);
  tcase_add_test(tc, no_rows);
  tcase_add_test(tc, decimals_by_currency);
  tcase_add_test(tc, amounts_that_do_not_fit);
  tcase_add_test(tc, large_amount);
  tcase_add_test(tc, received);
  suite_add_tcase(s, tc);
  tc = tcase_create("columns");
  tcase_add_test(tc, integer_ids);
  tcase_add_test(tc, text_ids);
  tcase_add_test(tc, further_columns);
  tcase_add_test(tc, several_files);
  tcase_add_test(tc, files_of_two_kinds);
  tcase_add_test(tc, columns_in_any_order);
  tcase_add_test(tc, packed);
  tcase_add_test(tc, arguments);
  tcase_add_test(tc, cancelled);
  suite_add_tcase(s, tc);
  tc = tcase_create("data");
  tcase_set_timeout(tc, 60);
  tcase_add_test(tc, real_data);
  tcase_add_test(tc, many_rows);
  suite_add_tcase(s, tc);
  return s;
}
