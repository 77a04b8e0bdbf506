// Numbers, times, bounds and outcomes in words.
#include "frontend/driver/why_parts.h"
#include "amlrt/table.h"
#include <string.h>

enum { DECIMALS = 4 };

// ---- numbers ----------------------------------------------------------------------------------------

const char *why_number(arena *mem, const char *text)
{
  int64_t mantissa, cut = 1;
  int decimals;
  char out[64];

  if (!amlrt_decimal_parse(&mantissa, &decimals, text, strlen(text))) return text;
  for (; decimals > DECIMALS; decimals--)
    cut *= 10;
  int64_t half = mantissa < 0 ? -(cut / 2) : cut / 2;
  int64_t rounded = (mantissa + half) / cut;
  if (rounded == 0 && mantissa != 0) return text; // a tiny number is not nothing
  amlrt_decimal_print(out, rounded, decimals, 0);
  return arena_text(mem, out, strlen(out));
}

const char *why_duration(arena *mem, const char *seconds)
{
  static const struct {
    int64_t seconds;
    const char *unit;
  } units[] = {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
  int64_t left;
  int decimals;
  const char *words = "";

  if (!amlrt_decimal_parse(&left, &decimals, seconds, strlen(seconds)) || decimals || left < 0)
    return arena_printf(mem, "%s s", seconds);
  if (left == 0) return "0 s";
  for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
    if (left < units[i].seconds) continue;
    words = arena_printf(mem, "%s%s%lld %s", words, *words ? " " : "",
                         (long long)(left / units[i].seconds), units[i].unit);
    left %= units[i].seconds;
  }
  return words;
}

const char *why_time(arena *mem, const char *time, bool seconds)
{
  size_t n = strlen(time);

  if (n < 20 || time[n - 1] != 'Z' || time[n - 10] != 'T') return time;
  return arena_printf(mem, "%.*s %.*s", (int)(n - 10), time, seconds ? 8 : 5, time + n - 9);
}

const char *why_clean(arena *mem, const char *text)
{
  char *clean = arena_text(mem, text, strlen(text));

  for (char *at = clean; *at; at++) {
    unsigned char c = (unsigned char)*at;
    bool c1 = c == 0xc2 && ((unsigned char)at[1] & 0xe0) == 0x80; // U+0080 .. U+009F, two bytes
    if (c < 0x20 || c == 0x7f || c1) *at = '?';
    if (c1) *++at = '?';
  }
  return clean;
}

size_t why_columns(const char *text)
{
  size_t n = 0;

  for (; *text; text++)
    n += ((unsigned char)*text & 0xc0) != 0x80; // of a character only the first byte
  return n;
}

// ---- constraints ------------------------------------------------------------------------------------

static const char *text_of(const json *constraint)
{
  const json *text = json_get(constraint, "text", JSON_STRING);

  return text ? text->text : "";
}

static bool begins(const char *text, const char *with)
{
  return strncmp(text, with, strlen(with)) == 0;
}

// Is the value a duration? The file has no units: where all of the left side is a gap or the span, it is.
static bool is_duration(const char *text)
{
  const char *colon = strstr(text, ": ");

  if (begins(text, "require ")) text += strlen("require ");
  if ((begins(text, "each ") || begins(text, "along ")) && colon) text = colon + 2;
  const char *rest = begins(text, "gap(") ? strchr(text, ')') : NULL;
  if (begins(text, "span ")) rest = text + strlen("span") - 1;
  return rest && (begins(rest + 1, " in ") || (rest[1] == ' ' && strchr("<>=!", rest[2])));
}

static const char *value_words(arena *mem, const json *constraint, const json *number)
{
  if (is_duration(text_of(constraint))) return why_duration(mem, number->text);
  return why_number(mem, number->text);
}

// The four bounds in words; NULL where missing.
static bool take_bounds(const char *out[4], arena *mem, const json *constraint)
{
  const json *bounds = json_get(constraint, "bounds", JSON_LIST);
  uint32_t n = 0;
  bool any = false;

  memset(out, 0, 4 * sizeof *out);
  for (const json *b = bounds ? bounds->first : NULL; b && n < 4; b = b->next, n++) {
    if (b->kind != JSON_NUMBER) continue;
    out[n] = value_words(mem, constraint, b);
    any = true;
  }
  return any;
}

static const char *fading(arena *mem, const char *a, const char *d)
{
  if (a && d) return arena_printf(mem, " fully, fading out at %s and %s", a, d);
  if (a || d) return arena_printf(mem, " fully, fading out at %s", a ? a : d);
  return "";
}

const char *why_bounds(arena *mem, const json *constraint)
{
  const char *at[4];

  if (!take_bounds(at, mem, constraint)) return NULL;
  const char *fade = fading(mem, at[0], at[3]);
  if (at[1] && at[2] && strcmp(at[1], at[2]) == 0)
    return arena_printf(mem, "exactly %s%s", at[1], fade);
  if (at[1] && at[2]) return arena_printf(mem, "between %s and %s%s", at[1], at[2], fade);
  if (at[1]) return arena_printf(mem, "at least %s%s", at[1], fade);
  return arena_printf(mem, "at most %s%s", at[2] ? at[2] : "?", fade);
}

static const char *degree_words(arena *mem, const json *constraint)
{
  const json *degree = json_get(constraint, "degree", JSON_NUMBER);

  if (!degree) return "of no degree";
  if (strcmp(degree->text, "1") == 0) return "holds";
  return arena_printf(mem, "holds to a degree of %s", why_number(mem, degree->text));
}

// Is the value shown the worst of several? Under `along`, and under `each` of a group.
static bool of_several(const char *text, const json *roles)
{
  if (begins(text, "along ")) return true;
  if (!begins(text, "each ")) return false;
  text += strlen("each ");
  size_t n = strcspn(text, ":");
  for (const json *r = roles ? roles->first : NULL; r; r = r->next)
    if (strlen(r->key) == n && memcmp(r->key, text, n) == 0)
      return r->kind == JSON_LIST && r->n > 1;
  return true;
}

const char *why_outcome(arena *mem, const json *constraint, const json *roles)
{
  const json *left_out = json_get(constraint, "left_out", JSON_BOOL);
  const json *value = json_get(constraint, "value", JSON_NUMBER);
  const char *text = text_of(constraint), *bounds = why_bounds(mem, constraint);
  const char *degree = degree_words(mem, constraint);

  if (left_out && left_out->truth)
    return "left out: it could not be evaluated here (an amount, a currency or a rate is missing)";
  if (!value) return bounds ? arena_printf(mem, "wanted %s: %s", bounds, degree) : degree;
  const char *worst = of_several(text, roles) ? "the worst is " : "is ";
  const char *words = value_words(mem, constraint, value);
  if (!bounds) return arena_printf(mem, "%s%s: %s", worst, words, degree);
  return arena_printf(mem, "%s%s, wanted %s: %s", worst, words, bounds, degree);
}
