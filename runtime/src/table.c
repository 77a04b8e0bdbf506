#include "runtime/src/table.h"
#include "runtime/src/currency.h"
#include "runtime/src/decimal.h"
#include "runtime/src/error.h"
#include "runtime/src/intern.h"
#include "runtime/src/map.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

amlrt_table *amlrt__table_new(const amlrt_alloc *mem)
{
  amlrt_table *t = amlrt__array(mem, 1, sizeof *t);

  if (!t) return NULL;
  t->mem = *mem;
  amlrt__pool_init(&t->texts, &t->mem);
  return t;
}

static void free_extras(const amlrt_alloc *mem, amlrt_extra *pub, amlrt__extra *own, uint32_t n)
{
  for (uint32_t i = 0; own && i < n; i++) {
    amlrt__release(mem, own[i].text);
    amlrt__release(mem, own[i].mantissa);
  }
  amlrt__release(mem, own);
  amlrt__release(mem, pub);
}

void amlrt_table_free(amlrt_table *t)
{
  if (!t) return;
  amlrt_alloc mem = t->mem;
#define ROWS(type, name) amlrt__release(&mem, t->rows.name);
#include "runtime/src/rows.def"
  amlrt__release(&mem, t->account);
  amlrt__release(&mem, t->currency);
  amlrt__release(&mem, t->format);
  amlrt__release(&mem, t->id_int);
  amlrt__release(&mem, t->id_text);
  amlrt__release(&mem, t->by_id);
  amlrt__release(&mem, t->by_input);
  free_extras(&mem, t->extra, t->own_extra, t->n_extra);
  free_extras(&mem, t->attribute, t->own_attribute, t->n_attributes);
  amlrt__release(&mem, t->input);
  amlrt__release(&mem, t->reject);
  amlrt__pool_release(&t->texts);
  amlrt__release(&mem, t);
}

// ---- rows, accounts, currencies, formats --------------------------------------------------------

const amlrt_columns *amlrt_table_columns(const amlrt_table *t)
{
  return &t->columns;
}

const char *amlrt_table_account(const amlrt_table *t, uint32_t account)
{
  return t->account[account];
}

uint32_t amlrt_table_find_account(const amlrt_table *t, const char *key)
{
  uint32_t lo = 0, hi = t->columns.n_accounts;

  while (lo < hi) {
    uint32_t mid = lo + (hi - lo) / 2;
    if (strcmp(t->account[mid], key) < 0)
      lo = mid + 1;
    else
      hi = mid;
  }
  return lo < t->columns.n_accounts && strcmp(t->account[lo], key) == 0 ? lo : AMLRT_NONE;
}

const char *amlrt_table_currency(const amlrt_table *t, amlrt_currency c, int *decimals)
{
  if (decimals) *decimals = t->currency[c].decimals;
  return t->currency[c].text;
}

amlrt_currency amlrt_table_find_currency(const amlrt_table *t, const char *text)
{
  size_t n = strlen(text);
  const char *name = amlrt__currency_name(text, &n);

  for (uint32_t c = 1; c < t->n_currencies; c++)
    if (strcmp(t->currency[c].name, name) == 0) return (amlrt_currency)c;
  return 0;
}

uint32_t amlrt_table_n_currencies(const amlrt_table *t)
{
  return t->n_currencies;
}

const char *amlrt_table_format(const amlrt_table *t, uint16_t format)
{
  return t->format[format];
}

uint32_t amlrt_table_n_formats(const amlrt_table *t)
{
  return t->n_formats;
}

int amlrt_table_max_decimals(const amlrt_table *t)
{
  return t->max_decimals;
}

bool amlrt_table_has_column(const amlrt_table *t, const char *name)
{
  amlrt__column c = amlrt__column_find(name, strlen(name));

  return c < AMLRT__N_COLUMNS && (t->has >> c & 1);
}

// ---- ids ----------------------------------------------------------------------------------------

bool amlrt_table_ids_are_integers(const amlrt_table *t)
{
  return !t->id_text;
}

int64_t amlrt_table_id_int(const amlrt_table *t, uint32_t row)
{
  return t->id_int ? t->id_int[row] : (int64_t)t->rows.input_row[row];
}

size_t amlrt_table_id_text(const amlrt_table *t, uint32_t row, char *out, size_t cap)
{
  int n = t->id_text ? snprintf(out, cap, "%s", t->id_text[row])
                     : snprintf(out, cap, "%" PRId64, amlrt_table_id_int(t, row));

  return n < 0 ? 0 : (size_t)n;
}

// Order of the id of a row and the id looked for.
static int cmp_id(const amlrt_table *t, uint32_t row, const char *text, int64_t number)
{
  if (t->id_text) return strcmp(t->id_text[row], text);
  int64_t id = amlrt_table_id_int(t, row);
  return id < number ? -1 : id > number;
}

