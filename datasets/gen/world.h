// The world transfers happen in: accounts, banks, currencies, formats, who pays whom how often.
// Internal to datasets/gen.
#ifndef DATASETS_GEN_WORLD_H
#define DATASETS_GEN_WORLD_H

#include "datasets/gen/gen.h"
#include "datasets/gen/rng.h"

#include <stddef.h>

typedef enum {
#define CURRENCY(id, name, weight, per_cent_num, per_cent_den, digits) CUR_##id,
#include "datasets/gen/currencies.def"
  N_CURRENCIES
} currency;

typedef enum {
#define FORMAT(id, name, weight) FMT_##id,
#include "datasets/gen/formats.def"
  N_FORMATS
} format;

typedef struct {
  const char *name;
  uint32_t weight;   // how many of 10,000 accounts have it as their own
  uint32_t num, den; // minor units for one US cent: num / den
  uint32_t digits;   // decimals: 2, Bitcoin 6
} currency_info;

typedef struct {
  const char *name;
  uint32_t weight; // how many of 1,000 transfers between different accounts use it
} format_info;

extern const currency_info gen_currency[N_CURRENCIES];
extern const format_info gen_format[N_FORMATS];

// One transaction. Minutes count from the first day of the dense period; history is negative.
typedef struct {
  uint32_t from, to;
  int32_t minute;
  uint32_t attempt;             // 1-based; 0: no part of any
  int64_t paid, received;       // minor units
  uint8_t paid_in, received_in; // currency
  uint8_t format;
} gen_tx;

// Walker's alias method in whole numbers: account i is drawn with probability weight[i] / total.
typedef struct {
  uint64_t *keep; // of total: i itself is taken below this, else other[i]
  uint32_t *other;
  uint64_t total;
  uint32_t n;
} gen_alias;

#define GEN_REGULAR 6 // regular counterparties of an account

typedef struct {
  uint64_t seed;
  uint32_t n_ordinary; // accounts that act in the background
  uint32_t n_accounts; // those, and the ones that attempts brought with them
  uint32_t n_banks;
  int32_t days, history_days;
  uint64_t *weight_out; // activity as payer, whole numbers
  uint64_t *weight_in;  // as payee
  gen_alias out, in;
  uint32_t *regular; // n_ordinary rows of GEN_REGULAR accounts
} gen_world;

gen_status gen_world_init(gen_world *w, const gen_opts *o, gen_error *e);
void gen_world_release(gen_world *w);

// Fixed properties of an account, from its number alone.
currency gen_home_currency(const gen_world *w, uint32_t account);
// The bank id, a string with leading zeros, and the account id; both end in NUL.
void gen_bank_text(const gen_world *w, uint32_t account, char out[16]);
void gen_account_text(const gen_world *w, uint32_t account, char out[16]);

// An ordinary account of little activity; any ordinary account.
uint32_t gen_quiet_account(const gen_world *w, gen_rng *r);

// A new account that has no part in the background.
uint32_t gen_new_account(gen_world *w);

// The value of a transfer, as a draw with a long tail, in US cents.
int64_t gen_value(gen_rng *r);
// US cents in minor units of a currency, at least 1.
int64_t gen_minor(currency c, int64_t us_cents);

// Fills out[0..n) with background transfers, in no order.
void gen_background(const gen_world *w, gen_rng *r, gen_tx *out, size_t n);

// Fills out[] with the thin early activity; `silent` accounts stay out of it. Returns how many:
// at most gen_history_max(w).
size_t gen_history(const gen_world *w, gen_rng *r, const bool *silent, gen_tx *out);
size_t gen_history_max(const gen_world *w);

gen_status gen_fail(gen_error *e, gen_status st, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
