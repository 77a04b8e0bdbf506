// A JSON reader by recursive descent (RFC 8259), with a bound on depth.
#include "frontend/driver/json_read.h"
#include <string.h>

typedef struct reader {
  arena *mem;
  const char *at, *end;
  const char *why;
  int depth;
} reader;

static const json *fail(reader *r, const char *why)
{
  if (!r->why) r->why = why;
  return NULL;
}

static void skip_space(reader *r)
{
  while (r->at < r->end && (*r->at == ' ' || *r->at == '\t' || *r->at == '\n' || *r->at == '\r'))
    r->at++;
}

static bool take(reader *r, char c)
{
  skip_space(r);
  if (r->at == r->end || *r->at != c) return false;
  r->at++;
  return true;
}

// ---- strings --------------------------------------------------------------------------------------

static int hex_value(char c)
{
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Four digits; -1 when they are not.
static int32_t take_hex4(reader *r)
{
  int32_t v = 0;

  if (r->end - r->at < 4) return -1;
  for (int i = 0; i < 4; i++) {
    int digit = hex_value(*r->at++);
    if (digit < 0) return -1;
    v = v * 16 + digit;
  }
  return v;
}

static char *put_utf8(char *to, uint32_t c)
{
  if (c < 0x80) {
    *to++ = (char)c;
    return to;
  }
  if (c < 0x800) {
    *to++ = (char)(0xc0 | c >> 6);
  } else if (c < 0x10000) {
    *to++ = (char)(0xe0 | c >> 12);
    *to++ = (char)(0x80 | (c >> 6 & 0x3f));
  } else {
    *to++ = (char)(0xf0 | c >> 18);
    *to++ = (char)(0x80 | (c >> 12 & 0x3f));
    *to++ = (char)(0x80 | (c >> 6 & 0x3f));
  }
  *to++ = (char)(0x80 | (c & 0x3f));
  return to;
}

// After \u. Half a pair and NUL become U+FFFD: C texts have no better place for them.
static char *take_unicode(reader *r, char *to)
{
  int32_t c = take_hex4(r);

  if (c < 0) return NULL;
  if (c >= 0xd800 && c < 0xdc00 && r->end - r->at >= 6 && r->at[0] == '\\' && r->at[1] == 'u') {
    const char *back = r->at;
    r->at += 2;
    int32_t low = take_hex4(r);
    if (low >= 0xdc00 && low < 0xe000)
      return put_utf8(to, 0x10000u + ((uint32_t)(c - 0xd800) << 10) + (uint32_t)(low - 0xdc00));
    r->at = back;
  }
  return put_utf8(to, c == 0 || (c >= 0xd800 && c < 0xe000) ? 0xfffd : (uint32_t)c);
}

static char *take_escape(reader *r, char *to)
{
  static const char from[] = "\"\\/bfnrt", into[] = "\"\\/\b\f\n\r\t";

  if (r->at == r->end) return NULL;
  char c = *r->at++;
  if (c == 'u') return take_unicode(r, to);
  const char *known = memchr(from, c, sizeof from - 1);
  if (!known) return NULL;
  *to = into[known - from];
  return to + 1;
}

static const char *string_end(const reader *r)
{
  const char *at = r->at;

  while (at < r->end && *at != '"')
    at += *at == '\\' ? 2 : 1;
  return at < r->end ? at : NULL;
}

// After the first quote. Never longer decoded than written.
static const char *take_string(reader *r)
{
  const char *end = string_end(r);
  char *text = end ? arena_try(r->mem, (size_t)(end - r->at) + 1) : NULL, *to = text;

  if (!end) fail(r, "a string without an end");
  if (!text) return NULL;
  while (to && r->at < end) {
    if ((unsigned char)*r->at < 0x20) {
      fail(r, "a control character in a string");
      return NULL;
    }
    if (*r->at != '\\') {
      *to++ = *r->at++;
      continue;
    }
    r->at++;
    to = take_escape(r, to);
  }
  if (!to || r->at != end) {
    fail(r, "an escape that is none");
    return NULL;
  }
  *to = '\0';
  r->at = end + 1;
  return text;
}

// ---- values ---------------------------------------------------------------------------------------

static json *node(reader *r, json_kind kind)
{
  json *v = arena_make(r->mem, json);

  v->kind = kind;
  return v;
}

static size_t digits(reader *r)
{
  const char *from = r->at;

  while (r->at < r->end && *r->at >= '0' && *r->at <= '9')
    r->at++;
  return (size_t)(r->at - from);
}

static const json *take_number(reader *r)
{
  const char *from = r->at;

  if (*r->at == '-') r->at++;
  bool ok = digits(r) > 0;
  if (ok && r->at < r->end && *r->at == '.') {
    r->at++;
    ok = digits(r) > 0;
  }
  if (ok && r->at < r->end && (*r->at == 'e' || *r->at == 'E')) {
    r->at++;
    if (r->at < r->end && (*r->at == '+' || *r->at == '-')) r->at++;
    ok = digits(r) > 0;
  }
  if (!ok) return fail(r, "a number that is none");
  json *v = node(r, JSON_NUMBER);
  v->text = arena_text(r->mem, from, (size_t)(r->at - from));
  return v;
}

static const json *take_word(reader *r)
{
  static const struct {
    const char *word;
    json_kind kind;
    bool truth;
  } words[] = {{"null", JSON_NULL, false}, {"true", JSON_BOOL, true}, {"false", JSON_BOOL, false}};

  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    size_t n = strlen(words[i].word);
    if ((size_t)(r->end - r->at) < n || memcmp(r->at, words[i].word, n) != 0) continue;
    json *v = node(r, words[i].kind);
    v->truth = words[i].truth;
    r->at += n;
    return v;
  }
  return fail(r, "something that is no value");
}

