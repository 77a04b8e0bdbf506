// manifest.json: what was run on what, and what came out; in a stable order, indented for people.
#include "runtime/src/outfile.h"
#include "runtime/src/sha256.h"

#include <inttypes.h>
#include <stdio.h>

// A writer of indented JSON: each item begins with the comma of the one before it.
typedef struct writer {
  amlrt_out *o;
  int depth;
  bool first; // nothing stands yet in the innermost object or list
} writer;

static void item(writer *w)
{
  amlrt_out_printf(w->o, "%s\n%*s", w->first ? "" : ",", 2 * w->depth, "");
  w->first = false;
}

static void key(writer *w, const char *name)
{
  item(w);
  amlrt__out_json_z(w->o, name);
  amlrt__out_puts(w->o, ": ");
}

static void open_with(writer *w, const char *bracket)
{
  amlrt__out_puts(w->o, bracket);
  w->depth++;
  w->first = true;
}

static void close_with(writer *w, const char *bracket)
{
  w->depth--;
  if (!w->first) amlrt_out_printf(w->o, "\n%*s", 2 * w->depth, "");
  amlrt__out_puts(w->o, bracket);
  w->first = false;
}

static void put_text(writer *w, const char *name, const char *text)
{
  if (!text) return;
  key(w, name);
  amlrt__out_json_z(w->o, text);
}

static void put_number(writer *w, const char *name, uint64_t v)
{
  key(w, name);
  amlrt_out_printf(w->o, "%" PRIu64, v);
}

static void put_hash(writer *w, const uint8_t sha256[32])
{
  char hex[65];

  amlrt__sha256_hex(hex, sha256);
  put_text(w, "sha256", hex);
}

// ---- parts ----------------------------------------------------------------------------------------

static void put_pattern(writer *w, const amlrt_manifest_pattern *p)
{
  item(w);
  open_with(w, "{");
  put_text(w, "name", p->info->name);
  put_text(w, "id", p->info->id);
  put_text(w, "version", p->info->version);
  put_text(w, "file", p->file);
  put_hash(w, p->sha256);
  key(w, "params");
  open_with(w, "{");
  for (uint32_t i = 0; i < p->info->n_params; i++)
    put_text(w, p->info->params[i].name, p->info->params[i].value);
  close_with(w, "}");
  put_number(w, "matches", p->matches);
  put_number(w, "alerts", p->alerts);
  put_number(w, "inconclusive", p->inconclusive);
  put_number(w, "truncated", p->truncated);
  put_number(w, "hub_triggers", p->hub_triggers);
  close_with(w, "}");
}

static void put_patterns(writer *w, const amlrt_manifest *m)
{
  key(w, "patterns");
  open_with(w, "[");
  for (uint32_t i = 0; i < m->n_patterns; i++)
    put_pattern(w, &m->patterns[i]);
  close_with(w, "]");
}

static void put_rows(writer *w, uint64_t read, uint64_t used, uint64_t rejected)
{
  put_number(w, "read", read);
  put_number(w, "used", used);
  put_number(w, "rejected", rejected);
}

static void put_inputs(writer *w, const amlrt_table *t)
{
  uint64_t read = 0, used = 0, rejected = 0;

  key(w, "inputs");
  open_with(w, "[");
  for (uint32_t i = 0; i < amlrt_table_n_inputs(t); i++) {
    const amlrt_input_info *in = amlrt_table_input(t, i);
    item(w);
    open_with(w, "{");
    put_text(w, "name", in->path);
    put_number(w, "bytes", in->bytes);
    put_hash(w, in->sha256);
    put_rows(w, in->rows_read, in->rows_used, in->rows_rejected);
    close_with(w, "}");
    read += in->rows_read;
    used += in->rows_used;
    rejected += in->rows_rejected;
  }
  close_with(w, "]");
  key(w, "rows");
  open_with(w, "{");
  put_rows(w, read, used, rejected);
  close_with(w, "}");
}

static void put_outcomes(writer *w, const amlrt_manifest *m)
{
  uint64_t alerts = 0, inconclusive = 0, truncated = 0;

  for (uint32_t i = 0; i < m->n_patterns; i++) {
    alerts += m->patterns[i].alerts;
    inconclusive += m->patterns[i].inconclusive;
    truncated += m->patterns[i].truncated;
  }
  key(w, "outcomes");
  open_with(w, "{");
  put_number(w, "match", alerts - inconclusive);
  put_number(w, "inconclusive", inconclusive);
  put_number(w, "truncated", truncated);
  close_with(w, "}");
}

static void put_limits(writer *w, const amlrt_manifest *m)
{
  key(w, "limits_hit");
  open_with(w, "[");
  for (uint32_t i = 0; i < m->n_limits_hit; i++) {
    item(w);
    amlrt__out_json_z(w->o, m->limits_hit[i]);
  }
  close_with(w, "]");
}

static void put_outputs(writer *w, const amlrt_manifest *m)
{
  key(w, "outputs");
  open_with(w, "[");
  for (uint32_t i = 0; i < m->n_outputs; i++) {
    item(w);
    open_with(w, "{");
    put_text(w, "name", m->outputs[i].name);
    put_hash(w, m->outputs[i].sha256);
    close_with(w, "}");
  }
  close_with(w, "]");
}

void amlrt_write_manifest(amlrt_out *o, const amlrt_manifest *m)
{
  writer w = {.o = o};

  open_with(&w, "{");
  put_text(&w, "version", m->version);
  put_text(&w, "build", m->build);
  put_text(&w, "mode", m->mode);
  put_text(&w, "history", m->history);
  put_text(&w, "attribute", m->attribute);
  put_patterns(&w, m);
  if (m->table) put_inputs(&w, m->table);
  put_outcomes(&w, m);
  put_limits(&w, m);
  put_outputs(&w, m);
  close_with(&w, "}");
  amlrt__out_puts(o, "\n");
}