uint32_t amlrt_table_find_id(const amlrt_table *t, const char *id)
{
  // Numbers of input rows grow with the input.
  const uint32_t *order = t->by_id ? t->by_id : t->by_input;
  uint32_t lo = 0, hi = t->columns.n_rows;
  int64_t number = 0;

  if (!t->id_text && !amlrt__integer(&number, id, strlen(id))) return AMLRT_NONE;
  while (lo < hi) {
    uint32_t mid = lo + (hi - lo) / 2;
    if (cmp_id(t, order ? order[mid] : mid, id, number) < 0)
      lo = mid + 1;
    else
      hi = mid;
  }
  if (lo == t->columns.n_rows) return AMLRT_NONE;
  uint32_t row = order ? order[lo] : lo;
  return cmp_id(t, row, id, number) == 0 ? row : AMLRT_NONE;
}

uint32_t amlrt_table_row_by_input(const amlrt_table *t, uint32_t k)
{
  return t->by_input ? t->by_input[k] : k;
}

// ---- further columns and attributes -------------------------------------------------------------

uint32_t amlrt_table_n_extra(const amlrt_table *t)
{
  return t->n_extra;
}

const amlrt_extra *amlrt_table_extra(const amlrt_table *t, uint32_t i)
{
  return &t->extra[i];
}

static const amlrt_extra *find_extra(const amlrt_extra *all, uint32_t n, const char *name)
{
  for (uint32_t i = 0; i < n; i++)
    if (strcmp(all[i].name, name) == 0) return &all[i];
  return NULL;
}

const amlrt_extra *amlrt_table_find_extra(const amlrt_table *t, const char *name)
{
  return find_extra(t->extra, t->n_extra, name);
}

uint32_t amlrt_table_n_attributes(const amlrt_table *t)
{
  return t->n_attributes;
}

const amlrt_extra *amlrt_table_attribute(const amlrt_table *t, uint32_t i)
{
  return &t->attribute[i];
}

const amlrt_extra *amlrt_table_find_attribute(const amlrt_table *t, const char *name)
{
  return find_extra(t->attribute, t->n_attributes, name);
}

// The decimals that all n texts need, or -1: they are not all numbers that fit at one scale.
static int common_decimals(const char *const *text, uint32_t n)
{
  int need = 0, room = AMLRT__MAX_DIGITS;

  for (uint32_t i = 0; i < n; i++) {
    size_t length = text[i] ? strlen(text[i]) : 0;
    int64_t m;
    int decimals, most;
    if (!text[i]) continue;
    if (!amlrt__is_number(text[i], length) || !amlrt_decimal_parse(&m, &decimals, text[i], length))
      return -1;
    most = amlrt__decimal_max_scale(m, decimals);
    if (decimals > need) need = decimals;
    if (most < room) room = most;
  }
  return need <= room ? need : -1;
}

bool amlrt__extra_settle(amlrt_extra *pub, amlrt__extra *own, uint32_t n, bool is_text,
                         const amlrt_alloc *mem)
{
  int decimals = is_text ? -1 : common_decimals(own->text, n);

  *pub = (amlrt_extra){.name = own->name, .type = AMLRT_COL_TEXT, .text = own->text};
  if (decimals < 0) return true;
  own->mantissa = amlrt__array(mem, n, sizeof *own->mantissa);
  if (!own->mantissa) return false;
  for (uint32_t i = 0; i < n; i++) {
    int64_t m = AMLRT_NO_AMOUNT;
    int d;
    if (own->text[i] && amlrt_decimal_parse(&m, &d, own->text[i], strlen(own->text[i])))
      m *= amlrt__pow10[decimals - d];
    own->mantissa[i] = m;
  }
  amlrt__release(mem, own->text);
  own->text = NULL;
  *pub = (amlrt_extra){
      .name = own->name, .type = AMLRT_COL_NUMBER, .mantissa = own->mantissa, .decimals = decimals};
  return true;
}

amlrt__extra *amlrt__attribute_add(amlrt_table *t, const char *name)
{
  size_t cap_pub = t->n_attributes, cap_own = t->n_attributes, n = (size_t)t->n_attributes + 1;
  const char **text = amlrt__array(&t->mem, t->columns.n_accounts, sizeof *text);

  if (!text || !amlrt__grow(&t->mem, &t->attribute, &cap_pub, n, sizeof *t->attribute) ||
      !amlrt__grow(&t->mem, &t->own_attribute, &cap_own, n, sizeof *t->own_attribute)) {
    amlrt__release(&t->mem, text);
    return NULL;
  }
  amlrt__extra *own = &t->own_attribute[t->n_attributes];
  *own = (amlrt__extra){.name = name, .text = text};
  t->attribute[t->n_attributes++] = (amlrt_extra){.name = name, .text = text};
  return own;
}

