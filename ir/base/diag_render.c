// Diagnostics in order, and as JSON lines and SARIF 2.1.0. The form for people is in diag_text.c.
#include "ir/base/diag.h"

#include <string.h>
#include "ir/base/diag_inside.h"

bool diag__has_place(const cx *c, const diag_item *d)
{
  return d->where.file < c->n_sources;
}

const char *diag__severity(const diag_item *d)
{
  return diag_codes[d->code].severity == DIAG_SEV_ERROR ? "error" : "warning";
}

static bool stands_after(const diag_item *a, const diag_item *b)
{
  if (a->where.file != b->where.file) return a->where.file > b->where.file;
  return a->where.start > b->where.start;
}

uint32_t diag__sorted(cx *c, const diag_item ***items)
{
  uint32_t n = 0;

  *items = c->diag.n_kept ? cx_alloc(c, c->diag.n_kept * sizeof **items) : NULL;
  if (!*items) return 0;
  for (const diag_item *d = c->diag.first; d; d = d->next) {
    uint32_t i = n++; // by insertion: there are at most two limits' worth of them
    for (; i > 0 && stands_after((*items)[i - 1], d); i--)
      (*items)[i] = (*items)[i - 1];
    (*items)[i] = d;
  }
  return n;
}

void diag_render(cx *c, strbuf *out, diag_format format, bool colour)
{
  const diag_item **items;
  uint32_t n = diag__sorted(c, &items);

  switch (format) {
  case DIAG_TEXT:
    diag__text(c, out, items, n, colour);
    break;
  case DIAG_JSON:
    diag__json(c, out, items, n);
    break;
  case DIAG_SARIF:
    diag__sarif(c, out, items, n);
    break;
  }
  cx_release(c, items);
}

// ---- JSON lines ---------------------------------------------------------------------------------

typedef struct json_row {
  const char *file, *severity, *code, *message, *help;
  line_col at;
} json_row;

static void json_line(strbuf *out, json_row r)
{
  strbuf_puts(out, "{\"file\":");
  strbuf_json(out, r.file);
  strbuf_printf(out, ",\"line\":%u,\"column\":%u,\"severity\":\"%s\",\"code\":\"%s\",\"message\":",
                r.at.line, r.at.col, r.severity, r.code);
  strbuf_json(out, r.message);
  strbuf_puts(out, ",\"help\":");
  strbuf_json(out, r.help);
  strbuf_puts(out, "}\n");
}

void diag__json(cx *c, strbuf *out, const diag_item *const *items, uint32_t n)
{
  json_row row = {.file = "", .at = {.line = 1, .col = 1}};

  for (uint32_t i = 0; i < n; i++) {
    const diag_item *d = items[i];
    row = (json_row){.file = "",
                     .severity = diag__severity(d),
                     .code = diag_codes[d->code].code,
                     .message = d->message,
                     .help = d->help ? d->help : "",
                     .at = {.line = 1, .col = 1}};
    if (diag__has_place(c, d)) {
      row.file = source_get(c, d->where.file)->name;
      row.at = source_line_col(c, d->where.file, d->where.start);
    }
    json_line(out, row);
  }
  if (!c->diag.too_many) return;
  row.severity = "error"; // at the place of the last one: there the reading ended
  row.code = diag_codes[DIAG_LIMIT].code;
  row.message = DIAG_TOO_MANY;
  row.help = "";
  json_line(out, row);
}

// ---- SARIF --------------------------------------------------------------------------------------

