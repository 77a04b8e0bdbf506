// SHA-256: the vectors of NIST (FIPS 180-4 examples, SHAVS).
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/src/sha256.h"

Suite *make_sha256_suite(void);

static void check(const char *text, size_t times, const char *want)
{
  amlrt__sha256 h;
  uint8_t digest[32];
  char hex[65];

  amlrt__sha256_init(&h);
  for (size_t i = 0; i < times; i++)
    amlrt__sha256_add(&h, text, strlen(text));
  amlrt__sha256_end(&h, digest);
  amlrt__sha256_hex(hex, digest);
  ck_assert_str_eq(hex, want);
}

START_TEST(vectors)
{
  check("", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  check("abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  check("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  check("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqr"
        "lmnopqrsmnopqrstnopqrstu",
        1, "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1");
  check("a", 1000000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}
END_TEST

// The same digest however the bytes are cut.
START_TEST(cuts)
{
  char bytes[300];
  uint8_t whole[32], parts[32];
  amlrt__sha256 h;

  for (size_t i = 0; i < sizeof bytes; i++)
    bytes[i] = (char)(i * 7);
  for (size_t n = 0; n < sizeof bytes; n++) {
    amlrt__sha256_init(&h);
    amlrt__sha256_add(&h, bytes, n);
    amlrt__sha256_end(&h, whole);
    for (size_t cut = 0; cut <= n; cut += 13) {
      amlrt__sha256_init(&h);
      amlrt__sha256_add(&h, bytes, cut);
      amlrt__sha256_add(&h, bytes + cut, n - cut);
      amlrt__sha256_end(&h, parts);
      ck_assert_mem_eq(whole, parts, 32);
    }
  }
}
END_TEST

// The machine's own instructions give the same; where it has none, this compares equal code.
START_TEST(machine)
{
  char bytes[1000];
  uint8_t plain[32], bulk[32];
  amlrt__sha256 h;

  for (size_t i = 0; i < sizeof bytes; i++)
    bytes[i] = (char)(i * 31 >> 3);
  for (size_t n = 0; n < sizeof bytes; n++) {
    amlrt__sha256_init(&h);
    amlrt__sha256_add(&h, bytes, n);
    amlrt__sha256_end(&h, plain);
    amlrt__sha256_init_bulk(&h);
    amlrt__sha256_add(&h, bytes, n / 3);
    amlrt__sha256_add(&h, bytes + n / 3, n - n / 3);
    amlrt__sha256_end(&h, bulk);
    ck_assert_mem_eq(plain, bulk, 32);
  }
}
END_TEST

Suite *make_sha256_suite(void)
{
  Suite *s = suite_create("sha256");
  TCase *tc = tcase_create("hash");

  tcase_add_test(tc, vectors);
  tcase_add_test(tc, cuts);
  tcase_add_test(tc, machine);
  suite_add_tcase(s, tc);
  return s;
}
