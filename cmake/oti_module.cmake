# One module = one folder of src/ = one static library `oti_NAME`.
#
#   oti_module(LAYER 2 DEPENDS base crypto EXTERNAL OpenSSL::Crypto)
#
# LAYER     the module's layer (docs/architecture.md)
# DEPENDS   modules of lower layers, or of the same layer and declared earlier (so there are no cycles);
#           an #include of any other module's header fails the build
# EXTERNAL  libraries from outside
#
# *_test.cpp become `test_NAME`, *_bench.cpp become `bench_NAME`, each X_fuzz.cpp becomes `fuzz_X` (preset fuzz).
include(GoogleTest)

# libcjose 0.6 loses one byte at each ECDH-ES; nothing of ours is hidden by this.
set(OTI_TEST_ENVIRONMENT "LSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/cmake/lsan.supp:print_suppressions=0")

function(oti_check_includes module folder)
  file(GLOB sources CONFIGURE_DEPENDS ${folder}/*.cpp ${folder}/*.h)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${sources})
  file(GLOB folders RELATIVE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/src/*)
  foreach(source ${sources})
    file(STRINGS ${source} includes REGEX "^#include \"[a-z0-9_]+/")
    foreach(line ${includes})
      string(REGEX REPLACE "^#include \"([a-z0-9_]+)/.*" "\\1" used "${line}")
      if(NOT used STREQUAL module AND used IN_LIST folders AND NOT used IN_LIST ARGN)
        message(FATAL_ERROR "${source}: module '${module}' includes '${used}' without naming it in DEPENDS")
      endif()
    endforeach()
  endforeach()
endfunction()

function(oti_module)
  cmake_parse_arguments(arg "" "LAYER" "DEPENDS;EXTERNAL;TEST_DEPENDS" ${ARGN})
  get_filename_component(name ${CMAKE_CURRENT_SOURCE_DIR} NAME)
  set_property(GLOBAL PROPERTY oti_layer_${name} ${arg_LAYER})

  foreach(dependency ${arg_DEPENDS})
    get_property(layer GLOBAL PROPERTY oti_layer_${dependency})
    if(layer STREQUAL "" OR layer GREATER arg_LAYER)
      message(FATAL_ERROR "module '${name}' (layer ${arg_LAYER}) must not depend on '${dependency}' (layer ${layer})")
    endif()
  endforeach()
  # What is on the card and what is off it must be able to disagree, or a common error hides.
  if(name STREQUAL "card" AND ("globalplatform" IN_LIST arg_DEPENDS OR "manager" IN_LIST arg_DEPENDS))
    message(FATAL_ERROR "on-card code must not use off-card code")
  endif()
  # The three programs see each other's APIs over the network only.
  set(programs tsm sp agent)
  if(name IN_LIST programs)
    foreach(dependency ${arg_DEPENDS})
      if(dependency IN_LIST programs)
        message(FATAL_ERROR "program '${name}' must not depend on program '${dependency}'")
      endif()
    endforeach()
  endif()
  oti_check_includes(${name} ${CMAKE_CURRENT_SOURCE_DIR} ${arg_DEPENDS} ${arg_TEST_DEPENDS})

  file(GLOB sources CONFIGURE_DEPENDS *.cpp)
  set(tests ${sources})
  set(benches ${sources})
  set(fuzzers ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  list(FILTER benches INCLUDE REGEX "_bench\\.cpp$")
  list(FILTER fuzzers INCLUDE REGEX "_fuzz\\.cpp$")
  list(FILTER sources EXCLUDE REGEX "_(test|bench|fuzz)\\.cpp$")

  add_library(oti_${name} STATIC ${sources})
  target_include_directories(oti_${name} PUBLIC ${PROJECT_SOURCE_DIR}/src)
  list(TRANSFORM arg_DEPENDS PREPEND oti_)
  list(TRANSFORM arg_TEST_DEPENDS PREPEND oti_)
  target_link_libraries(oti_${name} PUBLIC ${arg_DEPENDS} ${arg_EXTERNAL})

  # Fuzz targets have a build of their own, and nothing else is in it.
  if(tests AND NOT OTI_FUZZ)
    add_executable(test_${name} ${tests})
    target_link_libraries(test_${name} PRIVATE oti_${name} ${arg_TEST_DEPENDS} GTest::gmock GTest::gtest_main)
    target_compile_definitions(test_${name} PRIVATE OTI_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
    gtest_discover_tests(test_${name} TEST_PREFIX ${name}/ DISCOVERY_MODE PRE_TEST
                         PROPERTIES TIMEOUT 300 ENVIRONMENT "${OTI_TEST_ENVIRONMENT}")
  endif()
  if(benches AND NOT OTI_FUZZ)
    add_executable(bench_${name} ${benches})
    target_link_libraries(bench_${name} PRIVATE oti_${name} ${arg_TEST_DEPENDS} benchmark::benchmark_main)
    target_compile_definitions(bench_${name} PRIVATE OTI_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  endif()
  if(OTI_FUZZ)
    foreach(fuzzer ${fuzzers})
      get_filename_component(target ${fuzzer} NAME_WE)
      string(REGEX REPLACE "_fuzz$" "" target ${target})
      add_executable(fuzz_${target} ${fuzzer})
      target_link_libraries(fuzz_${target} PRIVATE oti_${name} ${arg_TEST_DEPENDS})
      target_compile_definitions(fuzz_${target} PRIVATE OTI_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
      target_link_options(fuzz_${target} PRIVATE -fsanitize=fuzzer)
    endforeach()
  endif()
endfunction()