// A file's name as a URI reference: what is not plain is percent-encoded.
static void sarif_uri(strbuf *out, const char *name)
{
  strbuf_putc(out, '"');
  for (; *name; name++) {
    unsigned char ch = (unsigned char)*name;
    bool plain = (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9');
    if (plain || strchr("-._~/", ch))
      strbuf_putc(out, (char)ch);
    else
      strbuf_printf(out, "%%%02X", ch);
  }
  strbuf_putc(out, '"');
}

static void sarif_location(cx *c, strbuf *out, span where, const char *message)
{
  line_col from = source_line_col(c, where.file, where.start);
  line_col to = source_line_col(c, where.file, where.end);

  strbuf_puts(out, "{\"physicalLocation\":{\"artifactLocation\":{\"uri\":");
  sarif_uri(out, source_get(c, where.file)->name);
  strbuf_printf(out,
                "},\"region\":{\"startLine\":%u,\"startColumn\":%u,\"endLine\":%u,"
                "\"endColumn\":%u}}",
                from.line, from.col, to.line, to.col);
  if (message) {
    strbuf_puts(out, ",\"message\":{\"text\":");
    strbuf_json(out, message);
    strbuf_putc(out, '}');
  }
  strbuf_putc(out, '}');
}

static void sarif_message(cx *c, strbuf *out, const diag_item *d)
{
  strbuf text;

  strbuf_init(&text, c);
  strbuf_puts(&text, d->message);
  for (const diag_note_item *note = d->notes; note; note = note->next)
    if (!note->has_place) strbuf_printf(&text, "\nnote: %s", note->text);
  if (d->help) strbuf_printf(&text, "\nhelp: %s", d->help);
  strbuf_puts(out, "\"message\":{\"text\":");
  strbuf_json(out, strbuf_text(&text));
  strbuf_putc(out, '}');
  strbuf_release(&text);
}

static void sarif_result(cx *c, strbuf *out, const diag_item *d)
{
  bool first = true;

  strbuf_printf(out, "{\"ruleId\":\"%s\",\"ruleIndex\":%d,\"level\":\"%s\",",
                diag_codes[d->code].code, (int)d->code, diag__severity(d));
  sarif_message(c, out, d);
  if (diag__has_place(c, d)) {
    strbuf_puts(out, ",\"locations\":[");
    sarif_location(c, out, d->where, NULL);
    strbuf_putc(out, ']');
  }
  for (const diag_note_item *note = d->notes; note; note = note->next) {
    if (!note->has_place) continue;
    strbuf_puts(out, first ? ",\"relatedLocations\":[" : ",");
    sarif_location(c, out, note->where, note->text);
    first = false;
  }
  strbuf_puts(out, first ? "}" : "]}");
}

static void sarif_rules(strbuf *out)
{
  for (int i = 0; i < DIAG_N_CODES; i++) {
    strbuf_printf(out, "%s\n      {\"id\":\"%s\",\"shortDescription\":{\"text\":", i ? "," : "",
                  diag_codes[i].code);
    strbuf_json(out, diag_codes[i].help);
    strbuf_printf(out, "},\"defaultConfiguration\":{\"level\":\"%s\"}}",
                  diag_codes[i].severity == DIAG_SEV_ERROR ? "error" : "warning");
  }
}

void diag__sarif(cx *c, strbuf *out, const diag_item *const *items, uint32_t n)
{
  strbuf_puts(out, "{\n  \"$schema\": \"https://json.schemastore.org/sarif-2.1.0.json\",\n"
                   "  \"version\": \"2.1.0\",\n  \"runs\": [{\n"
                   "    \"tool\": {\"driver\": {\"name\": \"amlc\", \"rules\": [");
  sarif_rules(out);
  strbuf_puts(out, "\n    ]}},\n    \"columnKind\": \"unicodeCodePoints\",\n    \"results\": [");
  for (uint32_t i = 0; i < n; i++) {
    strbuf_puts(out, i ? ",\n      " : "\n      ");
    sarif_result(c, out, items[i]);
  }
  if (c->diag.too_many)
    strbuf_printf(out,
                  "%s\n      {\"ruleId\":\"%s\",\"ruleIndex\":%d,\"level\":\"error\","
                  "\"message\":{\"text\":\"" DIAG_TOO_MANY "\"}}",
                  n ? "," : "", diag_codes[DIAG_LIMIT].code, (int)DIAG_LIMIT);
  strbuf_puts(out, "\n    ]\n  }]\n}\n");
}
