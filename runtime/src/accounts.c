// Attributes of accounts from a file. IBM's accounts file has bank ids without the leading zeros
// that the transactions have, so banks are compared without them; a line whose bank is written
// exactly as in the transactions goes before one that only matches so, and of several lines for an
// account the first counts.
#include "runtime/src/read.h"
#include "runtime/src/csv.h"
#include "runtime/src/error.h"
#include "runtime/src/intern.h"

#include <inttypes.h>
#include <string.h>

typedef enum { UNSET, BY_NUMBER, EXACT } rank;

typedef struct accounts {
  amlrt_table *t;
  const amlrt_alloc *mem;
  const char *path;
  bool strip; // keys are bank:account; leading zeros of the bank do not count
  amlrt__csv csv;
  // where the columns are
  uint32_t key_at, bank_at; // bank_at: AMLRT_NONE where key_at holds the whole key
  uint32_t n_attributes;
  uint32_t *attribute_at;  // by attribute: its column
  uint32_t *attribute_own; // by attribute: its number in the table
  // accounts of the table by stripped key
  amlrt__pool texts;
  amlrt__intern stripped, values;
  uint32_t *head, *next; // by stripped key, by account; AMLRT_NONE: the last
  uint8_t *rank;         // by account
  char *key;             // scratch, AMLRT__RECORD_MAX + 2 bytes
} accounts;

// ---- columns ------------------------------------------------------------------------------------

// Headers that are known, and what their columns are; NULL: passed over.
enum { MAX_KNOWN = 6 };
typedef struct known_header {
  uint32_t n, bank_at, key_at;
  const char *column[MAX_KNOWN], *attribute[MAX_KNOWN];
} known_header;

static const known_header known[] = {
    {5,
     1,
     2,
     {"Bank Name", "Bank ID", "Account Number", "Entity ID", "Entity Name"},
     {"bank_name", "bank", NULL, "entity", "entity_name"}},
    {6,
     AMLRT_NONE,
     0,
     {"account_key", "account_id", "bank_id", "bank_name", "entity_id", "entity_name"},
     {NULL, NULL, "bank", "bank_name", "entity", "entity_name"}},
};

static bool is_known(accounts *a, const known_header *k)
{
  if (a->csv.n_fields != k->n) return false;
  for (uint32_t i = 0; i < k->n; i++)
    if (amlrt__csv_find(&a->csv, k->column[i]) != i) return false;
  return true;
}

// The IBM format has a bank for each account already, written as in the transactions.
static amlrt_status add_attribute(accounts *a, uint32_t column, const char *name, size_t n,
                                  amlrt_error *err)
{
  const char *copy = amlrt__pool_copy(&a->t->texts, name, n);

  if (!copy) return amlrt__nomem(err, a->path);
  if (amlrt_table_find_attribute(a->t, copy)) return AMLRT_OK;
  if (!amlrt__attribute_add(a->t, copy)) return amlrt__nomem(err, a->path);
  a->attribute_at[a->n_attributes] = column;
  a->attribute_own[a->n_attributes++] = a->t->n_attributes - 1;
  return AMLRT_OK;
}

static amlrt_status use_known(accounts *a, const known_header *k, amlrt_error *err)
{
  amlrt_status st = AMLRT_OK;

  a->strip = true;
  a->key_at = k->key_at;
  a->bank_at = k->bank_at;
  for (uint32_t i = 0; st == AMLRT_OK && i < k->n; i++)
    if (k->attribute[i]) st = add_attribute(a, i, k->attribute[i], strlen(k->attribute[i]), err);
  return st;
}

