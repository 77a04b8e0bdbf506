// Files for tests: made in a folder of their own, or real data that may be absent.
#ifndef AML_TESTS_FILES_H
#define AML_TESTS_FILES_H

#include <stdbool.h>
#include <stddef.h>

// Writes a file into a new folder and gives its path; both live until files_clean.
const char *file_with(const char *name, const char *text);
const char *file_with_bytes(const char *name, const void *bytes, size_t n);
// The same, packed by gzip, less the last `cut` bytes.
const char *file_packed(const char *name, const char *text, size_t cut);
// Removes all files made since the last time. Call it at the end of each test.
void files_clean(void);

// The path of a file of the shared data (AML_DATA_DIR), or NULL and a line that says that the test is
// skipped where it is not there. Good until the next call but three.
const char *data_file(const char *name);

#endif
