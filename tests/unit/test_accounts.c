// Attributes of accounts: the bank of the IBM format, and --accounts.
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "amlrt/table.h"
#include "tests/unit/alloc_fail.h"
#include "tests/unit/support_files.h"

Suite *make_accounts_suite(void);

#define IBM_HEADER                                                                                 \
  "Timestamp,From Bank,Account,To Bank,Account,Amount Received,Receiving Currency,Amount Paid,"    \
  "Payment Currency,Payment Format,Is Laundering\n"
static const char ibm[] = IBM_HEADER "2022/09/01 00:20,012,A1,0012,A1,1.00,Euro,1.00,Euro,ACH,0\n"
                                     "2022/09/01 00:21,00,B2,7,C3,1.00,Euro,1.00,Euro,ACH,0\n";
static const char ibm_accounts[] = "Bank Name,Bank ID,Account Number,Entity ID,Entity Name\n"
                                   "First Bank,12,A1,E1,\"Smith, Inc\"\n"
                                   "Zero Bank,0,B2,0080,\n"
                                   "Other,99,Z9,E9,Nobody\n"
                                   "First Bank,12,A1,E2,Later\n";

static amlrt_table *read(const char *data, const char *accounts, amlrt_status want,
                         amlrt_error *err)
{
  amlrt_read_opts opts = amlrt_read_opts_default();
  const char *path = file_with("data.csv", data);
  amlrt_table *t;

  if (accounts) opts.accounts_path = file_with("accounts.csv", accounts);
  amlrt_status st = amlrt_table_read(&t, &path, 1, &opts, err);
  ck_assert_msg(st == want, "%d: %s", st, err->text);
  files_clean();
  return t;
}

// The text of an attribute; "-" where it is not given.
static const char *get(const amlrt_table *t, const char *account, const char *attribute)
{
  const amlrt_extra *a = amlrt_table_find_attribute(t, attribute);
  uint32_t number = amlrt_table_find_account(t, account);

  ck_assert_ptr_nonnull(a);
  ck_assert_uint_ne(number, AMLRT_NONE);
  ck_assert_int_eq(a->type, AMLRT_COL_TEXT);
  return a->text[number] ? a->text[number] : "-";
}

START_TEST(bank_of_ibm)
{
  amlrt_error err = {.status = AMLRT_OK};
  amlrt_table *t = read(ibm, NULL, AMLRT_OK, &err);

  ck_assert_uint_eq(amlrt_table_n_attributes(t), 1);
  ck_assert_str_eq(get(t, "012:A1", "bank"), "012");
  ck_assert_str_eq(get(t, "0012:A1", "bank"), "0012");
  ck_assert_str_eq(get(t, "7:C3", "bank"), "7");
  ck_assert_ptr_null(amlrt_table_find_attribute(t, "entity"));
  amlrt_table_free(t);
}
END_TEST

START_TEST(ibm_file)
{
  amlrt_error err = {.status = AMLRT_OK};
  amlrt_table *t = read(ibm, ibm_accounts, AMLRT_OK, &err);

  ck_assert_str_eq(get(t, "012:A1", "bank"), "012"); // as in the transactions
  ck_assert_str_eq(get(t, "012:A1", "bank_name"), "First Bank");
  ck_assert_str_eq(get(t, "012:A1", "entity"), "E1"); // the first line counts
  ck_assert_str_eq(get(t, "0012:A1", "entity_name"), "Smith, Inc");
  ck_assert_str_eq(get(t, "00:B2", "bank_name"), "Zero Bank");
  ck_assert_str_eq(get(t, "00:B2", "entity"), "0080");
  ck_assert_str_eq(get(t, "00:B2", "entity_name"), "-");
  ck_assert_str_eq(get(t, "7:C3", "entity"), "-");
  amlrt_table_free(t);
}
END_TEST

START_TEST(exact_bank_goes_first)
{
  amlrt_error err = {.status = AMLRT_OK};
  amlrt_table *t = read(ibm,
                        "Bank Name,Bank ID,Account Number,Entity ID,Entity Name\n"
                        "Twelve,12,A1,E12,\n"
                        "Padded,0012,A1,,P\n",
                        AMLRT_OK, &err);

  ck_assert_str_eq(get(t, "012:A1", "bank_name"), "Twelve");
  ck_assert_str_eq(get(t, "0012:A1", "bank_name"), "Padded");
  ck_assert_str_eq(get(t, "0012:A1", "entity"), "-"); // all of it is of the exact line
  amlrt_table_free(t);
}
END_TEST