static amlrt_status use_own_names(accounts *a, amlrt_error *err)
{
  amlrt_status st = AMLRT_OK;

  a->bank_at = AMLRT_NONE;
  a->key_at = amlrt__csv_find(&a->csv, "account");
  if (a->key_at == a->csv.n_fields)
    return amlrt__fail(err, AMLRT_E_ACCOUNTS,
                       "%s: the header should be IBM AML's (Bank Name,Bank ID,Account Number,"
                       "Entity ID,Entity Name) or have a column 'account'",
                       a->path);
  for (uint32_t i = 0; i < a->csv.n_fields; i++) {
    amlrt__text t = amlrt__csv_text(&a->csv, i);
    for (uint32_t j = 0; j < i && t.n; j++) {
      amlrt__text u = amlrt__csv_text(&a->csv, j);
      if (u.n == t.n && memcmp(u.at, t.at, t.n) == 0)
        return amlrt__fail(err, AMLRT_E_ACCOUNTS, "%s: the header has column %" PRIu32 " twice",
                           a->path, i + 1);
    }
  }
  for (uint32_t i = 0; st == AMLRT_OK && i < a->csv.n_fields; i++) {
    amlrt__text t = amlrt__csv_text(&a->csv, i);
    if (i != a->key_at && t.n) st = add_attribute(a, i, t.at, t.n, err);
  }
  return st;
}

static amlrt_status read_header(accounts *a, amlrt_error *err)
{
  bool more;
  amlrt_status st = amlrt__csv_next(&a->csv, &more, err);

  if (st < 0) return st;
  if (!more) return amlrt__fail(err, AMLRT_E_ACCOUNTS, "%s: the file is empty", a->path);
  if (a->csv.fault.reason || a->csv.n_fields > AMLRT__MAX_COLUMNS)
    return amlrt__fail(err, AMLRT_E_ACCOUNTS, "%s: the header cannot be read: %s", a->path,
                       a->csv.fault.reason ? amlrt__reason_text(a->csv.fault.reason)
                                           : "too many columns");
  a->csv.n_expected = a->csv.n_fields;
  a->attribute_at = amlrt__array(a->mem, a->csv.n_fields, sizeof *a->attribute_at);
  a->attribute_own = amlrt__array(a->mem, a->csv.n_fields, sizeof *a->attribute_own);
  if (!a->attribute_at || !a->attribute_own) return amlrt__nomem(err, a->path);
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (is_known(a, &known[i])) return use_known(a, &known[i], err);
  return use_own_names(a, err);
}

// ---- accounts by key ----------------------------------------------------------------------------

// The key without leading zeros of its bank (one digit stays); without `strip`, the key.
static amlrt__text stripped_key(const accounts *a, amlrt__text key)
{
  const char *colon = a->strip ? memchr(key.at, ':', key.n) : NULL;

  while (colon && key.at + 1 < colon && *key.at == '0') {
    key.at++;
    key.n--;
  }
  return key;
}

static amlrt_status index_accounts(accounts *a, amlrt_error *err)
{
  uint32_t n = a->t->columns.n_accounts;
  amlrt_status st = AMLRT_OK;

  a->head = amlrt__array(a->mem, n, sizeof *a->head);
  a->next = amlrt__array(a->mem, n, sizeof *a->next);
  a->rank = amlrt__array(a->mem, n, 1);
  a->key = amlrt__alloc(a->mem, AMLRT__RECORD_MAX + 2);
  if (!a->head || !a->next || !a->rank || !a->key) return amlrt__nomem(err, a->path);
  for (uint32_t i = 0; i < n; i++) {
    uint32_t before = a->stripped.n, number;
    const char *text = a->t->account[i];
    amlrt__text key = stripped_key(a, (amlrt__text){text, strlen(text)});
    st = amlrt__intern_add(&a->stripped, key.at, key.n, &number);
    if (st < 0) return amlrt__fail(err, st, "%s: %s", a->path, amlrt_status_text(st));
    a->next[i] = number < before ? a->head[number] : AMLRT_NONE;
    a->head[number] = i;
  }
  return AMLRT_OK;
}

// ---- lines --------------------------------------------------------------------------------------

static amlrt_status bad_line(const accounts *a, uint32_t column, const char *reason,
                             amlrt_error *err)
{
  if (!column)
    return amlrt__fail(err, AMLRT_E_ACCOUNTS, "%s:%" PRIu64 ": %s", a->path, a->csv.line, reason);
  return amlrt__fail(err, AMLRT_E_ACCOUNTS, "%s:%" PRIu64 ": column %" PRIu32 ": %s", a->path,
                     a->csv.line, column, reason);
}