static const json *take_value(reader *r);

// After the bracket.
static const json *take_members(reader *r, json_kind kind)
{
  char close = kind == JSON_LIST ? ']' : '}';
  json *all = node(r, kind), **last = &all->first;

  if (take(r, close)) return all;
  do {
    const char *key = NULL;
    if (kind == JSON_OBJECT) {
      if (!take(r, '"')) return fail(r, "a member without a name");
      key = take_string(r);
      if (!key) return NULL;
      if (!take(r, ':')) return fail(r, "a name without a ':'");
    }
    const json *v = take_value(r);
    if (!v || !cx_ok(arena_cx(r->mem))) return NULL;
    *last = node(r, v->kind);
    **last = *v;
    (*last)->key = key;
    last = &(*last)->next;
    all->n++;
  } while (take(r, ','));
  return take(r, close) ? all : fail(r, "a list or object without an end");
}

static const json *take_value(reader *r)
{
  const json *v;

  skip_space(r);
  if (r->at == r->end) return fail(r, "the text ends too early");
  if (r->depth == JSON_DEPTH) return fail(r, "lists and objects nest too deep");
  r->depth++;
  if (take(r, '{')) {
    v = take_members(r, JSON_OBJECT);
  } else if (take(r, '[')) {
    v = take_members(r, JSON_LIST);
  } else if (take(r, '"')) {
    json *text = node(r, JSON_STRING);
    text->text = take_string(r);
    v = text->text ? text : NULL;
  } else if (*r->at == '-' || (*r->at >= '0' && *r->at <= '9')) {
    v = take_number(r);
  } else {
    v = take_word(r);
  }
  r->depth--;
  return v;
}

const json *json_read(arena *mem, const char *text, size_t n, const char **why)
{
  reader r = {.mem = mem, .at = text, .end = text + n};
  const json *v = take_value(&r);

  skip_space(&r);
  if (v && r.at != r.end) v = fail(&r, "something after the value");
  *why = r.why ? r.why : "out of memory";
  return cx_ok(arena_cx(mem)) ? v : NULL;
}

const json *json_get(const json *object, const char *key, json_kind kind)
{
  if (!object || object->kind != JSON_OBJECT) return NULL;
  for (const json *v = object->first; v; v = v->next)
    if (strcmp(v->key, key) == 0) return v->kind == kind ? v : NULL;
  return NULL;
}
