// The keys of a match as a row of numbers: what groups matches, and what sorts alerts.
#include "runtime/src/match_keys.h"
#include "runtime/src/alloc.h"

uint32_t amlrt__ring_start(const amlrt_pattern_info *p, uint32_t role)
{
  bool chain = p->roles[role].kind == AMLRT_ROLE_CHAIN;

  return chain && p->closed_start ? p->closed_start[role] : AMLRT_NONE;
}

bool amlrt__is_ring_start(const amlrt_pattern_info *p, uint32_t role)
{
  for (uint32_t c = 0; c < p->n_roles; c++)
    if (amlrt__ring_start(p, c) == role) return true;
  return false;
}

// Two candidates race around the ring; the one that falls behind jumps past all it was compared with.
size_t amlrt__least_rotation(const uint32_t *at, size_t n)
{
  size_t i = 0, k = 1, same = 0;

  while (i < n && k < n && same < n) {
    uint32_t a = at[(i + same) % n], b = at[(k + same) % n];
    if (a == b) {
      same++;
      continue;
    }
    if (a > b)
      i += same + 1;
    else
      k += same + 1;
    if (i == k) k++;
    same = 0;
  }
  return i < k ? i : k;
}

static bool append(amlrt__u32s *out, const amlrt_list *l, uint32_t add, const amlrt_alloc *mem)
{
  if (!amlrt__u32s_room(out, out->n + l->n + 1, mem)) return false;
  for (uint32_t i = 0; i < l->n; i++)
    out->at[out->n++] = l->at[i] + add;
  return true;
}

static void reverse(uint32_t *at, size_t n)
{
  for (size_t i = 0; i < n / 2; i++) {
    uint32_t swap = at[i];
    at[i] = at[n - 1 - i];
    at[n - 1 - i] = swap;
  }
}

bool amlrt__ring(amlrt__u32s *out, const amlrt_match *m, const amlrt_pattern_info *p, uint32_t role,
                 const amlrt_alloc *mem)
{
  size_t from = out->n;

  if (!append(out, &m->roles[amlrt__ring_start(p, role)], 0, mem)) return false;
  if (!append(out, &m->roles[role], 0, mem)) return false;
  uint32_t *ring = out->at + from;
  size_t n = out->n - from, at = amlrt__least_rotation(ring, n);
  reverse(ring, at); // three reversals turn it in place
  reverse(ring + at, n - at);
  reverse(ring, n);
  return true;
}

static bool key_of_role(amlrt__u32s *out, const amlrt_match *m, const amlrt_pattern_info *p,
                        uint32_t role, const amlrt_alloc *mem)
{
  if (!append(out, &m->roles[role], 1, mem)) return false;
  if (p->roles[role].kind == AMLRT_ROLE_CHAIN) out->at[out->n++] = 0;
  return true;
}

bool amlrt__keys_shown(amlrt__u32s *out, const amlrt_match *m, const amlrt_pattern_info *p,
                       const amlrt_alloc *mem)
{
  for (uint32_t r = 0; r < p->n_roles; r++)
    if (p->roles[r].kind != AMLRT_ROLE_GROUP && !key_of_role(out, m, p, r, mem)) return false;
  return true;
}

static bool key_of_ring(amlrt__u32s *out, const amlrt_match *m, const amlrt_pattern_info *p,
                        uint32_t role, const amlrt_alloc *mem)
{
  size_t from = out->n;

  if (!amlrt__ring(out, m, p, role, mem)) return false;
  for (size_t i = from; i < out->n; i++)
    out->at[i]++;
  if (!amlrt__u32s_room(out, out->n + 1, mem)) return false;
  out->at[out->n++] = 0;
  return true;
}

bool amlrt__keys_grouped(amlrt__u32s *out, const amlrt_match *m, const amlrt_pattern_info *p,
                         const amlrt_alloc *mem)
{
  for (uint32_t r = 0; r < p->n_roles; r++) {
    bool ring = amlrt__ring_start(p, r) != AMLRT_NONE;
    if (p->roles[r].kind == AMLRT_ROLE_GROUP || amlrt__is_ring_start(p, r)) continue;
    if (!(ring ? key_of_ring(out, m, p, r, mem) : key_of_role(out, m, p, r, mem))) return false;
  }
  return true;
}

int amlrt__keys_cmp(const uint32_t *a, size_t n_a, const uint32_t *b, size_t n_b)
{
  for (size_t i = 0; i < n_a && i < n_b; i++)
    if (a[i] != b[i]) return a[i] < b[i] ? -1 : 1;
  return (n_a > n_b) - (n_a < n_b);
}

uint64_t amlrt__keys_hash(const uint32_t *at, size_t n)
{
  uint64_t h = 0x9e3779b97f4a7c15u ^ n;

  for (size_t i = 0; i < n; i++) {
    h = (h ^ at[i]) * 0xff51afd7ed558ccdu; // the odd constant of a 64-bit finaliser
    h ^= h >> 32;
  }
  return h;
}