START_TEST(generic_file)
{
  amlrt_error err = {.status = AMLRT_OK};
  amlrt_table *t =
      read("src,dst,time\n01,2,5\n1,3,6\n",
           "risk,account,bank,note\n7,01,0123,\n2.5,2,456,x\n9,5,1,\n", AMLRT_OK, &err);
  const amlrt_extra *risk = amlrt_table_find_attribute(t, "risk");

  ck_assert_int_eq(risk->type, AMLRT_COL_NUMBER);
  ck_assert_int_eq(risk->decimals, 1);
  ck_assert_int_eq(risk->mantissa[amlrt_table_find_account(t, "01")], 70);
  ck_assert_int_eq(risk->mantissa[amlrt_table_find_account(t, "2")], 25);
  ck_assert(risk->mantissa[amlrt_table_find_account(t, "1")] == AMLRT_NO_AMOUNT);
  ck_assert_str_eq(get(t, "01", "bank"), "0123"); // codes stay text
  ck_assert_str_eq(get(t, "1", "bank"), "-");     // nothing is stripped here
  ck_assert_str_eq(get(t, "2", "note"), "x");
  amlrt_table_free(t);
}
END_TEST

static const struct {
  const char *text, *words;
} bad[] = {
    {"", "accounts.csv: the file is empty"},
    {"name,risk\n", "'account'"},
    {"account,x,x\n", "column 3 twice"},
    {"account,risk\na\n", ":2: wrong number of fields"},
    {"account,risk\n,5\n", ":2: column 1: the account is empty"},
    {"account,risk\na,\xff\n", ":2: column 2: not UTF-8"},
    {"Bank Name,Bank ID,Account Number,Entity ID,Entity Name\nB,,A,E,N\n",
     ":2: column 2: the bank is empty"},
};

START_TEST(errors)
{
  amlrt_error err = {.status = AMLRT_OK};
  amlrt_table *t = read("src,dst,time\na,b,1\n", bad[_i].text, AMLRT_E_ACCOUNTS, &err);

  ck_assert_ptr_null(t);
  ck_assert_msg(strstr(err.text, bad[_i].words) != NULL, "%s", err.text);
}
END_TEST

START_TEST(missing_file)
{
  const char *path = file_with("data.csv", ibm);
  amlrt_read_opts opts = amlrt_read_opts_default();
  amlrt_error err = {.status = AMLRT_OK};
  amlrt_table *t;

  opts.accounts_path = "/nowhere/accounts.csv";
  ck_assert_int_eq(amlrt_table_read(&t, &path, 1, &opts, &err), AMLRT_E_READ);
  ck_assert_ptr_null(t);
  ck_assert_ptr_nonnull(strstr(err.text, "/nowhere/accounts.csv"));
  files_clean();
}
END_TEST

START_TEST(real_files)
{
  const char *data = data_file("ibm_hi_small/HI-Small_laundering_3209_rows.csv");
  amlrt_read_opts opts = amlrt_read_opts_default();
  amlrt_error err = {.status = AMLRT_OK};
  amlrt_table *t;
  uint32_t n = 0;

  opts.accounts_path = data_file("ibm_hi_small/accounts_sample.csv");
  if (!data || !opts.accounts_path) return;
  ck_assert_msg(amlrt_table_read(&t, &data, 1, &opts, &err) == AMLRT_OK, "%s", err.text);
  const amlrt_extra *entity = amlrt_table_find_attribute(t, "entity");
  ck_assert_ptr_nonnull(entity);
  for (uint32_t a = 0; a < amlrt_table_columns(t)->n_accounts; a++)
    n += entity->text[a] != NULL;
  ck_assert_uint_eq(n, 5);
  amlrt_table_free(t);
}
END_TEST

START_TEST(no_memory)
{
  amlrt_read_opts opts = amlrt_read_opts_default();
  const char *path = file_with("data.csv", ibm);

  opts.accounts_path = file_with("accounts.csv", ibm_accounts);
  for (uint64_t n = 0;; n++) {
    alloc_fail a;
    alloc_fail_init(&a, n);
    amlrt_alloc mem = alloc_fail_amlrt(&a);
    amlrt_table *t;
    opts.mem = &mem;
    amlrt_status st = amlrt_table_read(&t, &path, 1, &opts, NULL);
    bool hit = alloc_fail_hit(&a);
    ck_assert_int_eq(st, hit ? AMLRT_E_NOMEM : AMLRT_OK);
    if (hit) ck_assert_ptr_null(t);
    amlrt_table_free(t);
    alloc_fail_check(&a);
    if (!hit) break;
  }
  files_clean();
}
END_TEST

Suite *make_accounts_suite(void)
{
  Suite *s = suite_create("accounts");
  TCase *tc = tcase_create("attributes");

  tcase_add_test(tc, bank_of_ibm);
  tcase_add_test(tc, ibm_file);
  tcase_add_test(tc, exact_bank_goes_first);
  tcase_add_test(tc, generic_file);
  tcase_add_loop_test(tc, errors, 0, sizeof bad / sizeof *bad);
  tcase_add_test(tc, missing_file);
  tcase_add_test(tc, real_files);
  tcase_add_test(tc, no_memory);
  suite_add_tcase(s, tc);
  return s;
}
