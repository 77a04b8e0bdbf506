// Debug information: which line of the pattern's text an instruction stands for, and which condition a
// function is, so that gdb and perf can say it.
#include "backend_cpu/jit/jit_inside.h"
#include "ir/base/source.h"

#include <string.h>

static LLVMMetadataRef make_file(jit_cx *j, const char *path)
{
  const char *slash = strrchr(path, '/');
  const char *name = slash ? slash + 1 : path;
  size_t n_dir = slash ? (size_t)(slash - path) : 1;
  if (!*name) name = "a pattern"; // from a text without a name
  return LLVMDIBuilderCreateFile(j->di, name, strlen(name), slash ? path : ".", n_dir);
}

static LLVMMetadataRef file_of(jit_cx *j, span where)
{
  if (where.file >= source_count(j->c) || !j->files) return NULL;
  if (!j->files[where.file])
    j->files[where.file] = make_file(j, source_get(j->c, where.file)->name);
  return j->files[where.file];
}

static void add_flag(jit_cx *j, const char *name, unsigned value)
{
  LLVMAddModuleFlag(j->m, LLVMModuleFlagBehaviorWarning, name, strlen(name),
                    LLVMValueAsMetadata(jit_int(j, j->i32, value)));
}

void jit_debug_begin(jit_cx *j)
{
  enum { DWARF = 4 };
  const char *first = j->in->n_modules ? j->in->modules[0]->source : "";
  static const char made_by[] = "amlc";
  j->di = LLVMCreateDIBuilder(j->m);
  add_flag(j, "Debug Info Version", LLVMDebugMetadataVersion());
  add_flag(j, "Dwarf Version", DWARF);
  j->files = arena_try(j->mem, (source_count(j->c) + 1) * sizeof *j->files);
  // DWARF has no number for our language; C is what debuggers take best.
  j->unit = LLVMDIBuilderCreateCompileUnit(
      j->di, LLVMDWARFSourceLanguageC99, make_file(j, first), made_by, sizeof made_by - 1, true, "",
      0, 0, "", 0, LLVMDWARFEmissionLineTablesOnly, 0, false, false, "", 0, "", 0);
}

void jit_debug_fn(jit_cx *j, const kir_module *m, const kir_fn *f, LLVMValueRef fn)
{
  LLVMMetadataRef file = file_of(j, f->span);
  size_t n;
  (void)m;
  LLVMSetCurrentDebugLocation2(j->b, NULL);
  if (!file) return;
  const char *name = LLVMGetValueName2(fn, &n);
  unsigned line = source_line_col(j->c, f->span.file, f->span.start).line;
  LLVMMetadataRef type = LLVMDIBuilderCreateSubroutineType(j->di, file, NULL, 0, LLVMDIFlagZero);
  LLVMSetSubprogram(fn, LLVMDIBuilderCreateFunction(j->di, file, name, n, "", 0, file, line, type,
                                                    true, true, line, LLVMDIFlagZero, true));
  jit_debug_at(j, fn, f->span);
}

void jit_debug_at(jit_cx *j, LLVMValueRef fn, span where)
{
  LLVMMetadataRef scope = LLVMGetSubprogram(fn);
  if (!scope || where.file >= source_count(j->c) || where.end == 0) return;
  line_col at = source_line_col(j->c, where.file, where.start);
  LLVMSetCurrentDebugLocation2(
      j->b, LLVMDIBuilderCreateDebugLocation(j->lc, at.line, at.col, scope, NULL));
}

void jit_debug_end(jit_cx *j)
{
  LLVMDIBuilderFinalize(j->di);
  LLVMDisposeDIBuilder(j->di);
}
