# What `amlc --version` and every manifest say: the version and what git calls this tree. No clock
# and no host, so that two builds of one commit are equal.
#   #include "aml_build_id.h" (from the build folder, on every target's path)
# Included, it makes the header and a target that makes it again before each build; run by
# `cmake -P`, as that target does, it only writes the header, and only when it would change.
function(aml_write_build_id source binary version)
  set(AMLC_BUILD_ID "unknown")
  set(PROJECT_VERSION ${version})
  find_package(Git QUIET)
  if(GIT_FOUND)
    execute_process(COMMAND ${GIT_EXECUTABLE} describe --always --dirty --abbrev=12
                    WORKING_DIRECTORY ${source}
                    OUTPUT_VARIABLE describe OUTPUT_STRIP_TRAILING_WHITESPACE
                    ERROR_QUIET RESULT_VARIABLE failed)
    if(NOT failed AND describe)
      set(AMLC_BUILD_ID "${describe}")
    endif()
  endif()
  configure_file(${source}/cmake/aml_build_id.h.in ${binary}/generated/aml_build_id.h @ONLY)
endfunction()

if(CMAKE_SCRIPT_MODE_FILE)
  aml_write_build_id(${SOURCE} ${BINARY} ${VERSION})
else()
  aml_write_build_id(${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR} ${PROJECT_VERSION})
  include_directories(${PROJECT_BINARY_DIR}/generated)
  add_custom_target(aml_build_id ALL
    COMMAND ${CMAKE_COMMAND} -DSOURCE=${PROJECT_SOURCE_DIR} -DBINARY=${PROJECT_BINARY_DIR}
            -DVERSION=${PROJECT_VERSION} -P ${PROJECT_SOURCE_DIR}/cmake/build_id.cmake
    BYPRODUCTS ${PROJECT_BINARY_DIR}/generated/aml_build_id.h
    COMMENT "Asking git for the build's name" VERBATIM)
endif()