static amlrt_status find_key(accounts *a, amlrt__text *key, amlrt_error *err)
{
  amlrt__text account = amlrt__csv_text(&a->csv, a->key_at), bank;

  if (account.n == 0)
    return bad_line(a, a->key_at + 1, amlrt__reason_text(AMLRT__BAD_NO_ACCOUNT), err);
  *key = account;
  if (a->bank_at == AMLRT_NONE) return AMLRT_OK;
  bank = amlrt__csv_text(&a->csv, a->bank_at);
  if (bank.n == 0) return bad_line(a, a->bank_at + 1, amlrt__reason_text(AMLRT__BAD_NO_BANK), err);
  memcpy(a->key, bank.at, bank.n);
  a->key[bank.n] = ':';
  memcpy(a->key + bank.n + 1, account.at, account.n);
  *key = (amlrt__text){a->key, bank.n + 1 + account.n};
  return AMLRT_OK;
}

static amlrt_status set_attributes(accounts *a, uint32_t account, amlrt_error *err)
{
  for (uint32_t i = 0; i < a->n_attributes; i++) {
    amlrt__text value = amlrt__csv_text(&a->csv, a->attribute_at[i]);
    const char **to = &a->t->own_attribute[a->attribute_own[i]].text[account];
    uint32_t number;
    amlrt_status st;
    *to = NULL;
    if (value.n == 0) continue;
    if ((st = amlrt__intern_add(&a->values, value.at, value.n, &number)) < 0)
      return amlrt__fail(err, st, "%s: %s", a->path, amlrt_status_text(st));
    *to = a->values.text[number];
  }
  return AMLRT_OK;
}

static amlrt_status take_line(accounts *a, amlrt_error *err)
{
  amlrt__text key = {"", 0}, stripped;
  amlrt_status st;
  uint32_t number;

  if (a->csv.fault.reason)
    return bad_line(a, a->csv.fault.column, amlrt__reason_text(a->csv.fault.reason), err);
  if ((st = find_key(a, &key, err)) < 0) return st;
  stripped = stripped_key(a, key);
  number = amlrt__intern_find(&a->stripped, stripped.at, stripped.n);
  if (number == AMLRT_NONE) return AMLRT_OK; // an account without transactions
  for (uint32_t i = a->head[number]; i != AMLRT_NONE; i = a->next[i]) {
    const char *text = a->t->account[i];
    bool exact = strlen(text) == key.n && memcmp(text, key.at, key.n) == 0;
    rank match = exact ? EXACT : BY_NUMBER;
    if (a->rank[i] >= (uint8_t)match) continue;
    a->rank[i] = (uint8_t)match;
    if ((st = set_attributes(a, i, err)) < 0) return st;
  }
  return AMLRT_OK;
}

static amlrt_status read_lines(accounts *a, amlrt_error *err)
{
  amlrt_status st = read_header(a, err);
  bool more = true;

  if (st == AMLRT_OK) st = index_accounts(a, err);
  while (st == AMLRT_OK) {
    st = amlrt__csv_next(&a->csv, &more, err);
    if (st < 0 || !more) break;
    st = take_line(a, err);
  }
  return st;
}

static void release(accounts *a)
{
  amlrt__release(a->mem, a->attribute_at);
  amlrt__release(a->mem, a->attribute_own);
  amlrt__release(a->mem, a->head);
  amlrt__release(a->mem, a->next);
  amlrt__release(a->mem, a->rank);
  amlrt__release(a->mem, a->key);
  amlrt__intern_release(&a->stripped);
  amlrt__intern_release(&a->values);
  amlrt__pool_release(&a->texts);
}

amlrt_status amlrt__accounts_read(amlrt_table *t, const char *path, bool ibm, amlrt_error *err)
{
  accounts a = {.t = t, .mem = &t->mem, .path = path, .strip = ibm};
  amlrt__input in;
  amlrt_status st = amlrt__input_open(&in, path, a.mem, err);

  if (st < 0) return st;
  amlrt__pool_init(&a.texts, a.mem);
  amlrt__intern_init(&a.stripped, &a.texts);
  amlrt__intern_init(&a.values, &t->texts);
  st = amlrt__csv_init(&a.csv, &in, ',', err);
  if (st == AMLRT_OK) {
    st = read_lines(&a, err);
    amlrt__csv_release(&a.csv);
  }
  release(&a);
  amlrt__input_close(&in);
  return st;
}