// Names and codes: text even where all look like numbers.
static bool is_code(const char *name)
{
  static const char *const codes[] = {"bank", "bank_name", "entity", "entity_name"};

  for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
    if (strcmp(name, codes[i]) == 0) return true;
  return false;
}

bool amlrt__attributes_settle(amlrt_table *t)
{
  for (uint32_t i = 0; i < t->n_attributes; i++)
    if (!amlrt__extra_settle(&t->attribute[i], &t->own_attribute[i], t->columns.n_accounts,
                             is_code(t->own_attribute[i].name), &t->mem))
      return false;
  return true;
}

static bool starts_with_bank(const char *key, const char *bank)
{
  while (*bank && *key == *bank) {
    key++;
    bank++;
  }
  return !*bank && *key == ':';
}

amlrt_status amlrt__bank_attribute(amlrt_table *t, amlrt_error *err)
{
  amlrt__extra *bank = amlrt__attribute_add(t, "bank");
  amlrt__intern banks;
  amlrt_status st = bank ? AMLRT_OK : AMLRT_E_NOMEM;

  amlrt__intern_init(&banks, &t->texts);
  for (uint32_t a = 0; st == AMLRT_OK && a < t->columns.n_accounts; a++) {
    const char *key = t->account[a];
    uint32_t number;
    if (t->columns.n_accounts - a > AMLRT__WINDOW)
      __builtin_prefetch(t->account[a + AMLRT__WINDOW]);
    if (a > 0 && starts_with_bank(key, bank->text[a - 1])) { // accounts are in the order of banks
      bank->text[a] = bank->text[a - 1];
      continue;
    }
    st = amlrt__intern_add(&banks, key, strcspn(key, ":"), &number);
    if (st == AMLRT_OK) bank->text[a] = banks.text[number];
  }
  amlrt__intern_release(&banks);
  return st < 0 ? amlrt__fail(err, st, "banks: %s", amlrt_status_text(st)) : AMLRT_OK;
}

// ---- setting out for what will be printed ----------------------------------------------------------

void amlrt__prefetch_ids(const amlrt_table *t, const uint32_t *row, uint32_t n)
{
  for (uint32_t i = 0; i < n; i++)
    if (t->id_text)
      __builtin_prefetch(&t->id_text[row[i]]);
    else
      __builtin_prefetch(t->id_int ? (const void *)&t->id_int[row[i]] : &t->rows.input_row[row[i]]);
}

void amlrt__prefetch_accounts(const amlrt_table *t, const uint32_t *account, uint32_t n)
{
  for (uint32_t i = 0; i < n; i++)
    __builtin_prefetch(&t->account[account[i]]);
  for (uint32_t i = 0; i < n; i++)
    __builtin_prefetch(t->account[account[i]]);
}

void amlrt__prefetch_rows(const amlrt_table *t, const uint32_t *row, uint32_t n)
{
  for (uint32_t i = 0; i < n; i++) {
#define ROWS(type, name) __builtin_prefetch(&t->rows.name[row[i]]);
#include "runtime/src/rows.def"
  }
  amlrt__prefetch_ids(t, row, n);
  for (uint32_t i = 0; i < n; i++) {
    __builtin_prefetch(&t->account[t->rows.from[row[i]]]);
    __builtin_prefetch(&t->account[t->rows.to[row[i]]]);
  }
  for (uint32_t i = 0; i < n; i++) {
    __builtin_prefetch(t->account[t->rows.from[row[i]]]);
    __builtin_prefetch(t->account[t->rows.to[row[i]]]);
  }
}

// ---- inputs and rejects -------------------------------------------------------------------------

uint32_t amlrt_table_n_inputs(const amlrt_table *t)
{
  return t->n_inputs;
}

const amlrt_input_info *amlrt_table_input(const amlrt_table *t, uint32_t i)
{
  return &t->input[i];
}

uint64_t amlrt_table_n_rejects(const amlrt_table *t)
{
  return t->n_rejects;
}

const amlrt_reject *amlrt_table_reject(const amlrt_table *t, uint64_t i)
{
  return &t->reject[i];
}

bool amlrt__table_reject(amlrt_table *t, uint32_t file, uint64_t line, uint32_t column,
                         const char *reason)
{
  if (!amlrt__grow(&t->mem, &t->reject, &t->cap_rejects, t->n_rejects + 1, sizeof *t->reject))
    return false;
  t->reject[t->n_rejects++] = (amlrt_reject){file, line, column, reason};
  return true;
}
