// Match ids and alert ids: the first 128 bits of a SHA-256 over what a match is.
//
// docs/output.md gives the encoding to the byte, for whoever wants to make the ids again. Each field
// stands with its length before it, so no two different matches give the same bytes.
#include "runtime/src/sink.h"
#include "runtime/src/alloc.h"
#include "runtime/src/outfile.h"
#include "runtime/src/sha256.h"
#include "runtime/src/table.h"

#include <string.h>

// Gathers the short fields: hashing a few bytes at a time costs more than the hash.
typedef struct hasher {
  amlrt__sha256 sha;
  size_t n;
  char waiting[1024];
} hasher;

static void put(hasher *h, const char *at, size_t n)
{
  if (n > sizeof h->waiting - h->n) {
    amlrt__sha256_add(&h->sha, h->waiting, h->n);
    h->n = 0;
  }
  if (n > sizeof h->waiting) {
    amlrt__sha256_add(&h->sha, at, n);
    return;
  }
  memcpy(h->waiting + h->n, at, n);
  h->n += n;
}

static void put_bytes(hasher *h, const char *at, size_t n)
{
  char length[24];
  size_t k = amlrt__i64_print(length, (int64_t)n);

  length[k++] = ':';
  put(h, length, k);
  put(h, at, n);
  put(h, ",", 1);
}

static void put_text(hasher *h, const char *text)
{
  put_bytes(h, text, strlen(text));
}

static void put_number(hasher *h, size_t v)
{
  char text[24];

  put_bytes(h, text, amlrt__i64_print(text, (int64_t)v));
}

static void put_accounts(hasher *h, const amlrt_table *t, const char *role, const uint32_t *at,
                         size_t n)
{
  put_text(h, role);
  put_number(h, n);
  for (size_t i = 0; i < n; i++) {
    amlrt__prefetch_accounts(t, at + i, amlrt__window((uint32_t)i, (uint32_t)n));
    put_text(h, amlrt_table_account(t, at[i]));
  }
}

static void put_list(hasher *h, const amlrt_table *t, const char *role, const amlrt_list *l)
{
  put_accounts(h, t, role, l->at, l->n);
}

static void put_pattern(hasher *h, const amlrt__sha256 *empty, const char *what,
                        const amlrt_pattern_info *p)
{
  h->sha = *empty;
  h->n = 0;
  put_text(h, what);
  put_text(h, p->id);
  put_text(h, p->version);
  put_number(h, p->n_params);
  for (uint32_t i = 0; i < p->n_params; i++) {
    put_text(h, p->params[i].name);
    put_text(h, p->params[i].value);
  }
}

// An id may be of any length; the scratch is used as bytes.
static bool put_id(hasher *h, const amlrt_table *t, uint32_t row, amlrt__u32s *scratch,
                   const amlrt_alloc *mem)
{
  char small[64];
  bool integer = amlrt_table_ids_are_integers(t);
  size_t n = integer ? amlrt__i64_print(small, amlrt_table_id_int(t, row))
                     : amlrt_table_id_text(t, row, small, sizeof small);

  if (n < sizeof small) {
    put_bytes(h, small, n);
    return true;
  }
  scratch->n = 0;
  if (!amlrt__u32s_room(scratch, n / sizeof(uint32_t) + 1, mem)) return false;
  char *big = (char *)scratch->at;
  amlrt_table_id_text(t, row, big, scratch->cap * sizeof(uint32_t));
  put_bytes(h, big, n);
  return true;
}

static void end(hasher *h, char hex[33])
{
  uint8_t sum[32];
  char all[65];

  amlrt__sha256_add(&h->sha, h->waiting, h->n);
  amlrt__sha256_end(&h->sha, sum);
  amlrt__sha256_hex(all, sum);
  memcpy(hex, all, 32);
  hex[32] = '\0';
}

static bool match_id(amlrt_alert *alert, const amlrt_pattern_info *p, const amlrt_table *t,
                     amlrt__u32s *rows, amlrt__u32s *scratch, const amlrt__sha256 *empty,
                     const amlrt_alloc *mem)
{
  const amlrt_match *m = &alert->match;
  hasher h;

  put_pattern(&h, empty, "amlc-match-1", p);
  for (uint32_t r = 0; r < p->n_roles; r++)
    if (p->roles[r].kind != AMLRT_ROLE_GROUP) put_list(&h, t, p->roles[r].name, &m->roles[r]);
  if (!amlrt__match_rows(rows, scratch, m, p->n_stages, mem)) return false;
  put_text(&h, "");
  put_number(&h, rows->n);
  for (size_t i = 0; i < rows->n; i++) {
    amlrt__prefetch_ids(t, rows->at + i, amlrt__window((uint32_t)i, (uint32_t)rows->n));
    if (!put_id(&h, t, rows->at[i], scratch, mem)) return false;
  }
  end(&h, alert->match_id);
  return true;
}

// As an episode grows, another of its matches may be shown, whose ring starts elsewhere: the ring goes
// in from its least rotation, so that the id stays.
static bool alert_id(amlrt_alert *alert, const amlrt_pattern_info *p, const amlrt_table *t,
                     amlrt__u32s *ring, amlrt__u32s *scratch, const amlrt__sha256 *empty,
                     const amlrt_alloc *mem)
{
  const amlrt_match *m = &alert->match;
  hasher h;

  put_pattern(&h, empty, "amlc-alert-1", p);
  for (uint32_t r = 0; r < p->n_roles; r++) {
    if (p->roles[r].kind == AMLRT_ROLE_GROUP || amlrt__is_ring_start(p, r)) continue;
    if (amlrt__ring_start(p, r) == AMLRT_NONE) {
      put_list(&h, t, p->roles[r].name, &m->roles[r]);
      continue;
    }
    ring->n = 0;
    if (!amlrt__ring(ring, m, p, r, mem)) return false;
    put_accounts(&h, t, p->roles[r].name, ring->at, ring->n);
  }
  put_text(&h, "");
  if (!put_id(&h, t, alert->trigger_first, scratch, mem)) return false;
  end(&h, alert->alert_id);
  return true;
}

bool amlrt__ids(amlrt_alert *alert, const amlrt_pattern_info *p, const amlrt_table *t,
                amlrt__u32s *a, amlrt__u32s *b, const amlrt__sha256 *empty, const amlrt_alloc *mem)
{
  return match_id(alert, p, t, a, b, empty, mem) && alert_id(alert, p, t, a, b, empty, mem);
}
