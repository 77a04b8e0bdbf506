#include "runtime/src/intern.h"

#include <string.h>

__extension__ typedef unsigned __int128 u128;

void amlrt__intern_init(amlrt__intern *in, amlrt__pool *pool)
{
  *in = (amlrt__intern){.mem = pool->mem, .pool = pool};
}

static amlrt__intern_slots *slots_of(const amlrt__intern *in)
{
  return atomic_load_explicit(&in->slots, memory_order_acquire);
}

static uint32_t number_in(const amlrt__intern_slot *s)
{
  return atomic_load_explicit(&s->number, memory_order_acquire);
}

void amlrt__intern_release(amlrt__intern *in)
{
  for (amlrt__intern_slots *slots = slots_of(in), *older; slots; slots = older) {
    older = slots->older;
    amlrt__release(in->mem, slots);
  }
  amlrt__release(in->mem, in->text);
  amlrt__intern_init(in, in->pool);
}

void amlrt__intern_clear(amlrt__intern *in)
{
  amlrt__intern_slots *slots = slots_of(in);

  if (in->n > 0) memset(slots->slot, 0, slots->n * sizeof *slots->slot);
  in->n = 0;
}

// ---- keys ---------------------------------------------------------------------------------------

static uint64_t mix(uint64_t a, uint64_t b)
{
  u128 product = (u128)a * b;

  return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static const uint64_t salt[AMLRT__KEY_WORDS] = {
    UINT64_C(0x9e3779b97f4a7c15), UINT64_C(0xff51afd7ed558ccd), UINT64_C(0xc4ceb9fe1a85ec53),
    UINT64_C(0xd6e8feb86659fd93)};

// Numbers never depend on it.
static uint64_t hash_words(const uint64_t w[AMLRT__KEY_WORDS])
{
  return mix(w[0] ^ salt[0], w[1] ^ salt[1]) ^ mix(w[2] ^ salt[2], w[3] ^ salt[3]);
}

#define LONG_TEXT (UINT32_C(1) << 31)

static uint32_t folded(uint64_t h, size_t n)
{
  uint32_t low = (uint32_t)(mix(h, salt[0]) >> 16);

  return n < AMLRT__SLOT_SHORT ? low & ~LONG_TEXT : low | LONG_TEXT;
}

static uint32_t hash_long(const char *text, size_t n)
{
  uint64_t h = n, w[AMLRT__KEY_WORDS];
  size_t all = n;

  for (; n >= AMLRT__KEY_SHORT; text += AMLRT__KEY_SHORT, n -= AMLRT__KEY_SHORT) {
    memcpy(w, text, sizeof w);
    h = mix(h, salt[1]) ^ hash_words(w);
  }
  memset(w, 0, sizeof w);
  memcpy(w, text, n);
  return folded(mix(h, salt[1]) ^ hash_words(w), all);
}

void amlrt__key_make(amlrt__key *key, const char *text, size_t n)
{
  key->at = text;
  key->n = n;
  if (n >= AMLRT__KEY_SHORT) {
    key->hash = hash_long(text, n);
    return;
  }
  memset(key->word, 0, sizeof key->word);
  memcpy(key->word, text, n);
  key->hash = folded(hash_words(key->word), n);
}

// Masks as bytes in memory, read from a place that depends on n: no branches, any byte order.
static const unsigned char keep[2 * AMLRT__KEY_SHORT] = {
    255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255};
static const unsigned char hole[2 * AMLRT__KEY_SHORT] = {[AMLRT__KEY_SHORT] = 255};
static const unsigned char colons[2 * AMLRT__KEY_SHORT] = {[AMLRT__KEY_SHORT] = ':'};

static void load_words(uint64_t *to, const char *text, size_t n, size_t colon, int n_words)
{
  uint64_t in, mask, out, put;

  for (int i = 0; i < n_words; i++) {
    memcpy(&in, text + 8 * i, 8);
    memcpy(&mask, keep + AMLRT__KEY_SHORT - n + 8 * i, 8);
    memcpy(&out, hole + AMLRT__KEY_SHORT - colon + 8 * i, 8);
    memcpy(&put, colons + AMLRT__KEY_SHORT - colon + 8 * i, 8);
    to[i] = ((in & ~out) | put) & mask;
  }
}

void amlrt__key_load(amlrt__key *key, const char *text, size_t n, size_t colon)
{
  uint64_t w[AMLRT__KEY_WORDS] = {0};

  if (n < 16) // most
    load_words(w, text, n, colon, 2);
  else
    load_words(w, text, n, colon, AMLRT__KEY_WORDS);
  memcpy(key->word, w, sizeof w);
  key->at = text;
  key->n = n;
  key->hash = folded(hash_words(w), n);
}

// ---- slots --------------------------------------------------------------------------------------

// Texts in the pool that are shorter than a key's words have zeros up to a whole number of words behind
// them, and at least one. So they can be compared by words: where one ends earlier, the word with its end
// differs.
static bool same_text(const amlrt__key *key, const char *text)
{
  uint64_t w;

  if (key->n >= AMLRT__KEY_SHORT)
    return strncmp(text, key->at, key->n) == 0 && text[key->n] == '\0';
  for (size_t i = 0; i <= key->n / 8; i++) {
    memcpy(&w, text + 8 * i, 8);
    if (w != key->word[i]) return false;
  }
  return true;
}

static bool same(const amlrt__key *key, const amlrt__intern_slot *s)
{
  const uint64_t *a = key->word, *b = s->word;

  if (key->hash != s->hash) return false;
  if (s->hash & LONG_TEXT) return same_text(key, s->text);
  return ((a[0] ^ b[0]) | (a[1] ^ b[1]) | (a[2] ^ b[2])) == 0;
}

// The slot of the text, or the free one where it belongs. There is always a free one. *number is what
// the slot had: a free one may be taken by another text while we look, so it is not asked twice.
static amlrt__intern_slot *find(amlrt__intern_slots *slots, const amlrt__key *key, uint32_t *number)
{
  size_t at = key->hash & (slots->n - 1);

  for (;; at = (at + 1) & (slots->n - 1)) {
    amlrt__intern_slot *s = &slots->slot[at];
    *number = number_in(s);
    if (!*number || same(key, s)) return s;
  }
}

enum { FIRST_SLOTS = 64, MANY_SLOTS = 1 << 20 };

// Small ones grow by four times: the outgrown ones, which stay, are then a third of all and not half.
static bool more_slots(amlrt__intern *in)
{
  amlrt__intern_slots *old = slots_of(in), *slots;
  size_t n = !old ? FIRST_SLOTS : old->n < MANY_SLOTS ? old->n * 4 : old->n * 2, bytes;

  if (__builtin_mul_overflow(n, sizeof *slots->slot, &bytes)) return false;
  slots = amlrt__array(in->mem, bytes + sizeof *slots, 1);
  if (!slots) return false;
  slots->older = old;
  slots->n = n;
  for (size_t i = 0; old && i < old->n; i++) {
    size_t at = old->slot[i].hash & (n - 1);
    uint32_t number = number_in(&old->slot[i]);
    if (!number) continue;
    while (number_in(&slots->slot[at]))
      at = (at + 1) & (n - 1);
    slots->slot[at].hash = old->slot[i].hash;
    memcpy(slots->slot[at].word, old->slot[i].word, sizeof slots->slot[at].word);
    atomic_store_explicit(&slots->slot[at].number, number, memory_order_relaxed);
  }
  atomic_store_explicit(&in->slots, slots, memory_order_release);
  return true;
}

static const char *copy_of(amlrt__intern *in, const amlrt__key *key)
{
  if (key->n >= AMLRT__KEY_SHORT) return amlrt__pool_copy(in->pool, key->at, key->n);
  return amlrt__pool_copy(in->pool, (const char *)key->word, key->n / 8 * 8 + 7);
}

amlrt_status amlrt__intern_add_key(amlrt__intern *in, const amlrt__key *key, uint32_t *number)
{
  amlrt__intern_slots *slots = slots_of(in);
  amlrt__intern_slot *s;
  const char *copy;
  uint32_t there;

  if ((!slots || (size_t)in->n + in->n / 2 >= slots->n) && !more_slots(in)) return AMLRT_E_NOMEM;
  s = find(slots_of(in), key, &there);
  if (there) {
    *number = there - 1;
    return AMLRT_OK;
  }
  if (in->n >= AMLRT_NONE - 1) return AMLRT_E_TOO_LARGE;
  if (!amlrt__grow(in->mem, &in->text, &in->cap, (size_t)in->n + 1, sizeof *in->text))
    return AMLRT_E_NOMEM;
  copy = copy_of(in, key);
  if (!copy) return AMLRT_E_NOMEM;
  in->text[in->n] = copy;
  *number = in->n++;
  s->hash = key->hash;
  if (s->hash & LONG_TEXT)
    s->text = copy;
  else
    memcpy(s->word, key->word, sizeof s->word);
  atomic_store_explicit(&s->number, in->n, memory_order_release);
  return AMLRT_OK;
}

uint32_t amlrt__intern_find_key(const amlrt__intern *in, const amlrt__key *key)
{
  amlrt__intern_slots *slots = slots_of(in);
  uint32_t number = 0;

  if (slots) find(slots, key, &number);
  return number - 1; // 0 - 1 is AMLRT_NONE
}

amlrt_status amlrt__intern_add(amlrt__intern *in, const char *text, size_t n, uint32_t *number)
{
  amlrt__key key;

  amlrt__key_make(&key, text, n);
  return amlrt__intern_add_key(in, &key, number);
}

uint32_t amlrt__intern_find(const amlrt__intern *in, const char *text, size_t n)
{
  amlrt__key key;

  if (!slots_of(in)) return AMLRT_NONE;
  amlrt__key_make(&key, text, n);
  return amlrt__intern_find_key(in, &key);
}

// ---- many at once -------------------------------------------------------------------------------

void amlrt__intern_prefetch(const amlrt__intern *in, const amlrt__key *key)
{
  const amlrt__intern_slots *slots = slots_of(in);

  if (slots) __builtin_prefetch(&slots->slot[key->hash & (slots->n - 1)]);
}

void amlrt__intern_find_keys(const amlrt__intern *in, const amlrt__key *key, size_t n,
                             uint32_t *number)
{
  for (size_t i = 0; i < n; i++)
    number[i] = amlrt__intern_find_key(in, &key[i]);
}
