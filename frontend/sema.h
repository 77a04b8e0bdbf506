// From syntax trees to checked graph IR: names, types, units, spans, imports, parameters.
//
//   sema_program *p = sema_load(mem, c, &loader);   // parses the files given and what they import
//   gir_module *m = sema_lower(mem, c, p, overrides, n);  // NULL when there were errors
//
// sema_load and sema_lower report everything section 8 of the language asks for; several errors in one
// run, and nothing vague after a sharp one.
#ifndef AML_FRONTEND_SEMA_H
#define AML_FRONTEND_SEMA_H

#include "frontend/ast.h"
#include "ir/gir.h"

// Reads a file for an import. `path` is already resolved against the importing file's folder. Returns
// the text (owned by the loader, copied by the caller), or NULL with a reason in *why.
typedef const char *(*sema_read_fn)(void *user, const char *path, size_t *n, const char **why);

typedef struct sema_root { // a file the user named
  uint32_t file;           // its source, already added to the context
} sema_root;

typedef struct sema_loader {
  const sema_root *roots;
  uint32_t n_roots;
  sema_read_fn read; // NULL: imports are an error
  void *user;
} sema_loader;

typedef struct sema_test { // a test block of a root file
  const ast_stmt *stmt;    // AST_TEST
  const char *pattern;     // name of its pattern, found or reported
  uint32_t file;
} sema_test;

typedef struct sema_program {
  VEC(ast_file *) files; // roots first, then imports in order of first use
  uint32_t n_roots;
  VEC(const ast_stmt *) patterns; // of the roots (those that are run), in order
  VEC(uint32_t) pattern_files;    // source of each
  VEC(sema_test) tests;
  struct sema_state *state; // private
} sema_program;

// Parses and checks; NULL only without memory. Errors: diag_n_errors(c).
sema_program *sema_load(arena *mem, cx *c, const sema_loader *loader);

// A parameter's value from outside: --param PATTERN.NAME=VALUE, or `param` in a test block. `value` is
// text in the syntax of the language ("24h", "5", "0.7~0.8..1.2"); errors are reported at `where`, or
// without a place when its file is UINT32_MAX. pattern "": every pattern that has it.
typedef struct sema_override {
  const char *pattern, *name, *value;
  const ast_expr *expr; // instead of value
  span where;
} sema_override;

// Checks all patterns and profiles of the roots and lowers them. NULL when there are errors.
gir_module *sema_lower(arena *mem, cx *c, sema_program *p, const sema_override *overrides,
                       uint32_t n_overrides);
// The same for one pattern (reachable by name, also imported), for a test block.
gir_module *sema_lower_one(arena *mem, cx *c, sema_program *p, const char *pattern,
                           const sema_override *overrides, uint32_t n_overrides);

#endif
